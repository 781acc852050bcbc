import { interruptible, PithError, toPithError, type Digest } from '../../core/index.ts';
import {
  formatPlatform,
  imagesOf,
  platformOfConfig,
  type Blob,
  type Image,
  type Layer,
} from '../../oci/index.ts';
import { encodeArchive } from '../archive/compose.ts';
import type { ImageSink, LocationContext, NamedArtifact } from '../contract.ts';
import { formatLocation, type EngineLocation } from '../location.ts';
import { rootsOf } from '../names.ts';
import { requireDockerReference } from '../reference.ts';
import { reportOf } from '../report.ts';
import { ask, failure, feed, requireProgram, type Command } from './command.ts';
import { ENGINES, findLoader, loaderCommand, type Loader } from './loaders.ts';

/**
 * Writes into the storage of an engine by way of its own `load` command. What the engine has under the name already is
 * not loaded again: neither the image, nor the lowest layers of one that shares them.
 */
export function openEngineSink(location: EngineLocation, context: LocationContext): ImageSink {
  const engine = ENGINES[location.kind];
  const { nameOf, compose } = engine;
  const { environment, signal } = context;
  const commandOf = (loader: Loader, args: readonly string[]): Command =>
    loaderCommand(engine, loader, args, environment);
  return {
    async check() {
      await requireProgram(commandOf(await findLoader(engine, environment), []));
    },
    async write(artifacts) {
      const image = onlyImage(artifacts, location);
      const name = nameOf(requireDockerReference(location.reference));
      const loader = await findLoader(engine, environment);
      const content = compose(image, name);
      const question = commandOf(loader, loader.inspect(name));
      const { status, stdout, stderr } = await ask(question);
      if (loader.alwaysPrints && status !== 0) throw failure(question, `failed (${status})`, stderr);
      const load = async (blobs: readonly Blob[]): Promise<readonly Blob[]> => {
        const args = loader.load(formatPlatform(platformOfConfig(image.config)));
        const archive = encodeArchive({ ...content, blobs });
        await feed(commandOf(loader, args), interruptible(archive, signal));
        return blobs;
      };
      const written = loader.holds(stdout, image)
        ? []
        : await loadMissing(content.blobs, image, loader.unpacked?.(stdout) ?? [], load);
      return reportOf(location, [{ names: [location.reference], artifact: image }], content.blobs, written);
    },
  };
}

/**
 * Has an archive loaded without the lowest layers, as far as the engine has them. An engine that has them in another form
 * after all, or no more, says that they are missing, and gets them.
 * @param held what it has, by the digests of the unpacked layers
 */
async function loadMissing(
  blobs: readonly Blob[],
  { layers }: Image,
  held: readonly Digest[],
  load: (blobs: readonly Blob[]) => Promise<readonly Blob[]>,
): Promise<readonly Blob[]> {
  const differing = layers.findIndex(({ diffId }, at) => diffId !== held[at]);
  const count = differing < 0 ? layers.length : differing;
  if (count === 0) return await load(blobs);
  const shared = new Set(layers.slice(0, count).map(digestOfLayer));
  const wanted = new Set(layers.slice(count).map(digestOfLayer));
  try {
    return await load(blobs.filter(({ digest }) => wanted.has(digest) || !shared.has(digest)));
  } catch (error) {
    if (toPithError(error).code !== 'ENGINE_FAILED') throw error;
    return await load(blobs);
  }
}

function digestOfLayer({ descriptor }: Layer): Digest {
  return descriptor.digest;
}

function onlyImage(artifacts: readonly NamedArtifact[], location: EngineLocation): Image {
  const roots = rootsOf(artifacts);
  const [image, ...others] = roots.flatMap(({ artifact }) => imagesOf(artifact));
  if (image && others.length === 0) return image;
  const where = formatLocation(location);
  if (!image)
    throw new PithError('USAGE', `there is no container image to write to ${where}`, {
      hint: 'Engines take container images only: write other artifacts to oci:DIR or docker://REGISTRY/REPOSITORY.',
    });
  const platforms = [
    ...new Set([image, ...others].map((one) => formatPlatform(platformOfConfig(one.config)))),
  ];
  throw new PithError('USAGE', `${where} takes one image of one platform, not ${others.length + 1}`, {
    hint:
      platforms.length > 1
        ? `Choose one platform of ${platforms.join(', ')}.`
        : 'Give every image a location of its own, or write them to an oci: folder.',
  });
}
