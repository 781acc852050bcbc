import type { Image } from '../oci/index.ts';
import type { Fact } from './facts.ts';
import type { FileEntry, ImageContents } from './model.ts';
import { ImageTree } from './tree.ts';

/** A fact and the file of the image that it was found in. */
export interface Found<Kind extends Fact['kind']> {
  readonly id: number;
  /** In the image, without a slash at either end. */
  readonly path: string;
  /** Number of the layer, from 0. */
  readonly layer: number;
  readonly fact: Extract<Fact, { kind: Kind }>;
}

/** What an image is once its layers lie one on the other: its files, and what was found in those that are still there. */
export class ImageView {
  readonly contents: ImageContents;
  readonly tree: ImageTree;
  #found: Map<Fact['kind'], Found<Fact['kind']>[]> | undefined;

  constructor(contents: ImageContents) {
    this.contents = contents;
    this.tree = ImageTree.stack(contents.layers);
  }

  get image(): Image {
    return this.contents.image;
  }

  /** Everything of one kind that was found, in the order of layers and of their entries. Hard links are not counted twice. */
  found<Kind extends Fact['kind']>(kind: Kind): readonly Found<Kind>[] {
    this.#found ??= collect(this.tree, this.contents);
    return (this.#found.get(kind) ?? []) as unknown as readonly Found<Kind>[];
  }

  /** The file that a path of a process leads to, through links; undefined if there is none. */
  file(path: string): (FileEntry & { readonly id: number }) | undefined {
    const id = this.tree.resolve(path);
    return id === undefined ? undefined : { ...this.tree.file(id), id };
  }
}

/** Facts of files that no layer above has replaced or removed. */
function collect(tree: ImageTree, { layers }: ImageContents): Map<Fact['kind'], Found<Fact['kind']>[]> {
  const kinds = new Map<Fact['kind'], Found<Fact['kind']>[]>();
  for (const [layer, { entries, facts }] of layers.entries())
    for (const [at, some] of facts) {
      const id = tree.resolve(entries.path(at), { followLast: false });
      if (id === undefined || tree.layer(id) !== layer || tree.entryNumber(id) !== at) continue;
      const path = tree.path(id);
      for (const fact of some) {
        const list = kinds.get(fact.kind) ?? [];
        if (list.length === 0) kinds.set(fact.kind, list);
        list.push({ id, path, layer, fact });
      }
    }
  return kinds;
}
