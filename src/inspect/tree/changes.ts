import { grown } from './nodes.ts';

/** What a layer does to a node; the numbers are places in a table of counts. */
export const MARK = { NOTHING: 0, ADDED: 1, CHANGED: 2, REMOVED: 3 } as const;

/** What the last layer of a tree, or those since another one, does to a file. */
export type FileStatus = 'unchanged' | 'added' | 'changed' | 'removed';

const STATUSES: readonly FileStatus[] = ['unchanged', 'added', 'changed', 'removed'];

/** How many files, links and folders a layer adds, changes and removes; what was in a removed folder counts. */
export interface LayerChanges {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** What layers do to the nodes of a tree. */
export class TreeChanges {
  readonly #since: number;
  /** What the last layer that touched a node did, and which layer that was, plus one. */
  #marks = new Uint8Array(1024);
  #markLayers = new Uint16Array(1024);
  /** What the layers did whose changes are wanted. */
  #changes = new Uint8Array(1024);
  readonly #counts: number[][] = [];

  /** @param since number of the first layer whose changes are the status of a node */
  constructor(since: number) {
    this.#since = since;
  }

  statusOf(id: number): FileStatus {
    return STATUSES[this.#changes[id] ?? 0] ?? 'unchanged';
  }

  of(layer: number): LayerChanges {
    const [, added = 0, changed = 0, removed = 0] = this.#counts[layer] ?? [];
    return { added, changed, removed };
  }

  /** What a layer has done to a node so far. */
  markOf(id: number, layer: number): number {
    return this.#markLayers[id] === layer + 1 ? (this.#marks[id] ?? 0) : MARK.NOTHING;
  }

  mark(id: number, layer: number, mark: number): void {
    if (id >= this.#marks.length) this.#grow(id);
    const counts = (this.#counts[layer] ??= [0, 0, 0, 0]);
    const before = this.markOf(id, layer);
    if (before !== MARK.NOTHING) counts[before] = (counts[before] ?? 0) - 1;
    counts[mark] = (counts[mark] ?? 0) + 1;
    this.#marks[id] = mark;
    this.#markLayers[id] = layer + 1;
    if (layer >= this.#since) this.#changes[id] = joined(this.#changes[id] ?? 0, mark);
  }

  #grow(id: number): void {
    const length = Math.max(this.#marks.length * 2, id + 1);
    this.#marks = grown(this.#marks, new Uint8Array(length));
    this.#markLayers = grown(this.#markLayers, new Uint16Array(length));
    this.#changes = grown(this.#changes, new Uint8Array(length));
  }
}

/** What two changes are together, one after the other: what was added and removed was never there. */
function joined(first: number, second: number): number {
  if (first === MARK.ADDED) return second === MARK.REMOVED ? MARK.NOTHING : MARK.ADDED;
  if (first === MARK.REMOVED && second === MARK.ADDED) return MARK.CHANGED;
  return second === MARK.NOTHING ? first : second;
}
