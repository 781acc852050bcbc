import { createHash, type Hash } from 'node:crypto';
import { decompress, limitExpansion, TarParser } from '../archive/index.ts';
import { digestFromHex, interruptible, PithError } from '../core/index.ts';
import { compressionOfLayer, type Layer } from '../oci/index.ts';
import type { ImageContents } from './model.ts';
import type { ImageTree } from './tree.ts';

/** Takes the content of one file. */
export interface ContentSink {
  /** A piece of the content: a view that is not valid after the call, or what it promises. */
  write(piece: Uint8Array): Promise<void> | void;
  /** After the last piece; the content is what the layer held when it was first read. */
  end(): Promise<void> | void;
}

/**
 * Passes contents of files by, in one pass over each layer that has one of them, which ends with the last one.
 * @param tree of these contents
 * @param ids of regular files: {@link ImageTree.contentOf}
 * @param open gives what takes the content of a file
 * @throws PithError IMAGE_INVALID for a content that is not what it was when the layer was first read, and as readLayer
 */
export async function visitFiles(
  { layers }: ImageContents,
  tree: ImageTree,
  ids: Iterable<number>,
  open: (id: number) => Promise<ContentSink> | ContentSink,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = new Map<number, Map<number, number>>();
  for (const id of ids) {
    const [layer, entry] = [tree.layer(id), tree.entryNumber(id)];
    if (entry === undefined) throw new PithError('INTERNAL', `${tree.path(id)} has no content`);
    wanted.set(layer, (wanted.get(layer) ?? new Map<number, number>()).set(entry, id));
  }
  for (const [number, entries] of wanted) {
    const layer = layers[number]?.layer;
    if (!layer) throw new PithError('INTERNAL', `there is no layer ${number}`);
    const visitor = new Visitor(tree, entries, open, `layer ${number + 1} of the image`);
    await visitor.visit(layer, signal);
  }
}

/**
 * Reads contents of files. All are held in memory, so the caller looks at their sizes first.
 * @returns contents by id
 * @throws as visitFiles
 */
export async function readFiles(
  contents: ImageContents,
  tree: ImageTree,
  ids: Iterable<number>,
  signal?: AbortSignal,
): Promise<Map<number, Uint8Array>> {
  const read = new Map<number, Uint8Array>();
  const open = (id: number): ContentSink => {
    const pieces: Uint8Array[] = [];
    return {
      write(piece) {
        pieces.push(piece.slice());
      },
      end() {
        read.set(id, Buffer.concat(pieces));
      },
    };
  };
  await visitFiles(contents, tree, ids, open, signal);
  return read;
}

/** One pass over a layer. */
class Visitor {
  readonly #tree: ImageTree;
  /** Files that were not seen yet, by the numbers of their entries. */
  readonly #wanted: Map<number, number>;
  readonly #open: (id: number) => Promise<ContentSink> | ContentSink;
  readonly #what: string;
  #entry = -1;
  #file: { readonly id: number; readonly sink: ContentSink; readonly hash: Hash } | undefined;

  constructor(
    tree: ImageTree,
    wanted: Map<number, number>,
    open: (id: number) => Promise<ContentSink> | ContentSink,
    what: string,
  ) {
    this.#tree = tree;
    this.#wanted = wanted;
    this.#open = open;
    this.#what = what;
  }

  async visit({ blob, descriptor }: Layer, signal: AbortSignal | undefined): Promise<void> {
    const what = this.#what;
    const stored = interruptible(blob.open(), signal);
    const unpacked = decompress(compressionOfLayer(descriptor.mediaType), stored, what);
    const parser = new TarParser(what);
    for await (const piece of limitExpansion(unpacked, blob.size, what)) {
      parser.push(piece);
      for (let event = parser.next(); event; event = parser.next()) {
        if (event.kind === 'data') await this.#write(event.bytes);
        else if (event.kind === 'entry') await this.#next();
        else break;
      }
      if (this.#wanted.size === 0 && !this.#file) return;
    }
    await this.#end();
    const [missing] = this.#wanted.values();
    if (missing !== undefined)
      throw new PithError('IMAGE_INVALID', `${this.#tree.path(missing)} is not in ${what} any more`);
  }

  async #next(): Promise<void> {
    await this.#end();
    const id = this.#wanted.get(++this.#entry);
    if (id === undefined) return;
    this.#wanted.delete(this.#entry);
    this.#file = { id, sink: await this.#open(id), hash: createHash('sha256') };
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#file?.hash.update(bytes);
    await this.#file?.sink.write(bytes);
  }

  async #end(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    this.#file = undefined;
    const { path, digest } = this.#tree.file(file.id);
    if (digestFromHex(file.hash.digest('hex')) !== digest)
      throw new PithError('IMAGE_INVALID', `${path} of ${this.#what} is not what it was a moment ago`);
    await file.sink.end();
  }
}
