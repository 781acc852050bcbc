import { byText } from '../core/index.ts';
import { compareVersions } from '../distro/index.ts';
import {
  identityOf,
  isTarball,
  type LockChange,
  type LockedPackage,
  type Lockfile,
} from '../resolve/index.ts';

/** `replaced`: the same version with other bytes. */
export type ChangeKind = 'up' | 'down' | 'in' | 'out' | 'replaced';

export interface ChangedVersion {
  readonly version: string;
  /** The source package; of npm the package itself. */
  readonly source: { readonly name: string; readonly version: string };
  /** `npm` for a package of the npm registry. */
  readonly suite: string;
}

/** One change of a package, wherever it is the same. */
export interface PackageChange {
  readonly kind: ChangeKind;
  readonly package: string;
  readonly from?: ChangedVersion;
  readonly to?: ChangedVersion;
  /** Whether the new version comes from the distribution's security archive. */
  readonly isSecurity: boolean;
  /** Why a package that comes is in. */
  readonly because?: string;
  readonly places: readonly ChangePlace[];
}

export interface ChangePlace {
  readonly image: string;
  readonly platform: string;
  /** Bytes of the package file; absent where there is none, or where its registry does not say. */
  readonly before?: number;
  readonly after?: number;
}

/** What an image holds on a platform, its variants' packages too. */
export interface Holdings {
  readonly packages: number;
  /** Bytes of the package files whose size is known. */
  readonly bytes: number;
  /** Packages whose registry gives no size. */
  readonly unsized: number;
}

/** The changes between two lockfiles, by package; what is the same in several places is one. */
export function groupChanges(
  changes: readonly LockChange[],
  before: Lockfile,
  now: Lockfile,
): PackageChange[] {
  const groups = new Map<string, PackageChange & { places: ChangePlace[] }>();
  for (const change of changes) {
    const { image, platform } = change;
    const [from, to] = [before.packages[change.from ?? ''], now.packages[change.to ?? '']];
    const kind = kindOf(from, to);
    const versions = { ...(from ? { from: versionOf(from) } : {}), ...(to ? { to: versionOf(to) } : {}) };
    const key = JSON.stringify([change.package, kind, versions]);
    const group = groups.get(key) ?? {
      kind,
      package: change.package,
      ...versions,
      isSecurity: isSecurity(to),
      ...(kind === 'in' ? { because: reasonOf(change, now) } : {}),
      places: [],
    };
    groups.set(key, group);
    const [old, fresh] = [sizeOf(from), sizeOf(to)];
    group.places.push({
      image,
      platform,
      ...(old === undefined ? {} : { before: old }),
      ...(fresh === undefined ? {} : { after: fresh }),
    });
  }
  return [...groups.values()].sort((a, b) => byText(a.package, b.package));
}

export function kindOf(from: LockedPackage | undefined, to: LockedPackage | undefined): ChangeKind {
  if (!from) return 'in';
  if (!to) return 'out';
  const order = compareVersions(comparable(to), comparable(from));
  return order === 0 ? 'replaced' : order > 0 ? 'up' : 'down';
}

/** npm's pre-releases (semver 2.0.0, item 11) come before their release, as `~` does with Debian. */
function comparable(locked: LockedPackage): string {
  return isTarball(locked) ? locked.version.replace('-', '~') : locked.version;
}

export function isSecurity(locked: LockedPackage | undefined): boolean {
  return locked?.archive === 'debian-security';
}

function versionOf(locked: LockedPackage): ChangedVersion {
  const { name, version } = locked;
  return isTarball(locked)
    ? { version, source: { name, version }, suite: locked.archive }
    : { version, source: locked.source, suite: locked.suite };
}

function sizeOf(locked: LockedPackage | undefined): number | undefined {
  return locked === undefined || isTarball(locked) ? undefined : locked.size;
}

function reasonOf({ image, platform, to }: LockChange, { images }: Lockfile): string {
  const levels = Object.entries(images[image]?.platforms[platform] ?? {});
  for (const [level, { packages }] of levels) {
    const member = packages.find((one) => one.package === to);
    if (!member) continue;
    const { request, by = '', relation = '' } = member;
    return request === undefined ? `${by} needs it (${relation})` : `asked for by ${level}`;
  }
  return '';
}

/** What a lockfile has for an image and platform; nothing where it does not hold them. */
export function holdingsOf({ images, packages }: Lockfile, image: string, platform: string): Holdings {
  const members = Object.values(images[image]?.platforms[platform] ?? {}).flatMap((level) => level.packages);
  const found = new Map<string, LockedPackage>();
  for (const { package: key } of members) {
    const locked = packages[key];
    if (locked) found.set(identityOf(locked), locked);
  }
  const sizes = [...found.values()].map(sizeOf);
  return {
    packages: sizes.length,
    bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    unsized: sizes.filter((size) => size === undefined).length,
  };
}
