import { NameTable } from './name-table.ts';

/** Entry of a folder that no layer has, but files below it do. */
export const NO_ENTRY = -1;

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** The nodes of a tree in columns, because there may be very many. Number 0 is the root; nothing is ever taken out. */
export class TreeNodes {
  readonly names: string[] = [''];
  count = 1;
  parents = new Uint32Array(1024);
  firstChildren = new Uint32Array(1024);
  nextSiblings = new Uint32Array(1024);
  /** The layer that a node is from, and its entry there. */
  layers = new Uint16Array(1024);
  entries = new Int32Array(1024);
  /** 1: not there any more. */
  gone = new Uint8Array(1024);
  readonly #table = new NameTable(
    (id) => this.parents[id] ?? 0,
    (id) => this.names[id] ?? '',
  );

  constructor() {
    this.entries[0] = NO_ENTRY;
  }

  find(parent: number, name: string): number | undefined {
    return this.#table.find(parent, name);
  }

  create(parent: number, name: string): number {
    const id = this.count++;
    if (id === this.parents.length) this.#grow();
    this.names.push(name);
    this.parents[id] = parent;
    this.nextSiblings[id] = this.firstChildren[parent] ?? 0;
    this.firstChildren[parent] = id;
    this.#table.add(id);
    return id;
  }

  /** Says which entry a node is from now on. */
  place(id: number, layer: number, entry: number): void {
    this.gone[id] = 0;
    this.layers[id] = layer;
    this.entries[id] = entry;
  }

  #grow(): void {
    const length = this.parents.length * 2;
    this.parents = grown(this.parents, new Uint32Array(length));
    this.firstChildren = grown(this.firstChildren, new Uint32Array(length));
    this.nextSiblings = grown(this.nextSiblings, new Uint32Array(length));
    this.layers = grown(this.layers, new Uint16Array(length));
    this.entries = grown(this.entries, new Int32Array(length));
    this.gone = grown(this.gone, new Uint8Array(length));
  }
}

/** A longer column that begins as another one. */
export function grown<Kind extends Column>(from: Kind, to: Kind): Kind {
  to.set(from);
  return to;
}
