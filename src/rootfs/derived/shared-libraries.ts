import { byText } from '../../core/index.ts';
import { join, type TreeLookup } from '../tree-lookup.ts';
import { type LibraryAbi, libraryKind, systemFolders } from './library-abi.ts';

const HWCAPS = 'glibc-hwcaps';

/** A library as the cache lists it. */
export interface CachedLibrary {
  /** The name by which programs ask for it. */
  readonly name: string;
  /** Absolute path, by the folder's name in the configuration. */
  readonly path: string;
  readonly kind: number;
  /** Subfolder of glibc-hwcaps that it lies in, such as `x86-64-v3`. */
  readonly hwcaps: string | undefined;
  readonly isaLevel: number;
  readonly mtime: number;
}

export interface SharedLibraries {
  readonly libraries: readonly CachedLibrary[];
  /** Subfolders of glibc-hwcaps, those without libraries too. */
  readonly hwcaps: readonly string[];
  /** Links by the name that libraries give themselves which the tree lacks: path in the image and target. */
  readonly links: readonly { readonly path: string; readonly target: string; readonly mtime: number }[];
}

interface Folder {
  /** As the configuration has it. */
  readonly name: string;
  /** Without links. */
  readonly path: string;
  readonly hwcaps: string | undefined;
}

interface Found {
  readonly name: string;
  readonly soname: string;
  readonly kind: number;
  readonly isLink: boolean;
  readonly isaLevel: number;
  readonly mtime: number;
}

/**
 * The libraries that ldconfig finds (glibc 2.36 to 2.42: elf/ldconfig.c) in the configured folders and then in those of the
 * system, in the order of the folders. A folder with several names is searched once, by its first name.
 *
 * Unlike ldconfig it takes only libraries of the architecture's own machines and byte order, none whose own name is a path,
 * and none in the hardware subfolders that glibc before 2.37 had besides glibc-hwcaps (`tls`, `haswell` …).
 */
export function findLibraries(
  tree: TreeLookup,
  abi: LibraryAbi,
  configured: readonly string[],
): SharedLibraries {
  const folders = findFolders(tree, [...configured, ...systemFolders(abi)]);
  const libraries: CachedLibrary[] = [];
  const links: SharedLibraries['links'][number][] = [];
  for (const folder of folders) {
    for (const { name, soname, kind, isLink, isaLevel, mtime } of searchFolder(tree, abi, folder)) {
      const file = folder.hwcaps === undefined ? soname : name;
      libraries.push({
        name: soname,
        path: `${folder.name}/${file}`,
        kind,
        hwcaps: folder.hwcaps,
        isaLevel,
        mtime,
      });
      if (folder.hwcaps === undefined && !isLink && needsLink(tree, folder.path, name, soname))
        links.push({ path: join(folder.path, soname), target: name, mtime });
    }
  }
  const hwcaps = folders.flatMap((folder) => (folder.hwcaps === undefined ? [] : [folder.hwcaps]));
  return { libraries, hwcaps: [...new Set(hwcaps)].sort(byText), links };
}

function findFolders(tree: TreeLookup, names: readonly string[]): Folder[] {
  const byPath = new Map<string, Folder>();
  const add = (name: string, hwcaps?: string): Folder | undefined => {
    const path = tree.resolve(name);
    if (path === undefined || !tree.isFolder(path) || byPath.has(path)) return undefined;
    const folder = { name, path, hwcaps };
    byPath.set(path, folder);
    return folder;
  };
  for (const name of names) {
    const folder = add(name);
    const parent = folder && tree.resolve(`${folder.path}/${HWCAPS}`);
    if (parent === undefined) continue;
    for (const hwcaps of tree.list(parent).filter((each) => !each.startsWith('.') && !each.includes(':')))
      add(`${name}/${HWCAPS}/${hwcaps}`, hwcaps);
  }
  return [...byPath.values()];
}

/** One library for each name that libraries give themselves: rather a file than a link, and the newest of them. */
function searchFolder(tree: TreeLookup, abi: LibraryAbi, folder: Folder): Found[] {
  const bySoname = new Map<string, Found>();
  for (const name of tree.list(folder.path)) {
    const found = examine(tree, abi, folder, name);
    if (!found) continue;
    const before = bySoname.get(found.soname);
    const isBetter =
      !before ||
      (before.isLink && !found.isLink) ||
      (before.isLink === found.isLink && compareNames(before.name, found.name) < 0);
    if (isBetter) bySoname.set(found.soname, before ? { ...found, kind: before.kind } : found);
  }
  return [...bySoname.values()];
}

function examine(tree: TreeLookup, abi: LibraryAbi, folder: Folder, name: string): Found | undefined {
  const path = join(folder.path, name);
  const entry = tree.get(path);
  const isSymlink = entry?.type === 'symlink';
  if (isTemporary(name) || (!isLibraryName(name) && (!isSymlink || folder.hwcaps === undefined)))
    return undefined;
  const { file } = tree.regular(path) ?? {};
  const kind = file?.elf && libraryKind(file.elf, abi);
  if (!file?.elf || kind === undefined) return undefined;
  const soname = file.elf.soname ?? name;
  // A link named otherwise than its library counts as a library, but for one that only the compiler's linker uses.
  const isDevelopmentLink = name.endsWith('.so') && soname.startsWith(name);
  const isLink = isSymlink && (name === soname || isDevelopmentLink);
  const own = isLink ? name : soname;
  if (own === '' || own.includes('/') || own === '.' || own === '..') return undefined;
  return { name, soname: own, kind, isLink, isaLevel: file.elf.isaLevel ?? 0, mtime: file.mtime };
}

/** Whether a file is named as a shared library or loader. @param path in the image */
export function isLibraryPath(path: string): boolean {
  return isLibraryName(path.slice(path.lastIndexOf('/') + 1));
}

function isLibraryName(name: string): boolean {
  return /^(?:(?:lib|ld-).*\.so|ld\.so\.|ld64\.so\.)/s.test(name);
}

/** What dpkg and rpm leave while they unpack. */
function isTemporary(name: string): boolean {
  return name.includes(';') || name.endsWith('.dpkg-new') || name.endsWith('.dpkg-tmp');
}

function needsLink(tree: TreeLookup, folder: string, name: string, soname: string): boolean {
  const there = tree.get(join(folder, soname));
  if (there && there.type !== 'symlink') return false;
  return tree.regular(join(folder, soname))?.path !== tree.regular(join(folder, name))?.path;
}

/**
 * Order of library names: runs of digits by their value, everything else by bytes (glibc: `_dl_cache_libcmp`, whose integers
 * have 32 bits). It is also the order in which the loader searches the cache.
 */
export function compareNames(left: string, right: string): number {
  const a = Buffer.from(`${left}\0`);
  const b = Buffer.from(`${right}\0`);
  let i = 0;
  let j = 0;
  while (a[i] !== 0) {
    if (isDigit(a[i])) {
      if (!isDigit(b[j])) return 1;
      const [x, nextI] = readNumber(a, i);
      const [y, nextJ] = readNumber(b, j);
      if (x !== y) return (x - y) | 0;
      i = nextI;
      j = nextJ;
    } else {
      if (isDigit(b[j])) return -1;
      if (a[i] !== b[j]) return (a[i] ?? 0) - (b[j] ?? 0);
      i++;
      j++;
    }
  }
  return 0 - (b[j] ?? 0);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function readNumber(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  let at = start;
  for (; isDigit(bytes[at]); at++) value = (value * 10 + (bytes[at] ?? 0) - 0x30) | 0;
  return [value, at];
}
