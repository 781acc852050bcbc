import { type Digest, PithError } from '../core/index.ts';
import { sortCves } from '../distro/index.ts';
import { formatLockfile, type LockedImage, type Lockfile } from '../resolve/index.ts';
import { formatPlatform } from '../oci/index.ts';
import { withArchives } from './archives.ts';
import { findHeld, type HeldImage, heldImages, renameHeld } from './held-images.ts';
import { lockAnew } from './lock-images.ts';
import { readLockfile, type WantedImage } from './lock.ts';
import { platformsOf } from './plan.ts';
import { groupChanges, type Holdings, holdingsOf, type PackageChange } from './update-changes.ts';
import { readSources, type UpdatedSource } from './update-sources.ts';
import type { Workspace } from './workspace.ts';

export interface UpdateOptions {
  /** Images of the lockfile, by name or the path of their definition; none means all. */
  readonly names: readonly string[];
  /** Path of the lockfile. */
  readonly lockfile: string;
}

/** What an update changes; docs/updates.md has it as JSON. */
export interface UpdateReport {
  /** Whether the lockfile stays as it is. */
  readonly isCurrent: boolean;
  /** By package. */
  readonly changes: readonly PackageChange[];
  /** What the changelogs say about packages that go up, by source package. */
  readonly sources: readonly UpdatedSource[];
  /** All CVE numbers that `sources` name. */
  readonly cves: readonly string[];
  /** The images that were resolved anew. */
  readonly images: readonly UpdatedImage[];
  /** The lockfile as it should be. */
  readonly text: string;
}

export interface UpdatedImage {
  readonly name: string;
  /** Whether its entry changes: its packages, or what its definition asks for. */
  readonly isChanged: boolean;
  /** The image that it is built on, where that is another one now. */
  readonly base?: UpdatedBase;
  readonly platforms: readonly UpdatedPlatform[];
}

export interface UpdatedBase {
  readonly location: string;
  /** Absent where it was built on none. */
  readonly from?: Digest;
  readonly to: Digest;
}

export interface UpdatedPlatform {
  readonly platform: string;
  readonly before: Holdings;
  readonly after: Holdings;
}

/**
 * Resolves images of a lockfile anew, for the platforms that it has them for, and says what would change and why it
 * matters. Writes nothing but into the cache.
 * @throws PithError LOCKFILE_MISSING, and LOCKFILE_MISMATCH for an image that it does not hold or whose definition is gone
 */
export async function update(options: UpdateOptions, workspace: Workspace): Promise<UpdateReport> {
  const { names, lockfile: path } = options;
  const locked = await readLockfile(path);
  if (!locked)
    throw new PithError('LOCKFILE_MISSING', `there is no lockfile ${path}`, {
      path,
      hint: 'Write it with `pith lock`.',
    });
  const { catalogue } = workspace;
  const chosen = names.length > 0 ? await findHeld(locked, path, catalogue, names) : undefined;
  const held = await heldImages(locked, path, catalogue, chosen);
  const images = held.map(({ image }) => image);
  return withArchives(workspace, async (archives, pool) => {
    const before = renameHeld(locked, held);
    const { lockfile: now, changes } = await lockAnew(before, held.map(wantedOf), {
      path,
      archives,
      pool,
      workspace,
    });
    const sources = await readSources(changes, { before, now, images, archives, workspace });
    const text = formatLockfile(now);
    return {
      isCurrent: text === formatLockfile(locked),
      changes: groupChanges(changes, before, now),
      sources,
      cves: sortCves(sources.flatMap(({ cves }) => cves)),
      images: held.map((one) => updatedImage(one, before, now)),
      text,
    };
  });
}

/** The image for the platforms that it is locked for; for all that it has where none of these is left. */
function wantedOf({ image, locked }: HeldImage): WantedImage {
  const own = platformsOf(image, ['all']);
  const kept = own.filter((platform) => Object.hasOwn(locked.platforms, formatPlatform(platform)));
  return { image, platforms: kept.length > 0 ? kept : own };
}

function updatedBase(
  old: LockedImage | undefined,
  fresh: LockedImage | undefined,
): Pick<UpdatedImage, 'base'> {
  const [from, to] = [old?.base, fresh?.base];
  if (!to || from?.digest === to.digest) return {};
  return { base: { location: to.location, ...(from ? { from: from.digest } : {}), to: to.digest } };
}

function updatedImage(held: HeldImage, before: Lockfile, now: Lockfile): UpdatedImage {
  const { name } = held.image;
  const [old, fresh] = [before.images[name], now.images[name]];
  const platformsIn = (one: LockedImage | undefined): string[] => Object.keys(one?.platforms ?? {});
  const platforms = [...new Set([...platformsIn(old), ...platformsIn(fresh)])].sort();
  return {
    name,
    isChanged: old !== fresh || name !== held.name,
    ...updatedBase(old, fresh),
    platforms: platforms.map((platform) => ({
      platform,
      before: holdingsOf(before, name, platform),
      after: holdingsOf(now, name, platform),
    })),
  };
}
