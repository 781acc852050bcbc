import type { Digest } from '../core/index.ts';

/** How far a package may stand in for itself on another architecture (Debian policy, 5.6.8 of deb-control(5)). */
export type MultiArch = 'no' | 'same' | 'foreign' | 'allowed';

/**
 * One binary package as a verified archive index describes it. Relation fields are the raw field
 * values, empty where the package has no such field.
 */
export interface Package {
  name: string;
  version: string;
  architecture: string;
  /** The source package and version that security data speaks of; equal to the binary's where the index names none. */
  source: { name: string; version: string };
  /** The archive that it comes from: `debian`, `debian-security`. */
  archive: string;
  /** The suite that it comes from, by the name that it was asked for: `trixie-security`. */
  suite: string;
  component: string;
  /** The file's path below the archive's base address: `pool/main/…`. */
  path: string;
  /** Bytes of the package file. */
  size: number;
  digest: Digest;
  /** Bytes that the unpacked package takes, as its maintainer's tools estimated them. */
  installedSize: number;
  section: string;
  priority: string;
  essential: boolean;
  multiArch: MultiArch;
  depends: string;
  preDepends: string;
  provides: string;
  conflicts: string;
  breaks: string;
  recommends: string;
}

/** What the dependency resolver and the fetcher need of a distribution's archive. */
export interface PackageSource {
  readonly id: string;
  /** Compares two version strings in the distribution's order: negative, zero or positive. */
  order(a: string, b: string): number;
  /** The packages of that name that can be installed on the architecture, highest version first. */
  candidates(name: string, architecture: string): readonly Package[];
  /** The packages that name `name` in their Provides, highest version first, without those of that name themselves. */
  providers(name: string, architecture: string): readonly Package[];
  /** All names of packages of the architecture, for suggestions. */
  names(architecture: string): Iterable<string>;
  /** The path of the package's file, whose size and digest have been verified. */
  fetch(wanted: PackageFile, options?: FetchOptions): Promise<string>;
}

/** The part of a package that names its file; a lockfile holds as much. */
export type PackageFile = Pick<
  Package,
  'name' | 'version' | 'archive' | 'suite' | 'path' | 'size' | 'digest'
>;

export interface FetchOptions {
  /** The date of the suite that the package was locked from; finds it in the dated archive when mirrors have dropped it. */
  date?: Date;
  /** Called with the bytes of each piece that arrives over the network. */
  onBytes?: (bytes: number) => void;
}

/** The store as package sources use it. */
export interface Cache {
  /** Size of the blob with this digest if it is in the cache. */
  sizeOf(digest: Digest): number | undefined;
  /** Where a blob that is in the cache lies. */
  pathOf(digest: Digest): string;
  /** The blob's bytes, verified; undefined if absent (a damaged one is removed and absent). */
  readBlob(digest: Digest): Promise<Uint8Array | undefined>;
  writeBlob(bytes: Uint8Array): Promise<Digest>;
  /** A fresh path for a file under way. */
  temporaryPath(): string;
  /** Moves a finished, verified file into the cache (fsync, rename). */
  adopt(path: string, digest: Digest): Promise<void>;
  /** The small JSON record of that kind and key, undefined if there is none. */
  readRecord(kind: string, key: string): unknown;
  writeRecord(kind: string, key: string, value: unknown): Promise<void>;
}

/** What a package file holds, opened for one pass. */
export interface PackageContents {
  /** Files that describe the package, by name: `control`, `md5sums`, `postinst` … */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  /** The uncompressed tar archive of the files that the package installs, to be read to its end or closed. */
  readonly data: AsyncIterable<Uint8Array>;
}
