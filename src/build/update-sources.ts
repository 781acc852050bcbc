import { byText, mapConcurrent, PithError, throwIfInterrupted } from '../core/index.ts';
import { type ChangelogEntry, readChangelog, selectEntries, sortCves } from '../distro/index.ts';
import { parsePlatform } from '../oci/index.ts';
import { isTarball, type LockChange, type LockedDeb, type Lockfile, lockPackage } from '../resolve/index.ts';
import type { Archives } from './archives.ts';
import type { ImageSpec } from './image-spec.ts';
import type { FetchPackage } from './image.ts';
import { debianArchitecture } from './plan.ts';
import { isSecurity, kindOf } from './update-changes.ts';
import { verifyFile } from './verify-file.ts';
import type { Workspace } from './workspace.ts';

/** A source package of which packages go up, and what its changelog says about that. */
export interface UpdatedSource {
  readonly name: string;
  /** Versions of the source package; where only binary packages were built anew, with `+b` and a number. */
  readonly from: string;
  readonly to: string;
  /** Whether a new package comes from the distribution's security archive. */
  readonly isSecurity: boolean;
  /** Names of the packages that go up. */
  readonly packages: readonly string[];
  /** The entries above `from` and up to `to`, newest first. */
  readonly entries: readonly ChangelogEntry[];
  /** The CVE numbers that these entries name. */
  readonly cves: readonly string[];
  /** Why there is no changelog, where none could be read. */
  readonly missing?: string;
}

export interface SourceOptions {
  readonly before: Lockfile;
  readonly now: Lockfile;
  readonly images: readonly ImageSpec[];
  readonly archives: Archives;
  readonly workspace: Workspace;
}

/** Source packages whose changelogs are fetched at once. */
const AT_ONCE = 4;
/** Packages of one source that are looked into. */
const MAX_TRIES = 6;
const REBUILT = /\+b\d+$/;

interface Upgrade {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Whether the old packages came from a source of another name, so that the versions do not compare. */
  readonly isMoved: boolean;
  isSecurity: boolean;
  readonly packages: Set<string>;
  readonly image: string;
  readonly architecture: string;
}

/**
 * What the changelogs say about all packages that go up, by source package. A changelog comes from the smallest new
 * package of the source that has one; nothing but packages is fetched. What is wrong with the trust in a package ends
 * this; where one cannot be had or read otherwise, the result says so.
 */
export async function readSources(
  changes: readonly LockChange[],
  options: SourceOptions,
): Promise<UpdatedSource[]> {
  const upgrades = upgradesOf(changes, options);
  const fetch = options.archives.fetcher(options.images, options.now);
  const sources = await mapConcurrent(upgrades, AT_ONCE, async (upgrade): Promise<UpdatedSource> => {
    throwIfInterrupted(options.workspace.signal);
    const { name, from, to, isMoved } = upgrade;
    const found = await findChangelog(upgrade, fetch, options);
    const entries = selectEntries(found.entries, isMoved ? undefined : from, to);
    return {
      name,
      from,
      to,
      isSecurity: upgrade.isSecurity,
      packages: [...upgrade.packages].sort(byText),
      entries,
      cves: sortCves(entries.flatMap((entry) => entry.cves)),
      ...(found.missing === undefined ? {} : { missing: found.missing }),
    };
  });
  return sources.sort((a, b) => byText(a.name, b.name));
}

function upgradesOf(changes: readonly LockChange[], { before, now }: SourceOptions): Upgrade[] {
  const upgrades = new Map<string, Upgrade>();
  for (const change of changes) {
    const [old, fresh] = [before.packages[change.from ?? ''], now.packages[change.to ?? '']];
    if (!old || !fresh || isTarball(old) || isTarball(fresh) || kindOf(old, fresh) !== 'up') continue;
    const isRebuilt = old.source.version === fresh.source.version;
    const from = isRebuilt ? builtVersion(old) : old.source.version;
    const to = builtVersion(fresh);
    const { name } = fresh.source;
    const key = JSON.stringify([old.source.name, name, from, to]);
    const upgrade = upgrades.get(key) ?? {
      name,
      from,
      to,
      isMoved: old.source.name !== name,
      isSecurity: false,
      packages: new Set(),
      image: change.image,
      architecture: debianArchitecture(parsePlatform(change.platform)),
    };
    upgrade.packages.add(fresh.name);
    upgrade.isSecurity ||= isSecurity(fresh);
    upgrades.set(key, upgrade);
  }
  return [...upgrades.values()];
}

