import { byText } from '../../core/index.ts';
import type { ElfInfo } from '../elf.ts';
import { baseOf, folderOf, join, type TreeFile, TreeLookup } from '../tree-lookup.ts';
import { readLibraryFolders } from './ld-so-conf.ts';
import { type LibraryAbi, libraryAbi, libraryKind, systemFolders } from './library-abi.ts';
import { findLibraries } from './shared-libraries.ts';

export interface MissingLibrary {
  /** The program or library that needs it. */
  readonly path: string;
  /** A library's name, or the path of the loader. */
  readonly needed: string;
  /**
   * Where the image has a library of this name that the loader does not look for there. The program works all the same if
   * something has loaded that one before, as `java` does with libjvm.so.
   */
  readonly elsewhere?: string;
}

/**
 * What programs and libraries of an image need and the loader would not find (ld.so(8)): in their RPATH or RUNPATH, in the
 * cache and in the system's folders. Files of another architecture are not looked at, nor are kernel modules.
 * The RPATH of the program that loads a library is not known here; what only that reaches is listed with `elsewhere`.
 * @param entries the files of the image: `FileTree.entries()`
 * @param configuration as for the cache
 * @returns in the order of paths and names; nothing where glibc is not known for the architecture
 */
export function findMissingLibraries(
  entries: Iterable<readonly [string, { readonly file: TreeFile }]>,
  { configuration, architecture }: { configuration: ReadonlyMap<string, Uint8Array>; architecture: string },
): MissingLibrary[] {
  const abi = libraryAbi(architecture);
  if (!abi) return [];
  const search = new LibrarySearch(new TreeLookup(entries), abi, readLibraryFolders(configuration));
  return search.missing();
}

class LibrarySearch {
  readonly #tree: TreeLookup;
  readonly #abi: LibraryAbi;
  /** Paths of libraries by kind and name, as the cache has them. */
  readonly #cached = new Set<string>();
  /** Some path of each library in the image, by kind and by both its names. */
  readonly #anywhere = new Map<string, string>();
  readonly #programs: (readonly [path: string, elf: ElfInfo])[] = [];

  constructor(tree: TreeLookup, abi: LibraryAbi, configured: readonly string[]) {
    this.#tree = tree;
    this.#abi = abi;
    for (const { kind, name, hwcaps } of findLibraries(tree, abi, configured).libraries)
      if (hwcaps === undefined) this.#cached.add(keyOf(kind, name));
    for (const path of [...tree.paths()].sort(byText)) {
      const elf = tree.get(path)?.elf;
      if (!elf || !abi.machines.includes(elf.machine)) continue;
      this.#programs.push([path, elf]);
      const kind = libraryKind(elf, abi);
      if (kind === undefined) continue;
      for (const name of [baseOf(path), elf.soname ?? '']) {
        if (!this.#anywhere.has(keyOf(kind, name))) this.#anywhere.set(keyOf(kind, name), path);
      }
    }
  }

  missing(): MissingLibrary[] {
    return this.#programs.flatMap(([path, elf]) => {
      const absent = elf.needed.filter((needed) => !this.#isFound(needed, path, elf));
      const loader = elf.interpreter;
      if (loader !== undefined && !this.#tree.regular(loader)) absent.push(loader);
      return [...new Set(absent)].sort(byText).map((needed) => {
        const elsewhere = this.#anywhere.get(keyOf(this.#kindFor(elf), needed));
        return { path, needed, ...(elsewhere === undefined ? {} : { elsewhere }) };
      });
    });
  }

  #isFound(needed: string, path: string, elf: ElfInfo): boolean {
    if (needed.includes('/')) return this.#isUsable(needed, elf);
    if (this.#cached.has(keyOf(this.#kindFor(elf), needed))) return true;
    const own = folderOf(path);
    const folders = (elf.runpath ?? elf.rpath ?? '').split(':').filter((folder) => folder !== '');
    return [...folders.map((folder) => this.#expand(folder, own)), ...systemFolders(this.#abi)].some(
      (folder) => folder !== undefined && this.#isUsable(join(folder, needed), elf),
    );
  }

  /** A folder of a RUNPATH; nothing if it depends on the kernel (`$PLATFORM`) or the working folder. */
  #expand(folder: string, own: string): string | undefined {
    const expanded = folder
      .replace(/\$(?:\{ORIGIN\}|ORIGIN(?![A-Za-z0-9_]))/g, () => `/${own}`)
      .replace(/\$(?:\{LIB\}|LIB(?![A-Za-z0-9_]))/g, () => `lib/${this.#abi.triplet}`);
    return expanded.startsWith('/') && !expanded.includes('$') ? expanded : undefined;
  }

  /** Whether a library lies there that a program can load: of a file that could not be read, it is assumed. */
  #isUsable(path: string, program: ElfInfo): boolean {
    const found = this.#tree.regular(path);
    const elf = found?.file.elf;
    return found !== undefined && (!elf || libraryKind(elf, this.#abi) === this.#kindFor(program));
  }

  /** The kind of library that a program or library loads. */
  #kindFor(elf: ElfInfo): number | undefined {
    return libraryKind({ ...elf, type: 'shared', dynamic: true }, this.#abi);
  }
}

function keyOf(kind: number | undefined, name: string): string {
  return `${kind} ${name}`;
}
