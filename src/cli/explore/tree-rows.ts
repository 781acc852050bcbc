import { byText } from '../../core/index.ts';
import type { LayerTree } from './layer-tree.ts';

export type SortOrder = 'name' | 'size' | 'change';
export const SORT_ORDERS: readonly SortOrder[] = ['name', 'size', 'change'];

/**
 * The rows of a tree of which some files are shown and some folders are expanded. No list of them is kept: each node knows
 * how many rows it takes, so that a row is found, and a folder expanded, by going through a few folders only. Never
 * changed: another tree is another value.
 */
export interface TreeRows {
  readonly layers: LayerTree;
  readonly sort: SortOrder;
  /** A number of {@link SHOWN} each. */
  readonly shown: Uint8Array;
  readonly expanded: Uint8Array;
  /** Rows that it takes: itself and, if it is expanded, those below; without its own row for the root. */
  readonly counts: Uint32Array;
  /** Bytes of what is shown at and below it; what was removed counts in what was removed with it. */
  readonly bytes: Float64Array;
  /** Files that are shown at and below it. */
  readonly files: Uint32Array;
  /** Folders in their order, as far as it was asked for. */
  readonly orders: Map<number, readonly number[]>;
}

export interface Row {
  readonly id: number;
  /** Folders above it, without the root. */
  readonly depth: number;
}

/** Why a node is shown: for what is in it, or itself, or because it was looked for. */
export const SHOWN = { NOT: 0, ABOVE: 1, ITSELF: 2, FOUND: 3 } as const;
export type Shown = (typeof SHOWN)[keyof typeof SHOWN];

/**
 * @param test which nodes are shown, all if it is left out; the folders above them are, too
 * @param expanded 1 for folders that are expanded
 */
export function makeRows(
  layers: LayerTree,
  test: ((id: number) => Shown) | undefined,
  expanded: Uint8Array,
  sort: SortOrder,
): TreeRows {
  const { tree } = layers;
  const [shown, bytes] = [new Uint8Array(tree.count), new Float64Array(tree.count)];
  const files = new Uint32Array(tree.count);
  for (let id = tree.count - 1; id > tree.root; id--) {
    if (!tree.isThere(id)) continue;
    const own = test === undefined ? SHOWN.ITSELF : test(id);
    if (own !== SHOWN.NOT) {
      shown[id] = own;
      bytes[id] = (bytes[id] ?? 0) + tree.size(id);
      if (tree.type(id) !== 'directory') files[id] = (files[id] ?? 0) + 1;
    }
    if (shown[id] === SHOWN.NOT) continue;
    const parent = tree.parent(id);
    shown[parent] ||= SHOWN.ABOVE;
    if (tree.status(id) === 'removed' && tree.status(parent) !== 'removed') continue;
    bytes[parent] = (bytes[parent] ?? 0) + (bytes[id] ?? 0);
    files[parent] = (files[parent] ?? 0) + (files[id] ?? 0);
  }
  const rows = { layers, sort, shown, expanded, bytes, files, orders: new Map<number, readonly number[]>() };
  return { ...rows, counts: countRows(layers, shown, expanded) };
}

function countRows({ tree }: LayerTree, shown: Uint8Array, expanded: Uint8Array): Uint32Array {
  const counts = new Uint32Array(tree.count);
  for (let id = tree.count - 1; id > tree.root; id--) {
    if (shown[id] === SHOWN.NOT) continue;
    counts[id] = 1 + (expanded[id] === 1 ? (counts[id] ?? 0) : 0);
    const parent = tree.parent(id);
    counts[parent] = (counts[parent] ?? 0) + (counts[id] ?? 0);
  }
  return counts;
}

export function withSort(rows: TreeRows, sort: SortOrder): TreeRows {
  return { ...rows, sort, orders: new Map() };
}

/** With these folders expanded and no others. */
export function withExpanded(rows: TreeRows, expanded: Uint8Array): TreeRows {
  return { ...rows, expanded, counts: countRows(rows.layers, rows.shown, expanded) };
}

