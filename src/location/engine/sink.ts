import { interruptible, PithError } from '../../core/index.ts';
import { formatPlatform, imagesOf, platformOfConfig, type Image } from '../../oci/index.ts';
import { composeDocker, composeLayout, encodeArchive, type ArchiveContent } from '../archive/compose.ts';
import type { ImageSink, LocationContext, NamedArtifact } from '../contract.ts';
import { formatLocation, type EngineLocation } from '../location.ts';
import { rootsOf } from '../names.ts';
import { requireDockerReference } from '../reference.ts';
import { reportOf } from '../report.ts';
import { feed, requireProgram } from './command.ts';

interface Engine {
  readonly program: string;
  readonly hint: string;
  readonly compose: (image: Image, reference: string) => ArchiveContent;
}

/** Podman keeps manifest and digest of an OCI layout; Docker before release 25 reads nothing but `manifest.json`. */
const ENGINES: Readonly<Record<EngineLocation['kind'], Engine>> = {
  'containers-storage': {
    program: 'podman',
    hint: 'Install Podman, or write an oci-archive: and load it elsewhere.',
    compose: (image, reference) => composeLayout([{ names: [reference], artifact: image }]),
  },
  'docker-daemon': {
    program: 'docker',
    hint: 'Install Docker, or write a docker-archive: and load it elsewhere.',
    compose: (image, reference) => composeDocker([{ names: [reference], image }]),
  },
};

/** Writes into the storage of an engine by way of its own `load` command. */
export function openEngineSink(location: EngineLocation, context: LocationContext): ImageSink {
  const { program, hint, compose } = ENGINES[location.kind];
  return {
    async check() {
      await requireProgram({ program, args: ['load'], environment: context.environment, hint });
    },
    async write(artifacts) {
      const image = onlyImage(artifacts, location);
      const { familiar, full } = requireDockerReference(location.reference);
      const content = compose(image, location.kind === 'containers-storage' ? full : familiar);
      const { environment, signal } = context;
      const archive = interruptible(encodeArchive(content), signal);
      await feed({ program, args: ['load'], environment, hint }, archive);
      return reportOf(
        location,
        [{ names: [location.reference], artifact: image }],
        content.blobs,
        content.blobs,
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
