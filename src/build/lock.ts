import { readFile } from 'node:fs/promises';
import {
  canonicalJson,
  type Digest,
  digestOf,
  hexOf,
  mapConcurrent,
  PithError,
  systemCode,
} from '../core/index.ts';
import { parseLocation } from '../location/index.ts';
import { formatPlatform, type Platform } from '../oci/index.ts';
import {
  EMPTY_LOCKFILE,
  type LockedImage,
  type Lockfile,
  mergeLockfiles,
  parseLockfile,
} from '../resolve/index.ts';
import type { Archives, OpenArchive } from './archives.ts';
import { installedPackages, readBaseImage } from './base-image.ts';
import type { BaseSpec } from './bases.ts';
import type { Pins } from './catalogue.ts';
import { hasPackages, type ImageSpec, type Level } from './image-spec.ts';
import { debianArchitecture } from './plan.ts';
import { type ResolvedLevels, resolveLevels } from './resolve-image.ts';
import { unusedOmissions } from './unused-omissions.ts';
import type { Workspace } from './workspace.ts';

const RECORD = 'resolution';
/** Changes when the same inputs would be resolved otherwise. */
const RESOLVE_VERSION = 3;

/** An image and the platforms that it is wanted for. */
export interface WantedImage {
  readonly image: ImageSpec;
  readonly platforms: readonly Platform[];
}

/** Resolves the packages of images against the archive as it is now. */
export async function resolveImages(
  wanted: readonly WantedImage[],
  archives: Archives,
  workspace: Workspace,
): Promise<Lockfile> {
  let lockfile = EMPTY_LOCKFILE;
  const resolved = await mapConcurrent(wanted, 4, async ({ image, platforms }) =>
    resolveImage(image, platforms, archives, workspace),
  );
  for (const one of resolved) lockfile = mergeLockfiles(lockfile, one);
  return lockfile;
}

/** For images that take nothing from a distribution. */
const NO_ARCHIVE: OpenArchive = {
  releases: [],
  source: () =>
    Promise.resolve({
      id: 'none',
      order: () => 0,
      candidates: () => [],
      providers: () => [],
      names: () => [],
      fetch: () => Promise.reject(new PithError('INTERNAL', 'no archive has a package')),
    }),
};

async function resolveImage(
  image: ImageSpec,
  platforms: readonly Platform[],
  archives: Archives,
  workspace: Workspace,
): Promise<Lockfile> {
  const archive = image.suites.length > 0 ? await archives.open(image) : NO_ARCHIVE;
  const suites = Object.fromEntries(
    archive.releases.map(({ suite, archive: name, date, release }) => [
      suite,
      { archive: name, date, release },
    ]),
  );
  const { base } = image;
  const locked: LockedImage = {
    inputs: inputsOf(image),
    // Of a base in a file its digest says all: where it lies is the definition's to say.
    ...(base ? { base: { location: placeOf(base), digest: base.digest } } : {}),
    suites,
    platforms: {},
  };
  const packages: Lockfile['packages'] = {};
  const failures = new Map<string, PithError>();
  for (const platform of platforms) {
    const name = formatPlatform(platform);
    try {
      const resolved = await resolvePlatform(image, platform, archives, archive, workspace);
      locked.platforms[name] = resolved.levels;
      Object.assign(packages, resolved.packages);
    } catch (error) {
      // What the others have tells whether it is the platform's fault.
      if (!isUnresolved(error)) throw failures.values().next().value ?? error;
      failures.set(name, error);
    }
  }
  const [failed] = failures;
  if (failed) throw notForAll(...failed, Object.keys(locked.platforms));
  for (const what of unusedOmissions(image, locked)) workspace.onProgress({ kind: 'note', what });
  return { ...EMPTY_LOCKFILE, images: { [image.name]: locked }, packages };
}

function isUnresolved(error: unknown): error is PithError {
  return (
    error instanceof PithError &&
    (error.code === 'PACKAGE_UNKNOWN' || error.code === 'DEPENDENCY_UNSATISFIABLE')
  );
}

/** A failure of one platform, with the others that have what is asked for. */
function notForAll(platform: string, error: PithError, others: readonly string[]): PithError {
  if (others.length === 0) return error;
  return new PithError(error.code, error.message, {
    cause: error,
    hint: `${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} all that is asked for: leave ${platform} out of \`platforms\`, or ask for something else.`,
  });
}

