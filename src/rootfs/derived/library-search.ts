import { byText } from '../../core/index.ts';
import type { ElfInfo } from '../elf.ts';
import { baseOf, folderOf, join, type TreeFile, TreeLookup } from '../tree-lookup.ts';
import { readLibraryFolders } from './ld-so-conf.ts';
import { type LibraryAbi, libraryAbi, libraryKind, systemFolders } from './library-abi.ts';
import { findLibraries } from './shared-libraries.ts';

export interface LibraryOptions {
  /** As for the cache: `/etc/ld.so.conf` and what it includes, by path. */
  readonly configuration: ReadonlyMap<string, Uint8Array>;
  /** Debian's name of it. */
  readonly architecture: string;
  /** LD_LIBRARY_PATH of the image. */
  readonly libraryPath?: string | undefined;
  /** What `/etc/ld.so.cache` of the image names; unless given, it is what ldconfig would write. Then there is a configuration. */
  readonly cache?: readonly CachedName[];
  /** Folders that the loader searches whatever the configuration says; those of Debian's glibc unless given. */
  readonly folders?: readonly string[];
}

/** A library as `/etc/ld.so.cache` names it. */
export interface CachedName {
  /** `flags`, by which a loader knows libraries of its own ABI. */
  readonly kind: number;
  readonly name: string;
  readonly path: string;
}

/** A library that the loader takes. */
interface FoundLibrary {
  readonly path: string;
  /** What it says of itself, unless it could not be read. */
  readonly elf?: ElfInfo;
}

/** Whether it is known how glibc finds libraries on an architecture. @param architecture Debian's name of it */
export function knowsLibraries(architecture: string): boolean {
  return libraryAbi(architecture) !== undefined;
}

/** Prepares the search for libraries of an image; nothing where glibc is not known for the architecture. */
export function searchLibraries(
  entries: Iterable<readonly [string, { readonly file: TreeFile }]>,
  options: LibraryOptions,
): LibrarySearch | undefined {
  const { architecture, libraryPath = '' } = options;
  const abi = libraryAbi(architecture);
  if (!abi) return undefined;
  const preferred = libraryPath.split(/[:;]/).filter((folder) => folder.startsWith('/'));
  return new LibrarySearch(new TreeLookup(entries), abi, options, preferred);
}

/**
 * Looks for libraries as the loader of an image would (ld.so(8)): in the RPATH of the file that needs them, in
 * LD_LIBRARY_PATH, in the RUNPATH of the file, in the cache and in the system's folders.
 */
export class LibrarySearch {
  /** Programs and libraries of the architecture, by path, in order. */
  readonly programs: readonly (readonly [path: string, elf: ElfInfo])[];
  readonly #tree: TreeLookup;
  readonly #abi: LibraryAbi;
  /** Paths of libraries by kind and name, as the cache has them. */
  readonly #cached = new Map<string, string>();
  /** Paths of each library in the image, by kind and by both its names. */
  readonly #anywhere = new Map<string, Set<string>>();
  /** Whether the cache is there already. */
  readonly #hasCache: boolean;
  /** Folders that are searched last. */
  readonly #folders: readonly string[];
  /** Folders that are searched before others. */
  readonly #preferred: readonly string[];
  /** Folders, without links, that are searched for all programs, and those that are for some. */
  readonly #public: ReadonlySet<string>;
  readonly #reached: ReadonlySet<string>;

