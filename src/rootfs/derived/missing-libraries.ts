import { byText } from '../../core/index.ts';
import type { TreeFile } from '../tree-lookup.ts';
import { type LibraryOptions, searchLibraries } from './library-search.ts';

export interface MissingLibrary {
  /** The program or library that needs it. */
  readonly path: string;
  /** A library's name, or the path of the loader. */
  readonly needed: string;
  /** Where the image has a library of this name, in a folder that the loader does not search for it. */
  readonly elsewhere?: string;
}

/**
 * What programs and libraries of an image need and the loader would not find (ld.so(8)): in LD_LIBRARY_PATH, in their RPATH
 * or RUNPATH, in the cache and in the system's folders. Files of another architecture are not looked at, nor are kernel
 * modules. Libraries of private folders, such as plugins, do not count where they need what the program that loads them will
 * have loaded before.
 * @param entries the files of the image: `FileTree.entries()`
 * @returns in the order of paths and names; nothing where glibc is not known for the architecture
 */
export function findMissingLibraries(
  entries: Iterable<readonly [string, { readonly file: TreeFile }]>,
  options: LibraryOptions,
): MissingLibrary[] {
  const search = searchLibraries(entries, options);
  if (!search) return [];
  return search.programs.flatMap(([path, elf]) => {
    const absent = elf.needed.filter((needed) => !search.find(needed, path, elf));
    const loader = elf.interpreter;
    if (loader !== undefined && !search.hasFile(loader)) absent.push(loader);
    return [...new Set(absent)].sort(byText).flatMap((needed) => {
      const places = search.places(needed, elf);
      if (places.some((place) => search.isLoadedBefore(place, path, elf))) return [];
      const [elsewhere] = places;
      return [{ path, needed, ...(elsewhere === undefined ? {} : { elsewhere }) }];
    });
  });
}
