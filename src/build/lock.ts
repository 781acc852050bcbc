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
import { formatPlatform, type Platform } from '../oci/index.ts';
import {
  EMPTY_LOCKFILE,
  formatRequest,
  lockPackage,
  type LockedImage,
  type Lockfile,
  mergeLockfiles,
  packageKey,
  parseLockfile,
  type Request,
  resolveListed,
} from '../resolve/index.ts';
import type { Archives, OpenArchive } from './archives.ts';
import type { ImageSpec } from './image-spec.ts';
import type { Selection } from './image.ts';
import { debianArchitecture, pinnedSuites, requestsOf } from './plan.ts';
import type { Workspace } from './workspace.ts';

const RECORD = 'resolution';
/** Changes when the same inputs would be resolved otherwise. */
const RESOLVE_VERSION = 1;

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
    resolveImage(image, platforms, await archives.open(image), workspace),
  );
  for (const one of resolved) lockfile = mergeLockfiles(lockfile, one);
  return lockfile;
}

async function resolveImage(
  image: ImageSpec,
  platforms: readonly Platform[],
  archive: OpenArchive,
  workspace: Workspace,
): Promise<Lockfile> {
  const suites = Object.fromEntries(
    archive.releases.map(({ suite, archive: name, date, release }) => [
      suite,
      { archive: name, date, release },
    ]),
  );
  const locked: LockedImage = { inputs: inputsOf(image), suites, platforms: {} };
  const packages: Lockfile['packages'] = {};
  for (const platform of platforms) {
    const selection = await resolvePlatform(image, platform, archive, workspace);
    locked.platforms[formatPlatform(platform)] = Object.fromEntries(
      [...selection].map(([request, found]) => [request, packageKey(found)]),
    );
    for (const found of selection.values()) packages[packageKey(found)] = found;
  }
  return { ...EMPTY_LOCKFILE, images: { [image.name]: locked }, packages };
}

/** The packages of one platform; remembered for as long as the suites do not change. */
async function resolvePlatform(
  image: ImageSpec,
  platform: Platform,
  archive: OpenArchive,
  { store, archive: { skipUnavailable } }: Workspace,
): Promise<Selection> {
  const releases = archive.releases.map(({ suite, release }) => [suite, release]);
  const architecture = debianArchitecture(platform);
  const key = hexOf(
    digestOf(canonicalJson([RESOLVE_VERSION, inputsOf(image), architecture, releases, skipUnavailable])),
  );
  const known = store.readRecord(RECORD, key) as [string, Lockfile['packages'][string]][] | undefined;
  if (known) return new Map(known);
  const source = await archive.source([architecture]);
  const found = resolveListed(requestsOf(image), source, {
    architecture,
    platform: formatPlatform(platform),
    pinned: pinnedSuites(image.suites),
  });
  const selection = new Map([...found].map(([request, chosen]) => [request, lockPackage(chosen)]));
  await store.writeRecord(RECORD, key, [...selection]);
  return selection;
}

/** Digest of everything that resolution depends on but the archive: the suites and what is asked of them. */
function inputsOf(image: ImageSpec): Digest {
  const requests: Request[] = requestsOf(image);
  return digestOf(canonicalJson([image.suites, requests.map(formatRequest).sort()]));
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

/**
 * The packages that a lockfile holds for one platform of an image.
 * @throws PithError LOCKFILE_MISMATCH if it has no such image or platform, or was made for another definition
 */
export function selectLocked(
  lockfile: Lockfile,
  image: ImageSpec,
  platform: Platform,
  path: string,
): Selection {
  const name = formatPlatform(platform);
  const mismatch = (why: string): PithError =>
    new PithError('LOCKFILE_MISMATCH', `${path}: ${why}`, {
      path,
      hint: `Bring it up to date with \`pith lock ${image.name}\`.`,
    });
  const locked = lockfile.images[image.name];
  if (!locked) throw mismatch(`does not hold the image ${image.name}`);
  if (locked.inputs !== inputsOf(image))
    throw mismatch(
      `was made for another definition of ${image.name}: its packages or suites have changed since`,
    );
  const requests = locked.platforms[name];
  if (!requests) throw mismatch(`does not hold ${image.name} for ${name}`);
  return new Map(
    requestsOf(image).map((request) => {
      const key = requests[formatRequest(request)];
      const found = key === undefined ? undefined : lockfile.packages[key];
      if (!found) throw mismatch(`has no package for ${formatRequest(request)} of ${image.name} on ${name}`);
      return [formatRequest(request), found];
    }),
  );
}

/** The lockfile at `path`; without a path the packages as the archive has them now. */
export async function lockFor(
  wanted: readonly WantedImage[],
  path: string | undefined,
  archives: Archives,
  workspace: Workspace,
): Promise<Lockfile> {
  if (path === undefined) return resolveImages(wanted, archives, workspace);
  const lockfile = await readLockfile(path);
  if (lockfile) return lockfile;
  throw new PithError('LOCKFILE_MISSING', `there is no lockfile ${path}`, {
    path,
    hint: 'Write it with `pith lock`, or build without --locked.',
  });
}