  constructor(
    tree: TreeLookup,
    abi: LibraryAbi,
    { configuration, cache, folders = systemFolders(abi) }: LibraryOptions,
    preferred: readonly string[],
  ) {
    this.#tree = tree;
    this.#abi = abi;
    this.#preferred = preferred;
    this.#folders = folders;
    this.#hasCache = cache !== undefined;
    const configured = readLibraryFolders(configuration);
    const cached =
      cache ?? findLibraries(tree, abi, configured).libraries.filter(({ hwcaps }) => hwcaps === undefined);
    for (const { kind, name, path } of cached) setFirst(this.#cached, keyOf(kind, name), path);
    const programs: (readonly [string, ElfInfo])[] = [];
    for (const path of tree.paths()) {
      const elf = tree.get(path)?.elf;
      if (elf && abi.machines.includes(elf.machine)) programs.push([path, elf]);
    }
    this.programs = programs.sort(([a], [b]) => byText(a, b));
    for (const [path, elf] of this.programs) {
      const kind = libraryKind(elf, abi);
      if (kind === undefined) continue;
      for (const key of [baseOf(path), elf.soname ?? ''].map((name) => keyOf(kind, name)))
        this.#anywhere.set(key, (this.#anywhere.get(key) ?? new Set()).add(path));
    }
    this.#public = this.#resolveAll([...preferred, ...configured, ...folders]);
    this.#reached = this.#resolveAll(this.programs.flatMap(([path, elf]) => this.#ownFolders(path, elf)));
  }

  /** Whether a path leads to a regular file. */
  hasFile(path: string): boolean {
    return this.#tree.regular(path) !== undefined;
  }

  /** The library that a program or library at a path gets by a name. */
  find(needed: string, path: string, elf: ElfInfo): FoundLibrary | undefined {
    if (needed.includes('/')) return this.#usable(needed, elf);
    const own = this.#ownFolders(path, elf);
    const folders = elf.runpath === undefined ? [...own, ...this.#preferred] : [...this.#preferred, ...own];
    const first = this.#firstIn(folders, needed, elf);
    if (first) return first;
    const cached = this.#cached.get(keyOf(this.#kindFor(elf), needed));
    const fromCache = cached === undefined ? undefined : this.#usable(cached, elf);
    if (fromCache) return fromCache;
    // A cache that is yet to be written may name a link that ldconfig makes with it.
    if (cached !== undefined && !this.#hasCache) return { path: cached.replace(/^\/+/, '') };
    return this.#firstIn(this.#folders, needed, elf);
  }

  /** All places of libraries of this name, also those where the loader does not look. */
  places(needed: string, elf: ElfInfo): string[] {
    return [...(this.#anywhere.get(keyOf(this.#kindFor(elf), needed)) ?? [])];
  }

  /**
   * Whether that which loads a library at a path, such as a plugin, has the one at `place` already, as `java` has libjvm.so
   * when it loads libjava.so. It is so for a library that only programs find which know its folder, where the other lies
   * around it or where a program of the image looks.
   */
  isLoadedBefore(place: string, path: string, elf: ElfInfo): boolean {
    const own = folderOf(path);
    if (elf.interpreter !== undefined || this.#public.has(own)) return false;
    const folder = folderOf(place);
    return this.#reached.has(folder) || isWithin(own, folder) || isWithin(folder, own);
  }

  #resolveAll(folders: readonly string[]): Set<string> {
    const resolved = folders.map((folder) => this.#tree.resolve(folder));
    return new Set(resolved.filter((folder) => folder !== undefined));
  }

  /** The folders of a file's RUNPATH, else of its RPATH. */
  #ownFolders(path: string, { runpath, rpath = '' }: ElfInfo): string[] {
    const folders = (runpath ?? rpath).split(':').filter((folder) => folder !== '');
    return folders
      .map((folder) => this.#expand(folder, folderOf(path)))
      .filter((folder) => folder !== undefined);
  }

  #firstIn(folders: readonly string[], needed: string, elf: ElfInfo): FoundLibrary | undefined {
    for (const folder of folders) {
      const found = this.#usable(join(folder, needed), elf);
      if (found) return found;
    }
    return undefined;
  }

  /** A folder of a RUNPATH; nothing if it depends on the kernel (`$PLATFORM`) or the working folder. */
  #expand(folder: string, own: string): string | undefined {
    const expanded = folder
      .replace(/\$(?:\{ORIGIN\}|ORIGIN(?![A-Za-z0-9_]))/g, () => `/${own}`)
      .replace(/\$(?:\{LIB\}|LIB(?![A-Za-z0-9_]))/g, () => `lib/${this.#abi.triplet}`);
    return expanded.startsWith('/') && !expanded.includes('$') ? expanded : undefined;
  }

  /** The library there, if a program can load it: of a file that could not be read, it is assumed. */
  #usable(path: string, program: ElfInfo): FoundLibrary | undefined {
    const found = this.#tree.regular(path);
    if (!found) return undefined;
    const { elf } = found.file;
    if (!elf) return { path: found.path };
    return libraryKind(elf, this.#abi) === this.#kindFor(program) ? { path: found.path, elf } : undefined;
  }

  /** The kind of library that a program or library loads. */
  #kindFor(elf: ElfInfo): number | undefined {
    return libraryKind({ ...elf, type: 'shared', dynamic: true }, this.#abi);
  }
}

function setFirst(paths: Map<string, string>, key: string, path: string): void {
  if (!paths.has(key)) paths.set(key, path);
}

function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(`${other}/`);
}

function keyOf(kind: number | undefined, name: string): string {
  return `${kind} ${name}`;
}