/** The version of the source package, with the number of the binary-only upload (deb-changelog(5), binary-only). */
function builtVersion({ version, source }: LockedDeb): string {
  const rebuilt = REBUILT.exec(version)?.[0] ?? '';
  return source.version.endsWith(rebuilt) ? source.version : source.version + rebuilt;
}

interface Found {
  readonly entries: readonly ChangelogEntry[];
  readonly missing?: string;
}

async function findChangelog(upgrade: Upgrade, fetch: FetchPackage, options: SourceOptions): Promise<Found> {
  try {
    const entries = await searchPackages(upgrade, fetch, options);
    return entries ? { entries } : { entries: [], missing: 'its packages hold none' };
  } catch (error) {
    if (error instanceof PithError && /^(?:NETWORK_|ARCHIVE_|OFFLINE)/.test(error.code))
      return { entries: [], missing: error.message };
    throw error;
  }
}

/** Looks into the packages of the source: those in the cache first, then the smallest, and where links lead at once. */
async function searchPackages(
  upgrade: Upgrade,
  fetch: FetchPackage,
  options: SourceOptions,
): Promise<readonly ChangelogEntry[] | undefined> {
  const { store } = options.workspace;
  const rank = ({ digest, size }: LockedDeb): number => (store.sizeOf(digest) === size ? 0 : size);
  const waiting = packagesOf(upgrade, options.now).sort((a, b) => rank(a) - rank(b) || a.size - b.size);
  const seen = new Set<string>();
  for (let wanted = waiting.shift(); wanted && seen.size < MAX_TRIES; wanted = waiting.shift()) {
    if (seen.has(wanted.digest)) continue;
    seen.add(wanted.digest);
    const found = await readChangelog(await fetchSound(wanted, fetch, options.workspace), wanted.name);
    if (found.kind === 'entries') return found.entries;
    const other =
      found.kind === 'elsewhere' ? await locate(found.package, wanted, upgrade, options) : undefined;
    if (other) waiting.unshift(other);
  }
  return undefined;
}

/** The new packages of a source. */
function packagesOf({ name, to }: Upgrade, { packages }: Lockfile): LockedDeb[] {
  return Object.values(packages).filter(
    (locked): locked is LockedDeb =>
      !isTarball(locked) && locked.source.name === name && builtVersion(locked) === to,
  );
}

async function fetchSound(wanted: LockedDeb, fetch: FetchPackage, { store }: Workspace): Promise<string> {
  const { path } = await fetch(wanted);
  try {
    await verifyFile(path, wanted.digest, `${wanted.name} ${wanted.version}`);
    return path;
  } catch (error) {
    if (!(error instanceof PithError) || error.code !== 'CACHE_CORRUPT') throw error;
    await store.removeDamaged(path);
    return (await fetch(wanted)).path;
  }
}

/** The package of that name and the same source: in the lockfile, or in the archive. */
async function locate(
  name: string,
  { source }: LockedDeb,
  { image, architecture }: Upgrade,
  { now, images, archives }: SourceOptions,
): Promise<LockedDeb | undefined> {
  const isIt = (one: Pick<LockedDeb, 'name' | 'source' | 'architecture'>): boolean =>
    one.name === name &&
    one.source.name === source.name &&
    one.source.version === source.version &&
    (one.architecture === architecture || one.architecture === 'all');
  const held = Object.values(now.packages).find(
    (locked): locked is LockedDeb => !isTarball(locked) && isIt(locked),
  );
  const spec = images.find((one) => one.name === image);
  if (held || !spec) return held;
  const archive = await (await archives.open(spec)).source([architecture]);
  const found = archive.candidates(name, architecture).find(isIt);
  return found ? lockPackage(found) : undefined;
}
