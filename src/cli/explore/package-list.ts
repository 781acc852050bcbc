import type { FileOwners, ImageTree, InstalledPackage, MeasuredPackage } from '../../inspect/index.ts';

/** The packages of an image, by type and name. */
export interface PackageList {
  readonly packages: readonly MeasuredPackage[];
  readonly owners: FileOwners;
}

/** The nodes of a package's files that are in a tree, without folders. */
export function* nodesOf(tree: ImageTree, { files, path: toldBy }: InstalledPackage): Generator<number> {
  // A package that lists nothing is the file that tells of it, as a jar is.
  for (const path of files.length === 0 ? [toldBy] : files.map((file) => file.path)) {
    const id = tree.resolve(path, { followLast: false });
    if (id !== undefined && tree.type(id) !== 'directory') yield id;
  }
}

/** Those with a text in the name, in an order. */
export function listPackages(
  { packages }: PackageList,
  { search, sort }: { readonly search: string; readonly sort: 'name' | 'size' },
): readonly MeasuredPackage[] {
  const text = search.toLowerCase();
  const found = packages.filter(({ installed }) => installed.name.toLowerCase().includes(text));
  return sort === 'name' ? found : found.sort((a, b) => b.size - a.size);
}
