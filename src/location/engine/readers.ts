import { isDigest, type Digest } from '../../core/index.ts';
import { MANIFEST_TYPE } from '../../oci/index.ts';
import { isManifestOf } from './held.ts';
import type { Loader } from './loaders.ts';

/** What an engine has under a name, and how that is read. */
export type Holding =
  /**
   * Arguments that write it to the standard output, as an archive. Each form is for releases that do not know the options
   * of the one before.
   */
  | { readonly kind: 'archive'; readonly forms: readonly (readonly string[])[] }
  /** Its blobs are read one by one. */
  | { readonly kind: 'blobs'; readonly mediaType: string; readonly digest: Digest };

/** How images are found in an engine. */
export interface Reader {
  /** Arguments that ask for the image of a name. */
  readonly question: (name: string) => readonly string[];
  /** What it printed that it has under the name, if anything. */
  readonly holding: (name: string, printed: string) => Holding | undefined;
  /** The command that lists what there is. */
  readonly list: string;
}

const DOCKER_ARCHIVE = ['save', '--quiet', '--format', 'docker-archive'];
const OCI_ARCHIVE = ['save', '--quiet', '--format', 'oci-archive', '--uncompressed'];

/**
 * Podman's storage has unpacked layers, which are read as they are. Manifest and configuration stay byte for byte only in
 * an archive of the format that they are in; podman says which that is.
 */
const PODMAN: Reader = {
  question: (name) => ['image', 'inspect', name],
  holding: (name, printed) => {
    const isOci = isManifestOf(printed, MANIFEST_TYPE);
    const forms = isOci ? [OCI_ARCHIVE, DOCKER_ARCHIVE] : [DOCKER_ARCHIVE];
    return { kind: 'archive', forms: forms.map((args) => [...args, name]) };
  },
  list: 'podman images',
};

const DOCKER: Reader = {
  ...PODMAN,
  holding: (name) => ({ kind: 'archive', forms: [['save', name]] }),
  list: 'docker images',
};

/** nerdctl pulls what it lacks of the platforms that it is to save, so it is told only those that are there. */
const NERDCTL: Reader = {
  question: (name) => ['images', '--format', '{{.Platform}}', name],
  holding: (name, printed) => {
    const platforms = new Set(printed.split(/\s+/).filter((text) => text !== ''));
    if (platforms.size === 0) return undefined;
    return { kind: 'archive', forms: [['save', '--platform', [...platforms].join(','), name]] };
  },
  list: 'nerdctl images',
};

/** `ctr image export` fails where a platform's blobs are not there, and does not tell which are. */
const CTR: Reader = {
  question: (name) => ['image', 'ls', `name==${name}`],
  holding: (name, printed) => {
    for (const line of printed.split('\n')) {
      const [found, mediaType = '', digest = ''] = line.split(/\s+/);
      if (found === name && isDigest(digest)) return { kind: 'blobs', mediaType, digest };
    }
    return undefined;
  },
  list: 'ctr image ls',
};

export const READERS: Readonly<Record<Loader['program'], Reader>> = {
  podman: PODMAN,
  docker: DOCKER,
  nerdctl: NERDCTL,
  ctr: CTR,
};
