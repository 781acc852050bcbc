import {
  compareFiles,
  type FileEntry,
  type ImageView,
  type InstalledPackage,
  ownersOf,
  pairFiles,
} from '../../inspect/index.ts';
import { ENTRY_CHANGES, ENTRY_TYPES, type PageEntryBefore, type PageTree } from '../../page/index.ts';

type Change = (typeof ENTRY_CHANGES)[number];

/** The columns of a tree of the page, one entry after the other. */
class TreeWriter {
  readonly #names: string[] = [];
  readonly #columns = {
    parents: [] as number[],
    types: [] as number[],
    sizes: [] as number[],
    modes: [] as number[],
    uids: [] as number[],
    gids: [] as number[],
    mtimes: [] as number[],
    layers: [] as number[],
    packages: [] as number[],
  };
  readonly #links = new Map<number, string>();

  add(parent: number, file: FileEntry, layer: number, owner: number): number {
    const { path, type, size, mode, uid, gid, mtime, linkName } = file;
    const columns = this.#columns;
    const at = this.#names.push(path === '.' ? '' : path.slice(path.lastIndexOf('/') + 1)) - 1;
    columns.parents.push(parent);
    columns.types.push(ENTRY_TYPES.indexOf(type));
    columns.sizes.push(size);
    columns.modes.push(mode);
    columns.uids.push(uid);
    columns.gids.push(gid);
    columns.mtimes.push(Math.floor(mtime));
    columns.layers.push(layer);
    columns.packages.push(owner);
    if (linkName !== '') this.#links.set(at, linkName);
    return at;
  }

  finish(): PageTree {
    return { names: this.#names, ...this.#columns, links: this.#links };
  }
}

/** The files of an image for the page. @param packages in the order in which the page has them */
export function pageTree({ tree }: ImageView, packages: readonly InstalledPackage[]): PageTree {
  const writer = new TreeWriter();
  const ownerOf = numbersOf(packages);
  const numbers = new Map<number, number>();
  for (const id of tree.walk()) {
    const file = tree.file(id);
    const layer = tree.entryNumber(id) === undefined ? -1 : tree.layer(id);
    numbers.set(id, writer.add(numbers.get(tree.parent(id)) ?? 0, file, layer, ownerOf(file.path)));
  }
  return writer.finish();
}

/** The files of two images for the page. @param packages those of both, those of the second first */
export function pageDiffTree(
  { tree: before }: ImageView,
  { tree: after }: ImageView,
  packages: readonly InstalledPackage[],
): PageTree {
  const writer = new TreeWriter();
  const ownerOf = numbersOf(packages);
  const changes: number[] = [];
  const old = new Map<number, PageEntryBefore>();
  for (const pair of pairFiles(before, after)) {
    const [tree, id] = pair.now === undefined ? [before, pair.old ?? 0] : [after, pair.now];
    const file = tree.file(id);
    const layer = tree.entryNumber(id) === undefined ? -1 : tree.layer(id);
    const at = writer.add(pair.parent, file, layer, ownerOf(file.path));
    let change: Change = pair.old === undefined ? 'added' : pair.now === undefined ? 'removed' : 'same';
    if (pair.old !== undefined && pair.now !== undefined) {
      const what = compareFiles(before, pair.old, after, pair.now);
      const isContent = what.some((one) => one === 'content' || one === 'type' || one === 'target');
      if (what.length > 0) {
        change = isContent ? 'content' : 'metadata';
        old.set(at, entryBefore(before.file(pair.old)));
      }
    }
    changes.push(ENTRY_CHANGES.indexOf(change));
  }
  return { ...writer.finish(), changes, before: old };
}

function entryBefore({ type, size, mode, uid, gid, linkName }: FileEntry): PageEntryBefore {
  return {
    type: ENTRY_TYPES.indexOf(type),
    size,
    mode,
    uid,
    gid,
    ...(linkName === '' ? {} : { link: linkName }),
  };
}

/** Finds the number of the package that a path is of, or -1. */
function numbersOf(packages: readonly InstalledPackage[]): (path: string) => number {
  const owners = ownersOf(packages);
  const numbers = new Map(packages.map((one, at) => [one, at]));
  return (path) => {
    const owner = owners.get(path);
    return owner ? (numbers.get(owner) ?? -1) : -1;
  };
}
