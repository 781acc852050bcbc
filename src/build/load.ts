import { hexOf, PithError } from '../core/index.ts';
import {
  isLocation,
  openSink,
  openSource,
  parseDockerReference,
  parseLocation,
  type ImageSink,
  type Location,
  type NamedArtifact,
  type WriteReport,
} from '../location/index.ts';
import { formatPlatform, imagesOf, type Image, type Platform } from '../oci/index.ts';
import { build } from './build.ts';
import type { ImageOptions } from './image.ts';
import { parseTarget } from './plan.ts';
import type { Workspace } from './workspace.ts';

/** Where images get their names in an engine, so that none of the user's is taken. */
const FOLDER = 'localhost/pith';
/** Every image has it. */
const DEFAULT_VARIANT = 'latest';

export interface LoadOptions extends ImageOptions {
  /** `NAME[:VARIANT]` or the path of a definition file, to be built; or the location of an image that is there. */
  readonly target: string;
  readonly platform: Platform;
  /** Build exactly what this lockfile says. */
  readonly lockfile?: string;
  /** The location of a name in the engine's storage. */
  readonly storageOf: (reference: string) => Location;
}

export interface LoadedImage {
  /** What the engine knows it by: `localhost/pith/NAME:VARIANT`. */
  readonly reference: string;
  readonly image: Image;
}

/** Takes one image for the storage of an engine, under a name of pith's own. */
export interface LoadSink {
  readonly sink: ImageSink;
  /** What the sink was given last. @throws PithError INTERNAL before that */
  readonly taken: () => LoadedImage;
  /** Brings that into the storage. @throws as ImageSink.write */
  readonly load: () => Promise<WriteReport>;
}

/**
 * @param when whether the sink brings the image into the storage itself, or `load` does so
 * @returns a sink that throws PithError INTERNAL for another number of images than one
 */
export function openLoadSink(
  storageOf: LoadOptions['storageOf'],
  { locations }: Pick<Workspace, 'locations'>,
  when: 'now' | 'later' = 'now',
): LoadSink {
  let last: LoadedImage | undefined;
  const taken = (): LoadedImage => {
    if (last) return last;
    throw new PithError('INTERNAL', 'there is no image to load');
  };
  const load = async (): Promise<WriteReport> => {
    const { reference, image } = taken();
    return await openSink(storageOf(reference), locations).write([{ names: [reference], artifact: image }]);
  };
  const sink: ImageSink = {
    check: () => openSink(storageOf(`${FOLDER}/any`), locations).check(),
    async write(artifacts) {
      last = onlyImage(artifacts);
      return when === 'now' ? await load() : reportNothing(last);
    },
  };
  return { sink, taken, load };
}

/** The report of a sink that was only given something. */
function reportNothing({ reference, image }: LoadedImage): WriteReport {
  const names = [{ name: reference, digest: image.descriptor.digest }];
  return { location: reference, names, blobsWritten: 0, blobsReused: 0, bytesWritten: 0 };
}

function onlyImage([named, ...others]: readonly NamedArtifact[]): LoadedImage {
  const [image] = named ? imagesOf(named.artifact) : [];
  if (named && image && others.length === 0) return { reference: referenceOf(named, image), image };
  throw new PithError('INTERNAL', 'what is to be loaded is not one image');
}

/**
 * Brings one image into the storage of an engine: builds it, or takes it from where it is.
 * @throws as build and ImageSource.open
 */
export async function loadImage(options: LoadOptions, workspace: Workspace): Promise<LoadedImage> {
  const { target, platform, storageOf, ...form } = options;
  const { sink, taken } = openLoadSink(storageOf, workspace);
  if (isLocation(target)) {
    const location = parseLocation(target);
    const source = openSource(location, workspace.locations);
    await sink.check();
    const artifact = await source.open(undefined, { platforms: [platform] });
    const names = location.reference === undefined ? [] : [location.reference];
    await sink.write([{ names, artifact }]);
  } else {
    const { name, variant = DEFAULT_VARIANT } = parseTarget(target);
    const targets = [`${name}:${variant}`];
    await build({ ...form, targets, platforms: [formatPlatform(platform)], outputs: [sink] }, workspace);
  }
  return taken();
}

/** The image's own name below the folder, or a name of its digest where that makes none. */
function referenceOf({ names: [name = ''] }: NamedArtifact, { descriptor }: Image): string {
  const reference = parseDockerReference(`${FOLDER}/${name}`);
  return reference?.familiar ?? `${FOLDER}/image:${hexOf(descriptor.digest).slice(0, 12)}`;
}
