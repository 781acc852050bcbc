/** Finds the number of a child by its parent's number and its name: a hash table with open addressing, four bytes a place. */
export class NameTable {
  readonly #parents: (id: number) => number;
  readonly #names: (id: number) => string;
  /** Numbers of nodes plus one; 0 is a free place. */
  #places = new Uint32Array(1024);
  /** By the number of the node, so that names are looked at once. */
  #hashes = new Uint32Array(1024);
  #count = 0;

  constructor(parents: (id: number) => number, names: (id: number) => string) {
    this.#parents = parents;
    this.#names = names;
  }

  find(parent: number, name: string): number | undefined {
    const id = (this.#places[this.#placeOf(parent, name, hashOf(parent, name))] ?? 0) - 1;
    return id < 0 ? undefined : id;
  }

  /** Adds a node that is not there yet. */
  add(id: number): void {
    if (this.#count * 2 >= this.#places.length) this.#grow();
    if (id >= this.#hashes.length) {
      const before = this.#hashes;
      this.#hashes = new Uint32Array(Math.max(before.length * 2, id + 1));
      this.#hashes.set(before);
    }
    const [parent, name] = [this.#parents(id), this.#names(id)];
    const hash = hashOf(parent, name);
    this.#hashes[id] = hash;
    this.#places[this.#placeOf(parent, name, hash)] = id + 1;
    this.#count++;
  }

  /** The place of a node, or the free one where it belongs. */
  #placeOf(parent: number, name: string, hash: number): number {
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const id = (this.#places[place] ?? 0) - 1;
      if (id < 0) return place;
      if (this.#hashes[id] === hash && this.#parents(id) === parent && this.#names(id) === name) return place;
    }
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Uint32Array(before.length * 2);
    const mask = this.#places.length - 1;
    for (const value of before) {
      if (value === 0) continue;
      let place = (this.#hashes[value - 1] ?? 0) & mask;
      while (this.#places[place] !== 0) place = (place + 1) & mask;
      this.#places[place] = value;
    }
  }
}

/** FNV-1a over the characters, started with the parent's number, and mixed so that the low bits depend on all. */
function hashOf(parent: number, name: string): number {
  let hash = Math.imul(parent + 1, 0x9e3779b1) ^ 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
