import type { TreeFile } from '../tree-lookup.ts';
import { type LibraryOptions, searchLibraries } from './library-search.ts';

export interface MissingVersion {
  /** The program or library that needs it. */
  readonly path: string;
  /** Such as `GLIBC_2.38`. */
  readonly version: string;
  /** The library's name by which it is needed, and the path that the loader finds it at. */
  readonly needed: string;
  readonly library: string;
}

/**
 * The versions of symbols that programs and libraries of an image need of libraries that are there but do not define them
 * (Linux Standard Base, "Symbol Versioning"). Of a library that cannot be read, it is assumed that it does.
 * @param entries as for missing libraries
 * @returns in the order of paths; nothing where glibc is not known for the architecture
 */
export function findMissingVersions(
  entries: Iterable<readonly [string, { readonly file: TreeFile }]>,
  options: LibraryOptions,
): MissingVersion[] {
  const search = searchLibraries(entries, options);
  if (!search) return [];
  return search.programs.flatMap(([path, elf]) =>
    Object.entries(elf.versionsNeeded ?? {}).flatMap(([needed, versions]) => {
      const found = search.find(needed, path, elf);
      if (!found?.elf) return [];
      const defined = new Set(found.elf.versionsDefined);
      return versions
        .filter((version) => !defined.has(version))
        .map((version) => ({ path, version, needed, library: found.path }));
    }),
  );
}
