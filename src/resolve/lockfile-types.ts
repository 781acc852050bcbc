import type { Digest } from '../core/index.ts';
import type { PackageFile } from '../distro/index.ts';

/** Every package of every platform of images, without mirrors (docs/trust.md). The file adds a checksum. */
export interface Lockfile {
  readonly lockfileVersion: 1;
  readonly images: Record<string, LockedImage>;
  /** By file name without the ending: `libc6_2.41-12_amd64`. */
  readonly packages: Record<string, LockedPackage>;
}

export interface LockedImage {
  /** Digest of what was resolved: the suites and requests of the definition. */
  readonly inputs: Digest;
  readonly suites: Record<string, LockedSuite>;
  /** By platform: the package of each request. */
  readonly platforms: Record<string, Record<string, string>>;
}

interface LockedSuite {
  readonly archive: string;
  /** When it was published, ISO 8601. */
  readonly date: string;
  /** Digest of its InRelease. */
  readonly release: Digest;
}

export interface LockedPackage extends PackageFile {
  readonly architecture: string;
  /** What security data speaks of. */
  readonly source: { readonly name: string; readonly version: string };
}