/** With one folder expanded or collapsed. */
export function withFolder(rows: TreeRows, folder: number, isExpanded: boolean): TreeRows {
  if ((rows.expanded[folder] === 1) === isExpanded) return rows;
  const { tree } = rows.layers;
  const [expanded, counts] = [rows.expanded.slice(), rows.counts.slice()];
  expanded[folder] = isExpanded ? 1 : 0;
  let below = 0;
  for (const child of childrenOf(rows, folder)) below += counts[child] ?? 0;
  const more = isExpanded ? below : -below;
  for (let id = folder; ; id = tree.parent(id)) {
    if (id !== folder && id !== tree.root && expanded[id] === 0) break;
    counts[id] = (counts[id] ?? 0) + more;
    if (id === tree.root) break;
  }
  return { ...rows, expanded, counts };
}

/** With all folders above a node expanded. */
export function withRevealed(rows: TreeRows, id: number): TreeRows {
  const { tree } = rows.layers;
  const expanded = rows.expanded.slice();
  for (let at = tree.parent(id); at !== tree.root; at = tree.parent(at)) expanded[at] = 1;
  return withExpanded(rows, expanded);
}

/** The folders above all that was found. */
export function foldersAbove({ shown, layers: { tree } }: TreeRows): Uint8Array {
  const above = new Uint8Array(tree.count);
  for (let id = tree.count - 1; id > tree.root; id--)
    if (shown[id] === SHOWN.FOUND || above[id] === 1) above[tree.parent(id)] = 1;
  return above;
}

export function allFolders({ shown, layers: { tree } }: TreeRows): Uint8Array {
  return shown.map((why, id) => (why !== SHOWN.NOT && tree.type(id) === 'directory' ? 1 : 0));
}

export function rowCount({ counts, layers: { tree } }: TreeRows): number {
  return counts[tree.root] ?? 0;
}

export function isShown({ shown }: TreeRows, id: number): boolean {
  return shown[id] !== SHOWN.NOT;
}

/** Shown for its own sake, not for what is in it. */
export function isShownItself({ shown }: TreeRows, id: number): boolean {
  return (shown[id] ?? SHOWN.NOT) >= SHOWN.ITSELF;
}

export function isFound({ shown }: TreeRows, id: number): boolean {
  return shown[id] === SHOWN.FOUND;
}

/** Some rows, from a number on. */
export function rowsFrom(rows: TreeRows, first: number, count: number): Row[] {
  const found: Row[] = [];
  for (const row of walk(rows, rows.layers.tree.root, 0, { left: first })) {
    if (found.length >= count) break;
    found.push(row);
  }
  return found;
}

function* walk(rows: TreeRows, folder: number, depth: number, skip: { left: number }): Generator<Row> {
  for (const id of childrenOf(rows, folder)) {
    const count = rows.counts[id] ?? 0;
    if (count === 0) continue;
    if (skip.left >= count) {
      skip.left -= count;
      continue;
    }
    if (skip.left > 0) skip.left--;
    else yield { id, depth };
    if (rows.expanded[id] === 1) yield* walk(rows, id, depth + 1, skip);
  }
}

/** The number of the row of a node, if all folders above it are expanded. */
export function rowOf(rows: TreeRows, id: number): number {
  const { tree } = rows.layers;
  let row = -1;
  for (let at = id; at !== tree.root; at = tree.parent(at)) {
    row++;
    for (const sibling of childrenOf(rows, tree.parent(at))) {
      if (sibling === at) break;
      row += rows.counts[sibling] ?? 0;
    }
  }
  return Math.max(0, row);
}

/** What is in a folder, in the order that was chosen. */
export function childrenOf(rows: TreeRows, folder: number): readonly number[] {
  const known = rows.orders.get(folder);
  if (known) return known;
  const { tree, changes } = rows.layers;
  const children = tree.children(folder);
  const byNumber = (of: Uint8Array | Float64Array, sign: number) => (a: number, b: number) =>
    sign * ((of[a] ?? 0) - (of[b] ?? 0)) || byText(tree.name(a), tree.name(b));
  if (rows.sort === 'size') children.sort(byNumber(rows.bytes, -1));
  if (rows.sort === 'change') children.sort(byNumber(changes, 1));
  rows.orders.set(folder, children);
  return children;
}
