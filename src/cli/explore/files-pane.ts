import { type LayerTree, isRemoved, statusOf } from './layer-tree.ts';
import type { FileStatus, ImageTree } from '../../inspect/index.ts';
import type { ContentBits } from './content-kinds.ts';
import { pathSearch } from './path-search.ts';
import {
  childrenOf,
  allFolders,
  foldersAbove,
  isFound,
  isShown,
  isShownItself,
  makeRows,
  rowCount,
  rowOf,
  rowsFrom,
  type Shown,
  SHOWN,
  type SortOrder,
  type TreeRows,
  withExpanded,
  withFolder,
  withRevealed,
  withSort,
} from './tree-rows.ts';

/** Which files are wanted. */
export interface FileFilter {
  readonly hidden: readonly FileStatus[];
  /** Text or pattern in the path; empty for all. */
  readonly search: string;
  /** Number of a type of content. */
  readonly kind?: number;
  /** Nodes of the tree, and what they are called: the files of a package, or those of none. */
  readonly set?: { readonly title: string; readonly has: (id: number) => boolean };
}

export const NO_FILTER: FileFilter = { hidden: [], search: '' };

/** The tree as it is shown, and where one is in it. */
export interface FilesPane {
  readonly rows: TreeRows;
  readonly filter: FileFilter;
  /** Folders that were expanded before a search expanded others. */
  readonly expandedBefore?: Uint8Array;
  readonly selected: number;
  /** Number of the first row on the screen. */
  readonly top: number;
  /** Nodes that jumps began at, the last one at the end. */
  readonly trail: readonly number[];
}

/** All files of a tree, with the folders at the top collapsed. */
export function openFiles(layers: LayerTree, sort: SortOrder): FilesPane {
  const rows = makeRows(layers, undefined, new Uint8Array(layers.tree.count), sort);
  return { rows, filter: NO_FILTER, selected: firstOf(rows), top: 0, trail: [] };
}

/**
 * Another tree in the place of this one: with the same filter, the same folders expanded and the same file selected, as
 * far as they are in it.
 */
export function changeTree(pane: FilesPane, layers: LayerTree, bits: ContentBits): FilesPane {
  const before = pane.rows.layers.tree;
  const { tree } = layers;
  const carry = (folders: Uint8Array): Uint8Array => {
    const carried = new Uint8Array(tree.count);
    const places = new Map([[before.root, tree.root]]);
    for (let id = 1; id < folders.length; id++) {
      if (folders[id] !== 1) continue;
      const above = before.parent(id);
      const from = places.get(above) ?? tree.find(before.path(above));
      const place =
        from === undefined ? undefined : tree.resolve(before.name(id), { from, followLast: false });
      if (place === undefined) continue;
      places.set(id, place);
      carried[place] = 1;
    }
    return carried;
  };
  const { set, ...filter } = pane.filter;
  const kept: FilesPane = {
    rows: makeRows(
      layers,
      undefined,
      carry(set ? (pane.expandedBefore ?? pane.rows.expanded) : pane.rows.expanded),
      pane.rows.sort,
    ),
    filter: NO_FILTER,
    selected: tree.find(before.path(pane.selected)) ?? tree.root,
    top: pane.top,
    trail: [],
    ...(pane.expandedBefore && !set ? { expandedBefore: carry(pane.expandedBefore) } : {}),
  };
  return changeFilter(kept, filter, bits, false);
}

/** @param opens whether the folders above what is found are expanded */
export function changeFilter(
  pane: FilesPane,
  filter: FileFilter,
  bits: ContentBits,
  opens = true,
): FilesPane {
  const { layers, sort } = pane.rows;
  const before = pane.expandedBefore ?? pane.rows.expanded;
  const isNarrow = narrows(filter);
  const rows = makeRows(layers, testOf(layers, filter, bits), isNarrow ? pane.rows.expanded : before, sort);
  const { expandedBefore, ...rest } = pane;
  if (isNarrow) {
    const found = opens ? withExpanded(rows, foldersAbove(rows)) : rows;
    const changed = { ...rest, rows: found, filter, expandedBefore: expandedBefore ?? before };
    return select(changed, isFound(found, pane.selected) ? pane.selected : firstMatch(found));
  }
  return select({ ...rest, rows, filter }, pane.selected);
}

/** Whether a filter is a search for something: then it is shown where it is. */
export function narrows({ search, kind, set }: FileFilter): boolean {
  return search !== '' || kind !== undefined || set !== undefined;
}

