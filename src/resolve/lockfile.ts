import { byText, canonicalJson, type Digest, digestOf, PithError } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import type { LockedPackage, Lockfile } from './lockfile-types.ts';

const LOCKFILE_VERSION = 1;

export const EMPTY_LOCKFILE: Lockfile = { lockfileVersion: LOCKFILE_VERSION, images: {}, packages: {} };

/** What a lockfile keeps of a package. */
export function lockPackage(found: Package): LockedPackage {
  const { name, version, architecture, source, archive, suite, path, size, digest: sum } = found;
  return { name, version, architecture, source, archive, suite, path, size, digest: sum };
}

/** The key of a package in a lockfile: its file name without the ending, as Debian builds it. */
export function packageKey({
  name,
  version,
  architecture,
}: Pick<Package, 'name' | 'version' | 'architecture'>): string {
  return `${name}_${version}_${architecture}`;
}

/** The lockfile as text: sorted, a line a package, so that a change is a change of few lines; with its checksum. */
export function formatLockfile(lockfile: Lockfile): string {
  const sorted = JSON.parse(canonicalJson(lockfile)) as Lockfile;
  const head = {
    lockfileVersion: sorted.lockfileVersion,
    checksum: checksumOf(lockfile),
    images: sorted.images,
  };
  const packages = Object.entries(sorted.packages).map(
    ([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  const body = JSON.stringify(head, null, 2).replace(/\n}$/, '');
  return `${body},\n  "packages": {\n${packages.join(',\n')}\n  }\n}\n`;
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
    const missing = Object.values(image.platforms)
      .flatMap((requests) => Object.values(requests))
      .find((key) => !Object.hasOwn(lockfile.packages, key));
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
  const used = new Set(
    Object.values(images).flatMap((image) =>
      Object.values(image.platforms).flatMap((requests) => Object.values(requests)),
    ),
  );
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
  readonly request: string;
  readonly from?: string;
  readonly to?: string;
}

/** What differs between the images of `now` and the same images in `before`. Dates of suites are no difference. */
export function diffLockfiles(before: Lockfile, now: Lockfile): LockChange[] {
  const changes: LockChange[] = [];
  for (const [image, current] of Object.entries(now.images)) {
    const old = before.images[image]?.platforms ?? {};
    for (const platform of union(Object.keys(old), Object.keys(current.platforms))) {
      const [was, is] = [old[platform] ?? {}, current.platforms[platform] ?? {}];
      for (const request of union(Object.keys(was), Object.keys(is))) {
        const [from, to] = [was[request], is[request]];
        const same =
          from === to &&
          from !== undefined &&
          to !== undefined &&
          before.packages[from]?.digest === now.packages[to]?.digest;
        if (!same)
          changes.push({
            image,
            platform,
            request,
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
          });
      }
    }
  }
  return changes;
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort(byText);
}
