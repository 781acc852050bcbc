import { joinPackages } from '../packages/join.ts';
import type { InstalledPackage } from '../packages/model.ts';
import { folderOfPackage, NESTED } from '../packages/owners.ts';
import type { ImageTree } from '../tree.ts';
import type { ImageView } from '../view.ts';

/** A package with what of it is in the image. */
export interface MeasuredPackage {
  readonly installed: InstalledPackage;
  /** Regular files of it that are in the image. */
  readonly files: number;
  /** Bytes of these; what two packages claim counts for both. */
  readonly size: number;
}

const known = new WeakMap<ImageView, readonly MeasuredPackage[]>();

/** The packages of an image, in the order of types and names. */
export function packagesOf(view: ImageView): readonly MeasuredPackage[] {
  const before = known.get(view);
  if (before) return before;
  const packages = measurePackages(view);
  known.set(view, packages);
  return packages;
}

function measurePackages(view: ImageView): MeasuredPackage[] {
  const kinds = ['packages', 'owned-files', 'licences', 'os-release'] as const;
  const found = kinds.flatMap((kind) =>
    view.found(kind).map(({ path, layer, fact }) => ({ path, layer, facts: [fact] })),
  );
  const { tree } = view;
  return joinPackages(found).map((installed) => {
    const ids = new Set<number>();
    for (const { path } of installed.files) {
      const id = tree.resolve(path, { followLast: false });
      if (id !== undefined && tree.contentOf(id) === id) ids.add(id);
    }
    // A package that is one file, such as a jar, is that file.
    if (installed.files.length === 0 && installed.member === undefined && isOneFile(installed)) {
      const id = tree.find(installed.path);
      if (id !== undefined) ids.add(id);
    }
    const folder = folderOfPackage(installed);
    if (folder !== undefined) for (const id of filesIn(tree, tree.find(folder))) ids.add(id);
    let size = 0;
    for (const id of ids) size += tree.size(id);
    return { installed, files: ids.size, size };
  });
}

/** The files of a folder without those of the packages in it. */
function* filesIn(tree: ImageTree, folder: number | undefined): Generator<number> {
  const waiting = folder === undefined ? [] : [folder];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (tree.contentOf(id) === id) yield id;
    else for (const child of tree.children(id)) if (tree.name(child) !== NESTED) waiting.push(child);
  }
}

function isOneFile({ type }: InstalledPackage): boolean {
  return type === 'maven';
}