/** The packages of one platform; remembered for as long as the suites do not change. */
async function resolvePlatform(
  image: ImageSpec,
  platform: Platform,
  archives: Archives,
  archive: OpenArchive,
  { store, bases, archive: { skipUnavailable } }: Workspace,
): Promise<ResolvedLevels> {
  const releases = archive.releases.map(({ suite, release }) => [suite, release]);
  const architecture = debianArchitecture(platform);
  const tarballs = await archives.tarballs(image, platform);
  const base = image.base && (await bases.image(image.base, platform));
  const key = hexOf(
    digestOf(
      canonicalJson([
        RESOLVE_VERSION,
        inputsOf(image),
        architecture,
        releases,
        skipUnavailable,
        base?.descriptor.digest ?? '',
        [...tarballs.values()],
      ]),
    ),
  );
  const known = store.readRecord(RECORD, key) as ResolvedLevels | undefined;
  if (known) return known;
  const resolved = resolveLevels(image, await archive.source([architecture]), {
    architecture,
    platform: formatPlatform(platform),
    tarballs,
    installed: base ? installedPackages(await readBaseImage(base, store)) : [],
  });
  await store.writeRecord(RECORD, key, resolved);
  return resolved;
}

function levelsOf(image: ImageSpec): Level[] {
  return [...image.levels, ...Object.values(image.variants).flatMap((variant) => variant.levels)];
}

/** Digest of everything that resolution depends on but the archive: the suites and what is asked of them. */
export function inputsOf(image: ImageSpec): Digest {
  const asked = levelsOf(image)
    .filter(hasPackages)
    .map(({ name, omit, packages }) => [
      name,
      omit,
      packages.map(({ request, follow }) => [request, follow]),
    ]);
  return digestOf(canonicalJson([image.suites, asked, ...(image.base ? [placeOf(image.base)] : [])]));
}

/** A location without the folder of this machine. */
function placeOf({ location }: BaseSpec): string {
  return 'path' in parseLocation(location) ? location.replace(/:.*\//, ':') : location;
}

/** The digests of images that are extended, as a lockfile has them; none without a lockfile. */
export async function pinsOf(path: string | undefined): Promise<Pins> {
  const lockfile = path === undefined ? undefined : await readLockfile(path);
  return Object.fromEntries(
    Object.entries(lockfile?.images ?? {}).flatMap(([name, { base }]) => (base ? [[name, base.digest]] : [])),
  );
}

/** Reads a lockfile from disk; undefined if there is none. */
export async function readLockfile(path: string): Promise<Lockfile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new PithError(
      'LOCKFILE_INVALID',
      `${path}: cannot be read (${systemCode(error) ?? 'unknown fault'})`,
      { path, cause: error },
    );
  }
  return parseLockfile(text, path);
}

/** @throws PithError LOCKFILE_MISMATCH if the lockfile has not the image and platforms, or was made for another definition */
export function checkLocked(lockfile: Lockfile, { image, platforms }: WantedImage, path: string): void {
  const mismatch = (why: string): PithError =>
    new PithError('LOCKFILE_MISMATCH', `${path}: ${why}`, {
      path,
      hint: `Bring it up to date with \`pith lock ${image.file ?? image.name}\`.`,
    });
  const locked = lockfile.images[image.name];
  if (!locked) throw mismatch(`does not hold the image ${image.name}`);
  if (locked.inputs !== inputsOf(image))
    throw mismatch(
      `was made for another definition of ${image.name}: its packages or suites have changed since`,
    );
  for (const platform of platforms.map(formatPlatform)) {
    const levels = locked.platforms[platform];
    const isWhole =
      levels &&
      levelsOf(image)
        .filter(hasPackages)
        .every(({ name }) => levels[name] !== undefined);
    if (!isWhole) throw mismatch(`does not hold ${image.name} for ${platform}`);
  }
}

/** The lockfile at `path`; without a path the packages as the archive has them now. */
export async function lockFor(
  wanted: readonly WantedImage[],
  path: string | undefined,
  archives: Archives,
  workspace: Workspace,
): Promise<Lockfile> {
  if (path === undefined) return resolveImages(wanted, archives, workspace);
  const lockfile = await requireLockfile(path);
  for (const one of wanted) checkLocked(lockfile, one, path);
  return lockfile;
}

/** Reads a lockfile that has to be there. */
export async function requireLockfile(path: string): Promise<Lockfile> {
  const lockfile = await readLockfile(path);
  if (lockfile) return lockfile;
  throw new PithError('LOCKFILE_MISSING', `there is no lockfile ${path}`, {
    path,
    hint: 'Write it with `pith lock`, or build without --locked.',
  });
}
