import {
  diffLockfiles,
  EMPTY_LOCKFILE,
  formatLockfile,
  type LockChange,
  type LockedImage,
  mergeLockfiles,
} from '../resolve/index.ts';
import { withArchives } from './archives.ts';
import { readLockfile, resolveImages } from './lock.ts';
import { planTargets } from './targets.ts';
import type { Workspace } from './workspace.ts';

export interface LockOptions {
  /** Names or paths; none means the images of the lockfile and `fallback`, or the whole catalogue if there are neither. */
  readonly targets: readonly string[];
  readonly fallback: readonly string[];
  /** Platforms, or `all`. */
  readonly platforms: readonly string[];
  /** Path of the lockfile as it is now, if it exists. */
  readonly lockfile: string;
}

export interface LockReport {
  /** What differs from the lockfile as it was. */
  readonly changes: readonly LockChange[];
  readonly isCurrent: boolean;
  /** The lockfile as it should be. */
  readonly text: string;
  readonly images: number;
  readonly packages: number;
}

/**
 * Resolves images and compares the result with the lockfile. An image whose packages are still the newest keeps its
 * entry as it is, dates included.
 */
export async function lockImages(options: LockOptions, workspace: Workspace): Promise<LockReport> {
  const before = (await readLockfile(options.lockfile)) ?? EMPTY_LOCKFILE;
  const known = new Set(workspace.catalogue.names());
  const locked = Object.keys(before.images).filter((name) => known.has(name));
  const targets = options.targets.length > 0 ? options.targets : [...locked, ...options.fallback];
  const wanted = await planTargets(targets, options.platforms, workspace);
  return withArchives(workspace, async (archives) => {
    const now = await resolveImages(wanted, archives, workspace);
    const changes = diffLockfiles(before, now);
    const isStale = (name: string): boolean =>
      changes.some((change) => change.image === name) ||
      before.images[name]?.inputs !== now.images[name]?.inputs;
    const stale = Object.keys(now.images).filter(isStale);
    const fresh = {
      ...now,
      images: Object.fromEntries(stale.map((name) => [name, now.images[name] as LockedImage])),
    };
    const lockfile = mergeLockfiles(before, fresh);
    return {
      changes,
      isCurrent: stale.length === 0,
      text: formatLockfile(lockfile),
      images: Object.keys(lockfile.images).length,
      packages: Object.keys(lockfile.packages).length,
    };
  });
}
