import { existsSync } from 'node:fs';
import type { Workspace } from '../build/index.ts';
import { isDigest, PithError } from '../core/index.ts';
import { ImageView, type LayerMemory, loadReaders, readImage, READERS_VERSION } from '../inspect/index.ts';
import { type ImageSource, isLocation, openSource, type Location } from '../location/index.ts';
import { type Artifact, type Image, imagesOf, isIndexType, parseAnyPlatform } from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import { isPathOfImage, LOCAL_IMAGES, localImageOf, locationOf } from './image-names.ts';

const RECORD = 'inspected-layer';

/** What images are opened with: a workspace, or what moves images. */
export type ViewContext = Pick<Workspace, 'locations' | 'platform' | 'store' | 'onProgress'>;

export interface ViewFlags {
  /** Such as `linux/arm64`; of an index by default that of this machine. */
  readonly platform?: string;
}

/** An image with the name that it was asked for by and where it was found. */
export interface OpenedImage {
  readonly name: string;
  readonly location: Location;
  readonly image: Image;
}

export interface OpenedView extends OpenedImage {
  readonly view: ImageView;
}

/**
 * Opens an image for a look into its files: of a location, a path of a layout or an archive, an image of ./images, or else a name
 * in a registry. An index gives the image for the platform that is asked for, else for this machine, else its only one.
 * @throws BAD_LOCATION, UNKNOWN_IMAGE, UNKNOWN_PLATFORM, IMAGE_INVALID, and what reading its location and its layers throws
 */
export async function openView(name: string, flags: ViewFlags, context: ViewContext): Promise<OpenedView> {
  const opened = await openImage(name, flags, context);
  return { ...opened, view: await viewImage(opened.image, context) };
}

/** As openView, without the layers. */
export async function openImage(
  name: string,
  { platform }: ViewFlags,
  context: ViewContext,
): Promise<OpenedImage> {
  const location = await inspectedLocation(name, context);
  const source = openSource(location, context.locations);
  if (platform === 'all' || platform?.includes(','))
    throw new PithError('USAGE', `one platform is looked at, not ${JSON.stringify(platform)}`, {
      hint: 'Name one, such as linux/arm64. `pith check` and `pith test` look at all platforms of an index.',
    });
  if (platform !== undefined) {
    const image = onlyImage(await source.open(undefined, { platforms: [parseAnyPlatform(platform)] }));
    return { name, location, image };
  }
  return { name, location, image: await openFitting(source, location, context) };
}

/** The image for this machine, or the only one. A registry is not asked for those of other platforms. */
async function openFitting(
  source: ImageSource,
  { kind }: Location,
  { platform }: ViewContext,
): Promise<Image> {
  const isRemoteIndex = kind === 'docker' && isIndexType((await source.resolve()).mediaType);
  const whole = isRemoteIndex ? undefined : await source.open();
  if (whole?.kind === 'image') return whole;
  try {
    return onlyImage(await source.open(undefined, { platforms: [platform] }));
  } catch (error) {
    if (!(error instanceof PithError) || error.code !== 'UNKNOWN_PLATFORM') throw error;
    const [only, ...others] = imagesOf(whole ?? (await source.open()));
    if (only && others.length === 0) return only;
    throw error;
  }
}

/**
 * Opens the images of a name, those of an index for all its platforms, or for those that are named.
 * @param platforms such as `linux/arm64`; `all`, as the flag --platform has it, or nothing means all
 * @throws as openView
 */
export async function openImages(
  name: string,
  platforms: readonly string[] | undefined,
  context: ViewContext,
): Promise<OpenedImage[]> {
  const location = await inspectedLocation(name, context);
  const wanted = platforms?.includes('all') ? undefined : platforms?.map(parseAnyPlatform);
  const artifact = await openSource(location, context.locations).open(
    undefined,
    wanted ? { platforms: wanted } : {},
  );
  return imagesOf(artifact).map((image) => ({ name, location, image }));
}

/** Reads the layers of an image, as far as they were not read before. @throws as readImage */
export async function viewImage(
  image: Image,
  { locations, store, onProgress }: ViewContext,
): Promise<ImageView> {
  const { signal } = locations;
  const size = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const contents = await readImage(image, {
    readers: loadReaders,
    version: READERS_VERSION,
    memory: memoryOf(store),
    onProgress: ({ bytes }) => {
      if (bytes > 0) onProgress({ kind: 'layers-read', bytes, size });
    },
    ...(signal ? { signal } : {}),
  });
  return new ImageView(contents);
}

/** What is meant by the name of an image that is looked at. @throws BAD_LOCATION, UNKNOWN_IMAGE, IMAGE_INVALID */
async function inspectedLocation(name: string, { locations }: ViewContext): Promise<Location> {
  if (isLocation(name) || isPathOfImage(name)) return await localImageOf(name);
  const built = async (): Promise<Location | undefined> => await builtImageOf(name, locations);
  if (!existsSync(name)) return (await built()) ?? locationOf(name);
  try {
    return await localImageOf(name);
  } catch (error) {
    // A folder of sources may have the name of the image that is made of them.
    const known = await built();
    if (known) return known;
    throw error;
  }
}

/** An image of ./images; undefined if none has the name. */
async function builtImageOf(name: string, context: ViewContext['locations']): Promise<Location | undefined> {
  if (!existsSync(LOCAL_IMAGES)) return undefined;
  const listed = await openSource({ kind: 'oci', path: LOCAL_IMAGES }, context).list();
  const names = new Set(listed.flatMap((item) => item.names));
  const known = [name, `${name}:latest`].find((one) => names.has(one));
  return known === undefined ? undefined : { kind: 'oci', path: LOCAL_IMAGES, reference: known };
}

/** The one image of an artifact that is none or was asked for one platform. */
function onlyImage(artifact: Artifact): Image {
  const [image] = imagesOf(artifact);
  if (image) return image;
  throw new PithError('IMAGE_INVALID', `the index ${artifact.descriptor.digest} has no image`);
}

/** What was read of layers is remembered in the store: a record for each layer, which names a blob. */
function memoryOf(store: Store): LayerMemory {
  return {
    async read(key) {
      const known = store.readRecord(RECORD, key) as { contents?: unknown } | undefined;
      const { contents } = known ?? {};
      return typeof contents === 'string' && isDigest(contents) ? await store.readBlob(contents) : undefined;
    },
    async write(key, bytes) {
      await store.writeRecord(RECORD, key, { contents: await store.writeBlob(bytes) });
    },
  };
}
