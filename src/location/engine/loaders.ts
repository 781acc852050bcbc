import type { Digest } from '../../core/index.ts';
import type { Image } from '../../oci/index.ts';
import { composeDocker, composeLayout, type ArchiveContent } from '../archive/compose.ts';
import type { EngineLocation } from '../location.ts';
import type { DockerReference } from '../reference.ts';
import { isInstalled, type Command } from './command.ts';
import { describesImage, listsImage, unpackedLayers } from './held.ts';

/** A command that brings an image into the storage of an engine. */
export interface Loader {
  readonly program: 'podman' | 'docker' | 'nerdctl' | 'ctr';
  /** Arguments to read an archive with an image of a platform from the standard input. */
  readonly load: (platform: string) => readonly string[];
  /** Arguments to print what the engine has under a name. */
  readonly inspect: (name: string) => readonly string[];
  /** Whether it printed that it has this image there. */
  readonly holds: (printed: string, image: Image) => boolean;
  /** Whether it fails to print that only where it does not work at all. */
  readonly alwaysPrints?: boolean;
  /**
   * The layers of the image that it printed, the lowest first, by the digests of their unpacked bytes: an archive need not
   * hold them again. Absent where that is not so.
   */
  readonly unpacked?: (printed: string) => readonly Digest[];
  readonly probe?: string;
  readonly needsPipe?: boolean;
}

export interface Engine {
  readonly loader: Loader;
  /** What is used in its place where it is installed. */
  readonly preferred?: Loader;
  /** What to do where nothing is installed. */
  readonly hint: string;
  readonly nameOf: (reference: DockerReference) => string;
  readonly compose: (image: Image, name: string) => ArchiveContent;
}

const PODMAN: Loader = {
  program: 'podman',
  load: () => ['load'],
  inspect: (name) => ['image', 'inspect', name],
  holds: (printed, { descriptor }) => describesImage(printed, [descriptor.digest]),
  unpacked: unpackedLayers,
};

/** Docker's own storage knows no manifests: there the ID of an image is the digest of its configuration. */
const DOCKER: Loader = {
  ...PODMAN,
  program: 'docker',
  holds: (printed, { descriptor, manifest }) =>
    describesImage(printed, [descriptor.digest, manifest.config.digest]),
};

const NERDCTL: Loader = {
  program: 'nerdctl',
  load: (platform) => ['load', '--platform', platform],
  inspect: PODMAN.inspect,
  holds: PODMAN.holds,
  needsPipe: true,
};

const CTR: Loader = {
  program: 'ctr',
  probe: 'version',
  alwaysPrints: true,
  load: (platform) => ['image', 'import', '--platform', platform, '-'],
  inspect: (name) => ['image', 'ls', `name==${name}`],
  holds: (printed, { descriptor }) => listsImage(printed, descriptor.digest),
};

/** Podman and containerd keep manifest and digest of an OCI layout; Docker before release 25 reads only `manifest.json`. */
export const ENGINES: Readonly<Record<EngineLocation['kind'], Engine>> = {
  'containers-storage': {
    loader: PODMAN,
    hint: 'Install Podman, or carry the image in a file (oci-archive:) to or from where it is installed.',
    nameOf: ({ full }) => full,
    compose: (image, name) => composeLayout([{ names: [name], artifact: image }]),
  },
  'docker-daemon': {
    loader: DOCKER,
    hint: 'Install Docker, or carry the image in a file (docker-archive:) to or from where it is installed.',
    nameOf: ({ familiar }) => familiar,
    compose: (image, name) => composeDocker([{ names: [name], image }]),
  },
  containerd: {
    loader: CTR,
    preferred: NERDCTL,
    hint: 'Install containerd, which brings ctr, or nerdctl, or carry the image in a file (oci-archive:) to or from where it is installed.',
    nameOf: ({ full }) => full,
    compose: (image, name) => composeLayout([{ names: [name], artifact: image }]),
  },
};

/** Makes a command of a loader's program from its arguments. */
export type CommandOf = (args: readonly string[]) => Command;

/** The preferred loader of an engine if it is installed, else the usual one. */
export async function findLoader(
  { loader, preferred }: Engine,
  environment: Command['environment'],
): Promise<Loader> {
  return preferred && (await isInstalled({ program: preferred.program, environment })) ? preferred : loader;
}

export function loaderCommand(
  { hint }: Engine,
  { program, probe = 'info', needsPipe = false }: Loader,
  args: readonly string[],
  environment: Command['environment'],
): Command {
  return { program, args, environment, hint, probe, needsPipe };
}
