import type { LocationContext } from '../location/index.ts';
import type { Platform } from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import type { Bases } from './bases.ts';
import type { Catalogue } from './catalogue.ts';

/** Something worth telling while a build runs. */
export type Progress =
  /** A file starts to be fetched; `size` is in bytes. */
  | { readonly kind: 'fetch-start'; readonly what: string; readonly size: number }
  | { readonly kind: 'fetch-bytes'; readonly bytes: number }
  | { readonly kind: 'fetch-done'; readonly what: string }
  /** How many packages have to be fetched or made into segments. */
  | { readonly kind: 'packages'; readonly count: number }
  | { readonly kind: 'segment-done'; readonly what: string }
  | { readonly kind: 'image-done'; readonly what: string }
  /** Bytes of blobs that went to a registry or came from one; negative where they have to move again. */
  | { readonly kind: 'moved'; readonly bytes: number }
  /** How far the layers of an image are read: bytes as they are stored. */
  | { readonly kind: 'layers-read'; readonly bytes: number; readonly size: number }
  /** Something that the user should know, though it is no error. */
  | { readonly kind: 'note'; readonly what: string };

/** How the archive of the distribution is reached and trusted. */
export interface ArchiveOptions {
  /** Base address by archive name; in place of the machine's own sources. */
  readonly mirrors: Readonly<Record<string, string>>;
  /** Files with OpenPGP keys to trust besides the distribution's. */
  readonly keyrings: readonly string[];
  readonly offline: boolean;
  /** Seconds for which what was seen of a suite is taken as current. */
  readonly maxAge: number;
  readonly checkValidUntil: boolean;
  readonly allowOlder: boolean;
  /** Leave out a suite for an architecture whose index no mirror has as its release says, instead of failing. */
  readonly skipUnavailable: boolean;
}

/** What a run works with: everything that comes from outside is here, so that the rest is a function of it. */
export interface Workspace {
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** Images that definitions extend by location. */
  readonly bases: Bases;
  /** Where relative paths start, and where npm's configuration of the project is looked for. */
  readonly workingFolder: string;
  /** The node program, beside which npm has its global configuration. */
  readonly execPath: string;
  /** The folder that holds etc/apt with the machine's sources: `/`. */
  readonly machineRoot: string;
  /** Folder with the distribution's own keys. */
  readonly keysFolder: string;
  readonly workerUrl: URL;
  /** The platform of this machine. */
  readonly platform: Platform;
  /** Number of worker threads. */
  readonly jobs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How locations are read and written: one for the whole run, so that connections and tokens are shared. */
  readonly locations: LocationContext;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly archive: ArchiveOptions;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
  readonly onProgress: (event: Progress) => void;
}
