import { byText, canonicalJson, type Digest, digestOf, PithError } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import {
  isTarball,
  type LockedDeb,
  type LockedImage,
  type LockedPackage,
  type Lockfile,
} from './lockfile-types.ts';

const LOCKFILE_VERSION = 2;

export const EMPTY_LOCKFILE: Lockfile = { lockfileVersion: LOCKFILE_VERSION, images: {}, packages: {} };

/** What a lockfile keeps of a package. */
export function lockPackage(found: Package): LockedDeb {
  const { name, version, architecture, source, archive, suite, path, size, digest: sum } = found;
  return { name, version, architecture, source, archive, suite, path, size, digest: sum };
}

/** The key of a package in a lockfile: its file name without the ending, as Debian builds it; of npm's `npm:name@version`. */
export function packageKey(locked: LockedPackage): string {
  const { name, version } = locked;
  return isTarball(locked) ? `npm:${name}@${version}` : `${name}_${version}_${locked.architecture}`;
}

/** What tells the bytes of a package from all others. */
export function identityOf(locked: LockedPackage): string {
  return isTarball(locked) ? locked.integrity : locked.digest;
}

/** Keys of all packages of an image. */
function keysOf({ platforms }: LockedImage): string[] {
  return Object.values(platforms).flatMap((levels) =>
    Object.values(levels).flatMap((level) => level.packages.map((member) => member.package)),
  );
}

/** The lockfile as text: sorted, a line a package, so that a change is a change of few lines; with its checksum. */
export function formatLockfile(lockfile: Lockfile): string {
  const { lockfileVersion, images, packages } = JSON.parse(canonicalJson(lockfile)) as Lockfile;
  return `${formatValue({ lockfileVersion, checksum: checksumOf(lockfile), images, packages }, '', 0)}\n`;
}

/** Depth of the entries of `packages` in the file. */
const PACKAGE_DEPTH = 2;

/** JSON with two spaces a level, where the entries of lists and the packages take a line each. */
function formatValue(value: unknown, indent: string, depth: number): string {
  const deeper = `${indent}  `;
  const join = (open: string, parts: readonly string[], close: string): string =>
    parts.length === 0
      ? `${open}${close}`
      : `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`;
  if (Array.isArray(value))
    return join(
      '[',
      value.map((entry) => JSON.stringify(entry)),
      ']',
    );
  const isPackage = depth === PACKAGE_DEPTH && isObject(value) && 'archive' in value;
  if (!isObject(value) || isPackage) return JSON.stringify(value);
  const parts = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}: ${formatValue(entry, deeper, depth + 1)}`,
  );
  return join('{', parts, '}');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Reads a lockfile.
 * @throws PithError LOCKFILE_INVALID, LOCKFILE_NEWER, or LOCKFILE_EDITED where the checksum says that it was changed by hand
 */
export async function parseLockfile(text: string, path: string): Promise<Lockfile> {
  const fail = (why: string, cause?: unknown): PithError =>
    new PithError('LOCKFILE_INVALID', `${path}: is no lockfile: ${why}`, {
      path,
      cause,
      hint: 'Write it anew with `pith lock`.',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail('it is not JSON', error);
  }
  const version =
    typeof value === 'object' && value !== null && 'lockfileVersion' in value
      ? value.lockfileVersion
      : undefined;
  if (typeof version === 'number' && version > LOCKFILE_VERSION) {
    throw new PithError(
      'LOCKFILE_NEWER',
      `${path}: has the format ${version}; this pith reads ${LOCKFILE_VERSION}`,
      {
        path,
        hint: 'Use the release of pith that wrote it, or write it anew with `pith lock`.',
      },
    );
  }
  if (typeof version === 'number' && version < LOCKFILE_VERSION)
    throw fail(`it has the older format ${version}; this pith reads ${LOCKFILE_VERSION}`);
  const { asLockfile, lockfileSchema } = await import('./lockfile-schema.ts');
  const result = lockfileSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw fail(`${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim());
  }
  const [checksum, lockfile] = asLockfile(result.data);
  if (checksum !== checksumOf(lockfile)) {
    throw new PithError(
      'LOCKFILE_EDITED',
      `${path}: was changed by hand or badly merged (its checksum does not fit)`,
      {
        path,
        hint: 'Write it anew with `pith lock`; what an image holds is said in its definition.',
      },
    );
  }
  for (const [name, image] of Object.entries(lockfile.images)) {
    const missing = keysOf(image).find((key) => !Object.hasOwn(lockfile.packages, key));
    if (missing !== undefined)
      throw fail(`the image ${name} has the package ${missing}, which is not listed`);
  }
  return lockfile;
}

function checksumOf(lockfile: Lockfile): Digest {
  return digestOf(canonicalJson(lockfile));
}

/** Puts the images of `added` in place of those of the same name; packages that no image needs any more go. */
export function mergeLockfiles(base: Lockfile, added: Lockfile): Lockfile {
  const images = { ...base.images, ...added.images };
  const packages = { ...base.packages, ...added.packages };
  const used = new Set(Object.values(images).flatMap(keysOf));
  return {
    lockfileVersion: LOCKFILE_VERSION,
    images,
    packages: Object.fromEntries(Object.entries(packages).filter(([key]) => used.has(key))),
  };
}

/** A package whose version differs between two lockfiles, for one image and platform. */
export interface LockChange {
  readonly image: string;
  readonly platform: string;
  /** Name of the package. */
  readonly package: string;
  /** Keys of the package before and now. */
  readonly from?: string;
  readonly to?: string;
}

/** What differs between the images of `now` and the same images in `before`. Dates of suites are no difference. */
export function diffLockfiles(before: Lockfile, now: Lockfile): LockChange[] {
  const changes: LockChange[] = [];
  for (const [image, current] of Object.entries(now.images)) {
    const platforms = before.images[image]?.platforms ?? {};
    for (const platform of union(Object.keys(platforms), Object.keys(current.platforms))) {
      const was = keysByName(platforms[platform] ?? {}, before);
      const is = keysByName(current.platforms[platform] ?? {}, now);
      for (const name of union([...was.keys()], [...is.keys()])) {
        const [old = [], fresh = []] = [was.get(name), is.get(name)];
        const isKept = (key: string): boolean =>
          old.includes(key) && fresh.includes(key) && sameBytes(before, now, key);
        const gone = old.filter((key) => !isKept(key));
        const come = fresh.filter((key) => !isKept(key));
        for (let at = 0; at < Math.max(gone.length, come.length); at++) {
          const [from, to] = [gone[at], come[at]];
          changes.push({
            image,
            platform,
            package: name,
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
          });
        }
      }
    }
  }
  return changes;
}

/** A package may be there in several versions: one a level or variant. */
function keysByName(
  levels: LockedImage['platforms'][string],
  { packages }: Lockfile,
): Map<string, readonly string[]> {
  const keys = Object.values(levels).flatMap((level) => level.packages.map((member) => member.package));
  const byName = new Map<string, string[]>();
  for (const key of new Set(keys)) {
    const name = packages[key]?.name ?? key;
    byName.set(name, [...(byName.get(name) ?? []), key]);
  }
  return byName;
}

function sameBytes(before: Lockfile, now: Lockfile, key: string): boolean {
  const [a, b] = [before.packages[key], now.packages[key]];
  return a !== undefined && b !== undefined && identityOf(a) === identityOf(b);
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort(byText);
}
