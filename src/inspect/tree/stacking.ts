import type { TarEntryType } from '../../archive/index.ts';
import type { LayerContents } from '../model.ts';
import { MARK, type TreeChanges } from './changes.ts';
import { NO_ENTRY, type TreeNodes } from './nodes.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** A whiteout that hides nothing, or an entry below something that is no folder. */
export interface StackFlaw {
  readonly layer: number;
  readonly path: string;
  readonly flaw: 'whiteout-of-nothing' | 'below-no-folder' | 'link-loop';
}

/** What the tree tells of itself while layers are put on it. */
export interface GrowingTree {
  readonly root: number;
  readonly layers: readonly LayerContents[];
  isThere(id: number): boolean;
  path(id: number): string;
  layer(id: number): number;
  type(id: number): TarEntryType;
  entryNumber(id: number): number | undefined;
  children(id: number): number[];
  resolve(path: string): number | undefined;
}

/** Puts layers on a tree, as engines unpack them. */
export class Stacking {
  readonly flaws: StackFlaw[] = [];
  readonly #tree: GrowingTree;
  readonly #nodes: TreeNodes;
  readonly #changes: TreeChanges;
  readonly #onRemoved: (id: number, layer: number) => void;
  /** The folder of the entry before: most entries lie beside it. */
  #last = { folder: '', id: 0 };

  constructor(
    tree: GrowingTree,
    nodes: TreeNodes,
    changes: TreeChanges,
    onRemoved: (id: number, layer: number) => void,
  ) {
    this.#tree = tree;
    this.#nodes = nodes;
    this.#changes = changes;
    this.#onRemoved = onRemoved;
  }

  /** Whiteouts first, since they hide what is in layers below and nothing of their own. */
  apply({ entries }: LayerContents, layer: number): void {
    for (let at = 0; at < entries.length; at++) {
      const path = entries.path(at);
      if (isWhiteout(path)) this.#hide(layer, path);
    }
    for (let at = 0; at < entries.length; at++) {
      const path = entries.path(at);
      if (!isWhiteout(path)) this.#put(layer, at, path);
    }
  }

  #hide(layer: number, path: string): void {
    const folder = this.#tree.resolve(folderOf(path));
    const name = baseOf(path);
    if (name === OPAQUE) {
      if (folder !== undefined) for (const child of this.#tree.children(folder)) this.#remove(child, layer);
      return;
    }
    if (name.startsWith(`${WHITEOUT}${WHITEOUT}`)) return;
    const hidden = folder === undefined ? undefined : this.#nodes.find(folder, name.slice(WHITEOUT.length));
    if (hidden === undefined || !this.#tree.isThere(hidden))
      this.flaws.push({ layer, path, flaw: 'whiteout-of-nothing' });
    else this.#remove(hidden, layer);
  }

  #put(layer: number, at: number, path: string): void {
    if (path === '.') {
      this.#nodes.place(this.#tree.root, layer, at);
      return;
    }
    const parent = this.#folder(layer, folderOf(path), path);
    if (parent === undefined) return;
    const name = baseOf(path);
    const known = this.#nodes.find(parent, name);
    const entries = this.#tree.layers[layer]?.entries;
    if (known === undefined) {
      this.#set(this.#nodes.create(parent, name), layer, at, MARK.ADDED);
      return;
    }
    const isFolder = entries?.type(at) === 'directory';
    const wasThere = this.#nodes.gone[known] === 0;
    const isSame = wasThere && this.#isSame(known, layer, at);
    if (!isFolder || (wasThere && this.#tree.type(known) !== 'directory'))
      for (const child of this.#tree.children(known)) this.#remove(child, layer);
    const marked = this.#changes.markOf(known, layer);
    const isChange = wasThere || marked === MARK.REMOVED;
    const isNew = marked === MARK.ADDED || !isChange;
    this.#set(known, layer, at, isNew ? MARK.ADDED : isSame ? marked & MARK.CHANGED : MARK.CHANGED);
  }

  /** The folder of a new entry, made if it is not there. Links on the way are followed inside the root, as engines do. */
  #folder(layer: number, folder: string, path: string): number | undefined {
    const { folder: last, id: known } = this.#last;
    if (folder === last && this.#nodes.gone[known] === 0 && this.#tree.type(known) === 'directory')
      return known;
    const id = this.#walkTo(layer, folder, path);
    if (id !== undefined) this.#last = { folder, id };
    return id;
  }

  #walkTo(layer: number, folder: string, path: string): number | undefined {
    let id = this.#tree.root;
    for (const part of folder === '' ? [] : folder.split('/')) {
      const found = this.#nodes.find(id, part);
      if (found === undefined || this.#nodes.gone[found] === 1) {
        const made = found ?? this.#nodes.create(id, part);
        this.#set(made, layer, NO_ENTRY, MARK.ADDED);
        id = made;
        continue;
      }
      const place = this.#tree.type(found) === 'symlink' ? this.#tree.resolve(this.#tree.path(found)) : found;
      if (place === undefined || this.#tree.type(place) !== 'directory') {
        this.flaws.push({ layer, path, flaw: place === undefined ? 'link-loop' : 'below-no-folder' });
        return undefined;
      }
      id = place;
    }
    return id;
  }

  #isSame(id: number, layer: number, at: number): boolean {
    const before = this.#tree.entryNumber(id);
    const entries = this.#tree.layers[this.#tree.layer(id)]?.entries;
    const other = this.#tree.layers[layer]?.entries;
    return before !== undefined && other !== undefined && entries?.isSame(before, other, at) === true;
  }

  #remove(id: number, layer: number): void {
    for (
      let child = this.#nodes.firstChildren[id] ?? 0;
      child !== 0;
      child = this.#nodes.nextSiblings[child] ?? 0
    )
      if (this.#nodes.gone[child] === 0) this.#remove(child, layer);
    this.#onRemoved(id, layer);
    this.#nodes.gone[id] = 1;
    this.#changes.mark(id, layer, MARK.REMOVED);
  }

  #set(id: number, layer: number, at: number, mark: number): void {
    this.#nodes.place(id, layer, at);
    this.#changes.mark(id, layer, mark);
  }
}

function isWhiteout(path: string): boolean {
  return path.includes(WHITEOUT) && baseOf(path).startsWith(WHITEOUT);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
