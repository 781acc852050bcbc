import { textAt, type TreeColumns } from '../../src/page/decode-tree.ts';

export { textAt };

/** Places in ENTRY_TYPES and ENTRY_CHANGES of the data. */
export const DIRECTORY = 0;
export const CHANGE = { same: 0, added: 1, removed: 2, content: 3, metadata: 4 } as const;

/** The tree with what is computed from it once. */
export interface Tree extends TreeColumns {
  /** Bytes at and below each entry, in the image (of a difference: in the second one). */
  readonly bytes: Float64Array;
  /** The same in the first image of a difference. */
  readonly bytesBefore: Float64Array;
  /** Bytes at and below each entry that were added, removed or replaced. */
  readonly bytesChanged: Float64Array;
  /** Entries at and below each that are no folders. */
  readonly files: Int32Array;
  /** Entries at and below each, folders too, that differ. */
  readonly changed: Int32Array;
}

const SLICE = 1 << 15;

/** Adds up what is in each folder. */
export function* measureTree(columns: TreeColumns): Generator<undefined, Tree> {
  const { count, parents, types, sizes, difference } = columns;
  const bytes = new Float64Array(count);
  const bytesBefore = new Float64Array(count);
  const bytesChanged = new Float64Array(count);
  const files = new Int32Array(count);
  const changed = new Int32Array(count);
  for (let entry = count - 1; entry >= 0; entry--) {
    const change = difference?.changes[entry] ?? CHANGE.same;
    const size = sizes[entry] ?? 0;
    const before = change === CHANGE.added ? 0 : (difference?.sizes[entry] ?? size);
    const now = change === CHANGE.removed ? 0 : size;
    add(bytes, entry, now);
    add(bytesBefore, entry, before);
    if (change !== CHANGE.same) {
      add(changed, entry, 1);
      if (change !== CHANGE.metadata) add(bytesChanged, entry, Math.max(now, before));
    }
    if (types[entry] !== DIRECTORY) add(files, entry, 1);
    const parent = parents[entry] ?? -1;
    if (parent >= 0) {
      add(bytes, parent, bytes[entry] ?? 0);
      add(bytesBefore, parent, bytesBefore[entry] ?? 0);
      add(bytesChanged, parent, bytesChanged[entry] ?? 0);
      add(files, parent, files[entry] ?? 0);
      add(changed, parent, changed[entry] ?? 0);
    }
    if (entry % SLICE === 0) yield;
  }
  return { ...columns, bytes, bytesBefore, bytesChanged, files, changed };
}

function add(column: Float64Array | Int32Array, entry: number, value: number): void {
  column[entry] = (column[entry] ?? 0) + value;
}

/** Numbers of what is directly in a folder, by name. */
export function childrenOf(tree: TreeColumns, folder: number): number[] {
  const children: number[] = [];
  const end = tree.ends[folder] ?? 0;
  for (let child = folder + 1; child < end; child = tree.ends[child] ?? end) children.push(child);
  return children;
}

/** `/usr/lib`; of the root, `/`. */
export function pathOf(tree: TreeColumns, entry: number): string {
  const parts: string[] = [];
  for (let at = entry; at > 0; at = tree.parents[at] ?? 0) parts.push(textAt(tree.names, at));
  return `/${parts.reverse().join('/')}`;
}

/** The entry at a path, with or without slashes at its ends; undefined if there is none. */
export function findPath(tree: TreeColumns, path: string): number | undefined {
  let entry = 0;
  for (const part of path.split('/').filter((name) => name !== '' && name !== '.')) {
    const found = childrenOf(tree, entry).find((child) => textAt(tree.names, child) === part);
    if (found === undefined) return undefined;
    entry = found;
  }
  return tree.count > 0 ? entry : undefined;
}

/** The folders above an entry, the root first. */
export function foldersAbove(tree: TreeColumns, entry: number): number[] {
  const above: number[] = [];
  for (let at = tree.parents[entry] ?? -1; at >= 0; at = tree.parents[at] ?? -1) above.push(at);
  return above.reverse();
}

/** Where a link leads in the image, links on the way not followed; undefined if nothing is there. */
export function targetOf(tree: TreeColumns, entry: number, isHardLink: boolean): number | undefined {
  const link = textAt(tree.links, entry);
  if (link === '') return undefined;
  const start = link.startsWith('/') || isHardLink ? [] : pathOf(tree, tree.parents[entry] ?? 0).split('/');
  for (const part of link.split('/')) {
    if (part === '..') start.pop();
    else if (part !== '.' && part !== '') start.push(part);
  }
  return findPath(tree, start.join('/'));
}