function testOf(
  layers: LayerTree,
  filter: FileFilter,
  bits: ContentBits,
): ((id: number) => Shown) | undefined {
  const { tree } = layers;
  const { hidden, search, kind, set } = filter;
  const tests: ((id: number) => boolean)[] = [];
  if (hidden.length > 0) tests.push((id) => !hidden.includes(ownStatus(layers, id)));
  if (set) tests.push(set.has);
  if (kind !== undefined) tests.push((id) => (bits.of(tree, id) & (1 << kind)) !== 0);
  if (search !== '') {
    const reasons = searchTree(tree, search);
    const isMatch = (id: number): boolean => tests.every((test) => test(id));
    return (id) =>
      reasons[id] !== SHOWN.NOT && isMatch(id) ? ((reasons[id] ?? SHOWN.NOT) as Shown) : SHOWN.NOT;
  }
  const match = narrows(filter) ? SHOWN.FOUND : SHOWN.ITSELF;
  return tests.length === 0 ? undefined : (id) => (tests.every((test) => test(id)) ? match : SHOWN.NOT);
}

/** What a search finds, and what is in the folders that it finds. */
function searchTree(tree: ImageTree, search: string): Uint8Array {
  const reasons = new Uint8Array(tree.count);
  const isMatch = pathSearch(tree, search);
  for (let id = 1; id < tree.count; id++)
    if (isMatch(id)) reasons[id] = SHOWN.FOUND;
    else if (reasons[tree.parent(id)] !== SHOWN.NOT) reasons[id] = SHOWN.ITSELF;
  return reasons;
}

/** Of a folder, whether itself changed: what is in it is shown for its own sake. */
function ownStatus(layers: LayerTree, id: number): FileStatus {
  return layers.tree.type(id) === 'directory' ? layers.tree.status(id) : statusOf(layers, id);
}

/** Selects a node, or what is nearest to it if it is not shown, and expands the folders above it. */
export function select(pane: FilesPane, id: number): FilesPane {
  const { tree } = pane.rows.layers;
  let at = id;
  while (at !== tree.root && !isShown(pane.rows, at)) at = tree.parent(at);
  if (at === tree.root) return { ...pane, selected: firstOf(pane.rows) };
  let isVisible = true;
  for (let above = tree.parent(at); above !== tree.root; above = tree.parent(above))
    isVisible &&= pane.rows.expanded[above] === 1;
  return { ...pane, rows: isVisible ? pane.rows : withRevealed(pane.rows, at), selected: at };
}

/** As {@link select}, and remembers where it was. */
export function jump(pane: FilesPane, id: number): FilesPane {
  return { ...select(pane, id), trail: [...pane.trail.slice(-99), pane.selected] };
}

export function goBack(pane: FilesPane): FilesPane {
  const last = pane.trail.at(-1);
  return last === undefined ? pane : { ...select(pane, last), trail: pane.trail.slice(0, -1) };
}

/** Selects a row by its number, or the one at the end that is nearest. */
export function selectRow(pane: FilesPane, row: number): FilesPane {
  const last = rowCount(pane.rows) - 1;
  const [found] = rowsFrom(pane.rows, Math.max(0, Math.min(row, last)), 1);
  return found ? { ...pane, selected: found.id } : pane;
}

export function selectedRow({ rows, selected }: FilesPane): number {
  return rowOf(rows, selected);
}

export function setExpanded(pane: FilesPane, folder: number, isExpanded: boolean): FilesPane {
  return { ...pane, rows: withFolder(pane.rows, folder, isExpanded) };
}

export function collapseAll(pane: FilesPane): FilesPane {
  const { tree } = pane.rows.layers;
  let at = pane.selected;
  while (tree.parent(at) !== tree.root) at = tree.parent(at);
  return { ...pane, rows: withExpanded(pane.rows, new Uint8Array(tree.count)), selected: at };
}

export function expandAll(pane: FilesPane): FilesPane {
  return { ...pane, rows: withExpanded(pane.rows, allFolders(pane.rows)) };
}

export function sortFiles(pane: FilesPane, sort: SortOrder): FilesPane {
  return { ...pane, rows: withSort(pane.rows, sort) };
}

/** The largest file that is shown, or the largest of those that come after one. */
export function largestFile({ rows }: FilesPane, after?: number): number | undefined {
  const { tree } = rows.layers;
  const limit = after === undefined ? Infinity : tree.size(after);
  let best: number | undefined;
  let bestSize = -1;
  for (let id = 1; id < tree.count; id++) {
    if (!isShownItself(rows, id) || tree.type(id) !== 'file' || isRemoved(rows.layers, id)) continue;
    const size = tree.size(id);
    if (size <= bestSize || size > limit || (size === limit && id <= (after ?? -1))) continue;
    best = id;
    bestSize = size;
  }
  return best;
}

function firstOf(rows: TreeRows): number {
  return rowsFrom(rows, 0, 1)[0]?.id ?? rows.layers.tree.root;
}

/** The first one in the order of rows that is shown for its own sake. */
function firstMatch(rows: TreeRows): number {
  let folder = rows.layers.tree.root;
  for (;;) {
    const first = childrenOf(rows, folder).find((id) => isShown(rows, id));
    if (first === undefined) return folder;
    if (isFound(rows, first)) return first;
    folder = first;
  }
}
