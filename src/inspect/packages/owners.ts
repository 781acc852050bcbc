import type { InstalledPackage } from './model.ts';

/** Folders that are links into /usr where that is merged (file-hierarchy(7)). */
const MERGED = /^(usr\/)?((?:bin|sbin|lib|lib32|lib64|libo32|libx32)\/.+)$/;

/** Whose a file is. */
export interface FileOwners {
  /** @param path in the image, whether it or the package names it in /usr; the first package of several that say it is theirs */
  get(path: string): InstalledPackage | undefined;
}

/** An index of the files of packages: one string that the packages have already, and one reference, a file. */
export function ownersOf(packages: Iterable<InstalledPackage>): FileOwners {
  const owners = new Map<string, InstalledPackage>();
  for (const one of packages) for (const { path } of one.files) if (!owners.has(path)) owners.set(path, one);
  return {
    get(path) {
      const other = owners.get(path);
      if (other) return other;
      const merged = mergedPath(path);
      return merged === undefined ? undefined : owners.get(merged);
    },
  };
}

/**
 * The other path of a file in a system whose top-level folders are merged into /usr: `lib/x` is `usr/lib/x` there, and the
 * other way round.
 */
export function mergedPath(path: string): string | undefined {
  const [, folder, rest] = MERGED.exec(path) ?? [];
  if (rest === undefined) return undefined;
  return folder === undefined ? `usr/${rest}` : rest;
}
