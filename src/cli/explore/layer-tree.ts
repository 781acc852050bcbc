import { type FileStatus, ImageTree, type ImageView } from '../../inspect/index.ts';

/** What the tree shows: the files up to a layer, and whose changes. */
export interface TreeChoice {
  /** Number of the layer, from 0. */
  readonly layer: number;
  /** Changes of all layers since the first, not of this layer alone. */
  readonly aggregated: boolean;
}

/** The files of an image up to a layer, and what changed. */
export interface LayerTree extends TreeChoice {
  readonly tree: ImageTree;
  /** A status each: numbers of {@link STATUSES}. A folder in which something changed is changed. */
  readonly changes: Uint8Array;
  /** How many files there are of each status. */
  readonly counts: Readonly<Record<FileStatus, number>>;
}

/** In the order of sorting by change. */
export const STATUSES: readonly FileStatus[] = ['added', 'changed', 'removed', 'unchanged'];
const CHANGED = STATUSES.indexOf('changed');
const UNCHANGED = STATUSES.indexOf('unchanged');

export function stackLayers(view: ImageView, { layer, aggregated }: TreeChoice): LayerTree {
  const tree = treeOf(view, layer, aggregated ? Math.min(1, layer) : layer);
  const changes = new Uint8Array(tree.count).fill(UNCHANGED);
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  for (let id = tree.count - 1; id > tree.root; id--) {
    if (!tree.isThere(id)) continue;
    const status = tree.status(id);
    const isFolder = tree.type(id) === 'directory';
    if (!isFolder) counts[status]++;
    if (status !== 'unchanged') changes[id] = STATUSES.indexOf(status);
    const parent = tree.parent(id);
    if (changes[id] !== UNCHANGED && changes[parent] === UNCHANGED) changes[parent] = CHANGED;
  }
  return { layer, aggregated, tree, changes, counts };
}

function treeOf({ contents: { layers }, tree }: ImageView, upTo: number, since: number): ImageTree {
  const isWhole = upTo >= layers.length - 1 && since === upTo && tree.changes(upTo).removed === 0;
  return isWhole ? tree : ImageTree.stack(layers, { upTo, since, keepRemoved: true });
}

export function statusOf({ changes }: LayerTree, id: number): FileStatus {
  return STATUSES[changes[id] ?? UNCHANGED] ?? 'unchanged';
}

/** Whether the last layers removed it. */
export function isRemoved(tree: LayerTree, id: number): boolean {
  return tree.tree.status(id) === 'removed';
}
