import { byText } from '../../core/index.ts';
import type { ImageTree } from '../tree.ts';

/** Files with the same content. */
export interface DuplicateGroup {
  readonly size: number;
  /** Numbers of regular files, which are no hard links of each other, in the order of their paths. */
  readonly ids: readonly number[];
}

/** Finds files of an image whose contents are equal; empty files do not count. Those that waste most come first. */
export function findDuplicates(tree: ImageTree): DuplicateGroup[] {
  const contents = new ContentTable(tree);
  for (let id = 0; id < tree.count; id++)
    if (tree.isThere(id) && tree.type(id) === 'file' && tree.size(id) > 0) contents.add(id);
  return contents
    .groups()
    .map((ids) => {
      const byPath = ids.map((id) => [tree.path(id), id] as const).sort(([a], [b]) => byText(a, b));
      return { size: tree.size(ids[0] ?? 0), ids: byPath.map(([, id]) => id), first: byPath[0]?.[0] ?? '' };
    })
    .sort((a, b) => wasteOf(b) - wasteOf(a) || byText(a.first, b.first))
    .map(({ size, ids }) => ({ size, ids }));
}

/** Bytes that one copy would save. */
export function wasteOf({ size, ids }: DuplicateGroup): number {
  return size * (ids.length - 1);
}

/** Files by content: a hash table of numbers, since an image may have 500,000 files. */
class ContentTable {
  readonly #tree: ImageTree;
  /** Of each place, the first file of a content plus one. */
  #places = new Uint32Array(1024);
  #count = 0;
  /** Further files by the first one of their content. */
  readonly #more = new Map<number, number[]>();

  constructor(tree: ImageTree) {
    this.#tree = tree;
  }

  add(id: number): void {
    if (this.#count * 2 >= this.#places.length) this.#grow();
    const place = this.#placeOf(id);
    const first = (this.#places[place] ?? 0) - 1;
    if (first < 0) {
      this.#places[place] = id + 1;
      this.#count++;
      return;
    }
    const more = this.#more.get(first);
    if (more) more.push(id);
    else this.#more.set(first, [id]);
  }

  groups(): number[][] {
    return [...this.#more].map(([first, more]) => [first, ...more]);
  }

  /** The place of a file with this content, or a free one. */
  #placeOf(id: number): number {
    const mask = this.#places.length - 1;
    for (let place = this.#hash(id) & mask; ; place = (place + 1) & mask) {
      const other = (this.#places[place] ?? 0) - 1;
      if (other < 0 || this.#isSame(id, other)) return place;
    }
  }

  /** The first bytes of the digest. */
  #hash(id: number): number {
    const at = (this.#tree.entryNumber(id) ?? 0) * 32;
    const digests = this.#tree.layers[this.#tree.layer(id)]?.entries.columns.digests;
    return digests
      ? (((digests[at] ?? 0) << 24) | ((digests[at + 1] ?? 0) << 16) | ((digests[at + 2] ?? 0) << 8)) ^
          (digests[at + 3] ?? 0)
      : 0;
  }

  #isSame(a: number, b: number): boolean {
    const { layers } = this.#tree;
    const [one, other] = [layers[this.#tree.layer(a)]?.entries, layers[this.#tree.layer(b)]?.entries];
    const [at, otherAt] = [this.#tree.entryNumber(a) ?? 0, this.#tree.entryNumber(b) ?? 0];
    return one !== undefined && other !== undefined && one.isSameContent(at, other, otherAt);
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Uint32Array(before.length * 2);
    for (const value of before) if (value > 0) this.#places[this.#placeOf(value - 1)] = value;
  }
}
