import type { PackageFile } from '../distro/index.ts';
import type { Digest } from '../core/index.ts';

/** Every package of every platform of images, without mirrors (docs/trust.md). The file adds a checksum. */
export interface Lockfile {
  readonly lockfileVersion: 2;
  readonly images: Record<string, LockedImage>;
  /** By file name without the ending: `libc6_2.41-12_amd64`. */
  readonly packages: Record<string, LockedPackage>;
}

export interface LockedImage {
  /** The definition's file, relative to the lockfile, of an image that is not of the catalogue. */
  readonly definition?: string;
  /** Digest of what was resolved: the suites and requests of the definition. */
  readonly inputs: Digest;
  /** The image that the definition extends, if that is no definition. */
  readonly base?: { readonly location: string; readonly digest: Digest };
  readonly suites: Record<string, LockedSuite>;
  /** By platform, by level. */
  readonly platforms: Record<string, Record<string, LockedLevel>>;
}

/** What a level of an image adds, on one platform. */
export interface LockedLevel {
  /** In the order of the layers. */
  readonly packages: readonly LockedMember[];
  readonly omissions: readonly LockedOmission[];
}

/** A package of a level and why it is there: what asks for it, or the package that needs it. */
export interface LockedMember {
  /** Key of the package. */
  readonly package: string;
  readonly request?: string;
  readonly by?: string;
  /** `Depends: libc6 (>= 2.38)`, as the package writes it. */
  readonly relation?: string;
}

/** A dependency that was left open by a rule. */
export interface LockedOmission {
  readonly name: string;
  readonly by: string;
  readonly relation: string;
  readonly reason: string;
}

interface LockedSuite {
  readonly archive: string;
  /** When it was published, ISO 8601. */
  readonly date: string;
  /** Digest of its InRelease. */
  readonly release: Digest;
}

export type LockedPackage = LockedDeb | LockedTarball;

/** A package of the distribution's archive. */
export interface LockedDeb extends PackageFile {
  readonly architecture: string;
  /** What security data speaks of. */
  readonly source: { readonly name: string; readonly version: string };
}

/** A package of the npm registry. */
export interface LockedTarball {
  readonly name: string;
  readonly version: string;
  readonly archive: 'npm';
  /** Path below the registry's base address. */
  readonly path: string;
  /** Subresource Integrity of the tarball: `sha512-…`. */
  readonly integrity: string;
}

/** Whether a package comes from the npm registry. */
export function isTarball(locked: LockedPackage): locked is LockedTarball {
  return locked.archive === 'npm';
}
