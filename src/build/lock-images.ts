import { canonicalJson } from '../core/index.ts';
import {
  diffLockfiles,
  EMPTY_LOCKFILE,
  formatLockfile,
  type LockChange,
  type LockedImage,
  type Lockfile,
  mergeLockfiles,
} from '../resolve/index.ts';
import { onFittingPlatforms, packApplications } from './app/applications.ts';
import { withArchives } from './archives.ts';
import type { BuildTools } from './builder.ts';
import { heldImages, recordDefinitions, renameHeld } from './held-images.ts';
import { readLockfile, resolveImages, type WantedImage } from './lock.ts';
import { platformsOf } from './plan.ts';
import { planTargets } from './targets.ts';
import type { Workspace } from './workspace.ts';

export interface LockOptions {
  /** Names or paths; none means the images of the lockfile, else `fallback`, else the whole catalogue. */
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

/** Resolves images and compares the result with the lockfile. */
export async function lockImages(options: LockOptions, workspace: Workspace): Promise<LockReport> {
  const { targets, fallback, platforms, lockfile: path } = options;
  const before = (await readLockfile(path)) ?? EMPTY_LOCKFILE;
  const held = targets.length > 0 ? [] : await heldImages(before, path, workspace.catalogue);
  const wanted: readonly WantedImage[] =
    held.length > 0
      ? held.map(({ image }) => ({ image, platforms: platformsOf(image, platforms) }))
      : await planTargets(targets.length > 0 ? targets : fallback, platforms, workspace);
  return withArchives(workspace, async (archives, pool) => {
    const base = renameHeld(before, held);
    const tools = { archives, pool, workspace };
    const fitting = await onFittingPlatforms(wanted, platforms, tools);
    const { lockfile, changes } = await lockAnew(base, fitting, { path, ...tools });
    const text = formatLockfile(lockfile);
    return {
      changes,
      isCurrent: text === formatLockfile(before),
      text,
      images: Object.keys(lockfile.images).length,
      packages: Object.keys(lockfile.packages).length,
    };
  });
}

/** What an entry was made for, apart from what the archive had. */
function askedOf(locked: LockedImage | undefined): string {
  return canonicalJson(locked ? { ...locked, suites: {}, platforms: {} } : {});
}

/**
 * Resolves images and puts the result into a lockfile. An image whose packages are still the newest keeps its entry as
 * it is, dates included.
 * @returns the lockfile as it should be, and what differs from `base`
 */
export async function lockAnew(
  base: Lockfile,
  asked: readonly WantedImage[],
  { path, ...tools }: BuildTools & { readonly path: string },
): Promise<{ lockfile: Lockfile; changes: readonly LockChange[] }> {
  const { wanted } = await packApplications(asked, {}, tools);
  const images = wanted.map(({ image }) => image);
  const now = recordDefinitions(await resolveImages(wanted, tools.archives, tools.workspace), images, path);
  const changes = diffLockfiles(base, now);
  const isStale = ([name, locked]: [string, LockedImage]): boolean =>
    askedOf(base.images[name]) !== askedOf(locked) || changes.some((change) => change.image === name);
  const stale = Object.entries(now.images).filter(isStale);
  const lockfile =
    stale.length === 0 ? base : mergeLockfiles(base, { ...now, images: Object.fromEntries(stale) });
  return { lockfile, changes };
}
