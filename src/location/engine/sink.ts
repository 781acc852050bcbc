import { interruptible, PithError } from '../../core/index.ts';
import { formatPlatform, imagesOf, platformOfConfig, type Image } from '../../oci/index.ts';
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
 * not loaded again.
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
      const isHeld = loader.holds(stdout, image);
      if (!isHeld) {
        const args = loader.load(formatPlatform(platformOfConfig(image.config)));
        await feed(commandOf(loader, args), interruptible(encodeArchive(content), signal));
      }
      return reportOf(
        location,
        [{ names: [location.reference], artifact: image }],
        content.blobs,
        isHeld ? [] : content.blobs,
      );
    },
  };
}

function onlyImage(artifacts: readonly NamedArtifact[], location: EngineLocation): Image {
  const roots = rootsOf(artifacts);
  const [image, ...others] = roots.flatMap(({ artifact }) => imagesOf(artifact));
  if (image && others.length === 0) return image;
  const where = formatLocation(location);
  if (!image) throw new PithError('USAGE', `there is no image to write to ${where}`);
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
