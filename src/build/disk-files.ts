import { byText, PithError } from '../core/index.ts';
import { type FileTree, type ListedFile, leadsOut, parentsOf, safePath, type User } from '../rootfs/index.ts';
import { ownerOf, pathsOf } from './declared-files.ts';
import type { DiskFile } from './disk-segment.ts';
import { nameOfSource } from './disk-source.ts';
import type { DiskEntry } from './disk-tree.ts';
import { timeOf } from './file-rules.ts';
import type { PlannedLevel } from './plan.ts';
import type { PlannedFile } from './planned-file.ts';

const FOLDER_MODE = 0o755;
const PROGRAM_MODE = 0o755;
const FILE_MODE = 0o644;
const NO_FILE = { size: 0, linkName: '', deviceMajor: 0, deviceMinor: 0, uid: 0, gid: 0 } as const;

/** A file with what tells whether it is another name of one that has several. */
interface Placed extends DiskFile {
  readonly inode: string | undefined;
}

/**
 * The files that a level takes from the disk, as they lie in the image: ordered by path, with the folders above them that
 * the image does not have. Folders that it has stay as they are. Of files with one path the one that stands last in the
 * definition is taken.
 * @param tree the image with everything else that the level brings
 * @param isKept whether a folder of the tree is more than one that a file of this level needs above it
 * @param latest no file gets a later time than this, in seconds since 1970
 * @throws PithError DEFINITION_INVALID for a link out of the root, a folder in the place of a file, an unknown owner
 */
export function placeDiskFiles(
  level: PlannedLevel,
  tree: FileTree,
  isKept: (folder: string) => boolean,
  users: readonly User[],
  latest: number,
): DiskFile[] {
  const placed = new Map<string, Placed>();
  for (const [index, file] of level.files.entries()) {
    if (!file.tree) {
      for (const path of pathsOf(file, level.name)) placed.delete(path);
      continue;
    }
    const { uid, gid } = ownerOf(file, users, level.name);
    const top = topOf(file, level.name);
    for (const entry of file.tree.entries) {
      const path = placeOf(entry, top, level.name);
      if (path === '') continue;
      const mtime = Math.min(timeOf(file, entry.mtime), latest);
      const inode = entry.inode === undefined ? undefined : `${index}:${entry.inode}`;
      placed.set(path, placeEntry(entry, file, { path, mtime, uid, gid }, inode, level.name));
    }
  }
  const own = [...placed.values()].filter(({ file }) => !isThere(file, tree) || !isKept(file.path));
  const folders = missingFolders(own, (path) => placed.has(path) || tree.has(path));
  return linkNames([...folders, ...own]);
}

/** Where each entry of a file's source lies, relative to the root; nothing for what is not taken from the disk. */
export function placesOf(file: PlannedFile, level: string): string[] {
  if (!file.tree) return [];
  const top = topOf(file, level);
  return file.tree.entries.map((entry) => placeOf(entry, top, level));
}

function placeOf({ path }: DiskEntry, top: string, level: string): string {
  return safePath(join(top, path), level);
}

/** Where the source itself lies. */
function topOf(file: PlannedFile, level: string): string {
  const { to = '', tree } = file;
  const isFolder = tree?.entries[0]?.type === 'directory';
  return safePath(
    to.replace(/^\/+/, '') + (to.endsWith('/') && !isFolder ? nameOfSource(file) : ''),
    `the definition ${level}`,
  );
}

function join(top: string, path: string): string {
  return top === '' || path === '' ? top + path : `${top}/${path}`;
}

function placeEntry(
  entry: DiskEntry,
  { from = '', mode, tree }: PlannedFile,
  { path, mtime, uid, gid }: Pick<ListedFile, 'path' | 'mtime' | 'uid' | 'gid'>,
  inode: string | undefined,
  level: string,
): Placed {
  const { type, target, size, digest, elf, isExecutable } = entry;
  const own = mode === undefined ? undefined : Number.parseInt(mode, 8);
  const nameOf = (): string => (entry.path === '' ? from : `${from}/${entry.path}`);
  const origin = (): string => join(tree?.location ?? '', entry.path);
  // Written out, since there may be very many.
  const base = {
    path,
    type,
    mode: 0,
    uid,
    gid,
    size,
    mtime,
    linkName: target,
    deviceMajor: 0,
    deviceMinor: 0,
  };
  switch (type) {
    case 'directory':
      base.mode = own === undefined ? FOLDER_MODE : folderMode(own);
      return { file: base, inode };
    case 'symlink':
      if (leadsOut(path, target)) throw linkOut(nameOf(), origin(), target, level);
      base.mode = 0o777;
      return { file: base, inode };
    case 'file': {
      base.mode = own ?? (isExecutable ? PROGRAM_MODE : FILE_MODE);
      const source = entry.source ?? { path: origin(), name: nameOf() };
      if (digest === undefined) return { file: base, source, inode };
      return { file: elf ? { ...base, digest, elf } : Object.assign(base, { digest }), source, inode };
    }
  }
}

/** Whoever may read the files may enter their folder; special bits are the files' alone. */
function folderMode(mode: number): number {
  return (mode & 0o777) | ((mode & 0o444) >> 2);
}

function linkOut(name: string, path: string, target: string, level: string): PithError {
  return new PithError(
    'DEFINITION_INVALID',
    `${level}: ${name} is a link out of the image's root (to ${JSON.stringify(target)})`,
    { path, hint: 'Mend the link, or leave it out with `ignore`.' },
  );
}

/** Whether a folder is in the image already. @throws PithError DEFINITION_INVALID if something else is in its place */
function isThere({ path, type }: ListedFile, tree: FileTree): boolean {
  if (type !== 'directory') return false;
  const there = tree.get(path);
  if (!there || there.file.type === 'directory') return there !== undefined;
  const what = there.file.type === 'symlink' ? `a link to ${there.file.linkName}` : 'a file';
  throw new PithError(
    'DEFINITION_INVALID',
    `the folder /${path} cannot be put into the image: there, it is ${what} (${there.origin})`,
    { hint: 'Choose another path; where it is a link, use the path that it leads to.' },
  );
}

function missingFolders(own: readonly Placed[], isThere: (path: string) => boolean): Placed[] {
  const known = new Set<string>();
  const folders: Placed[] = [];
  let last: string | undefined;
  for (const { file } of own) {
    const slash = file.path.lastIndexOf('/');
    const parent = file.path.slice(0, Math.max(0, slash));
    if (parent === last) continue;
    last = parent;
    for (const path of parentsOf(file.path)) {
      if (known.has(path) || isThere(path)) continue;
      known.add(path);
      const { mtime } = file;
      const folder = { ...NO_FILE, path, type: 'directory', mode: FOLDER_MODE, mtime } as const;
      folders.push({ file: folder, inode: undefined });
    }
  }
  return folders;
}

/** Orders the files; of a file with several names the first has the content, and the others are links to it. */
function linkNames(placed: readonly Placed[]): DiskFile[] {
  const first = new Map<string, string>();
  return [...placed]
    .sort((a, b) => byText(a.file.path, b.file.path))
    .map(({ file, source, inode }): DiskFile => {
      const linkName = inode === undefined ? undefined : first.get(inode);
      if (linkName !== undefined) {
        const { path, mode, uid, gid, mtime } = file;
        return { file: { ...NO_FILE, path, mode, uid, gid, mtime, type: 'hardlink', linkName } };
      }
      if (inode !== undefined) first.set(inode, file.path);
      return source ? { file, source } : { file };
    });
}
