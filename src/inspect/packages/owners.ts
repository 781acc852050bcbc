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
  const folders = new Map<string, InstalledPackage>();
  for (const one of packages) {
    for (const { path } of one.files) if (!owners.has(path)) owners.set(path, one);
    const folder = folderOfPackage(one);
    if (folder !== undefined) folders.set(folder, one);
  }
  return {
    get(path) {
      const listed = owners.get(path) ?? owners.get(mergedPath(path) ?? path);
      return listed ?? (folders.size === 0 ? undefined : ownerByFolder(path, folders));
    },
  };
}

/** The folder that is all of a package but for the packages in its own node_modules; nothing where files are listed. */
export function folderOfPackage({ type, path, files }: InstalledPackage): string | undefined {
  return type === 'npm' && files.length === 0 ? path.slice(0, path.lastIndexOf('/')) : undefined;
}

/** Where packages have packages of their own. */
export const NESTED = 'node_modules';

function ownerByFolder(
  path: string,
  folders: ReadonlyMap<string, InstalledPackage>,
): InstalledPackage | undefined {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at);
    const owner = folders.get(folder);
    if (owner || folder.endsWith(`/${NESTED}`)) return owner;
  }
  return undefined;
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
