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

/**
 * Brings one image into the storage of an engine: builds it, or takes it from where it is.
 * @throws as build and ImageSource.open
 */
export async function loadImage(options: LoadOptions, workspace: Workspace): Promise<LoadedImage> {
  const { target, platform, storageOf, ...form } = options;
  const context = workspace.locations;
  const loaded: LoadedImage[] = [];
  const sinkOf = (reference: string): ImageSink => openSink(storageOf(reference), context);
  const sink: ImageSink = {
    check: () => sinkOf(`${FOLDER}/any`).check(),
    async write([named, ...others], settings) {
      const [image] = named ? imagesOf(named.artifact) : [];
      if (!named || !image || others.length > 0)
        throw new PithError('INTERNAL', `${target} is not one image`);
      const reference = referenceOf(named, image);
      const report = await sinkOf(reference).write([{ names: [reference], artifact: image }], settings);
      loaded.push({ reference, image });
      return report;
    },
  };
  if (isLocation(target)) {
    const location = parseLocation(target);
    const source = openSource(location, context);
    await sink.check();
    const artifact = await source.open(undefined, { platforms: [platform] });
    const names = location.reference === undefined ? [] : [location.reference];
    await sink.write([{ names, artifact }]);
  } else {
    const { name, variant = DEFAULT_VARIANT } = parseTarget(target);
    const targets = [`${name}:${variant}`];
    await build({ ...form, targets, platforms: [formatPlatform(platform)], outputs: [sink] }, workspace);
  }
  const [result] = loaded;
  if (!result) throw new PithError('INTERNAL', `${target} was not loaded`);
  return result;
}

/** The image's own name below the folder, or a name of its digest where that makes none. */
function referenceOf({ names: [name = ''] }: NamedArtifact, { descriptor }: Image): string {
  const reference = parseDockerReference(`${FOLDER}/${name}`);
  return reference?.familiar ?? `${FOLDER}/image:${hexOf(descriptor.digest).slice(0, 12)}`;
}
