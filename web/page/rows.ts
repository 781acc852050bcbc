import { sortEntries } from './sort.ts';
import { childrenOf, DIRECTORY, type Tree } from './tree.ts';

/** An order of entries. */
export interface Order {
  /** Undefined orders by name, or path. */
  readonly keys: ArrayLike<number> | undefined;
  readonly descending: boolean;
}

/** Rows that are added between two yields. */
const SLICE = 1 << 14;

/**
 * The entries that a tree shows, from top to bottom, without the root.
 * @param isExpanded whether a folder shows what is in it
 * @param marks 0 for what is left out
 */
export function* treeRows(
  tree: Tree,
  order: Order,
  isExpanded: (folder: number) => boolean,
  marks: Uint8Array | undefined,
): Generator<undefined, Int32Array> {
  const rows: number[] = [];
  const open: number[] = [];
  const push = function* (folder: number): Generator<undefined, undefined> {
    const children = childrenOf(tree, folder).filter((child) => marks?.[child] !== 0);
    const sorted = yield* sortBy(Int32Array.from(children), order);
    for (let at = sorted.length - 1; at >= 0; at--) open.push(sorted[at] ?? 0);
  };
  if (tree.count > 0) yield* push(0);
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    rows.push(entry);
    if (tree.types[entry] === DIRECTORY && isExpanded(entry)) yield* push(entry);
    if (rows.length % SLICE === 0) yield;
  }
  return Int32Array.from(rows);
}

/** The files, links and devices that match, or all, one below the other. */
export function* listRows(
  tree: Tree,
  order: Order,
  marks: Uint8Array | undefined,
): Generator<undefined, Int32Array> {
  const rows: number[] = [];
  for (let entry = 1; entry < tree.count; entry++) {
    if (tree.types[entry] !== DIRECTORY && (marks === undefined || marks[entry] === 1)) rows.push(entry);
    if (entry % SLICE === 0) yield;
  }
  return yield* sortBy(Int32Array.from(rows), order);
}

function* sortBy(entries: Int32Array, { keys, descending }: Order): Generator<undefined, Int32Array> {
  if (keys) return yield* sortEntries(entries, keys, descending);
  return descending ? entries.reverse() : entries;
}
