import { type FileHandle, open, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  CHUNK_SIZE,
  type ChunkCompressor,
  createCompressor,
  DICTIONARY_SIZE,
  encodeHeader,
  END_OF_ARCHIVE,
  type LayerCompression,
  paddingOf,
  readTar,
  type TarEntry,
} from '../archive/index.ts';
import { type Digest, Digester } from '../core/index.ts';
import type { Store } from '../store/index.ts';
import { joinEntries } from './join-entries.ts';

export interface JoinedLayer {
  readonly diffId: Digest;
  readonly digest: Digest;
  /** Bytes of the compressed layer. */
  readonly size: number;
  /** Uncompressed bytes. */
  readonly unpacked: number;
}

/**
 * Makes one layer of several segments whose paths are not all different, and puts it into the store.
 * @param entries of the segments, in their order
 * @param read gives the uncompressed archive of all of them
 */
export async function joinSegments(
  entries: readonly TarEntry[],
  read: () => AsyncIterable<Uint8Array>,
  store: Store,
  compression: LayerCompression,
): Promise<JoinedLayer> {
  const headers = joinEntries(entries);
  const temporary = store.temporaryPath();
  try {
    const output = await open(temporary, 'wx', 0o644);
    try {
      const writer = new LayerWriter(output, await createCompressor(compression));
      let index = 0;
      for await (const { body } of readTar(read(), 'a layer of the cache')) {
        const header = headers[index++];
        if (!header) continue;
        await writer.write(encodeHeader({ ...header, path: header.path.replace(/\/+$/, '') }));
        for await (const piece of body) await writer.write(piece);
        await writer.write(new Uint8Array(paddingOf(header.size)));
      }
      await writer.write(END_OF_ARCHIVE);
      const made = await writer.end();
      await store.adopt(temporary, made.digest);
      return made;
    } finally {
      await output.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Compresses what is written in chunks of a fixed size, as segments are. */
class LayerWriter {
  readonly #output: FileHandle;
  readonly #compressor: ChunkCompressor;
  readonly #compressed = new Digester();
  readonly #uncompressed = new Digester();
  readonly #chunk = new Uint8Array(CHUNK_SIZE);
  #filled = 0;
  #dictionary: Uint8Array = new Uint8Array(0);
  #crc = 0;
  #isOpen = false;

  constructor(output: FileHandle, compressor: ChunkCompressor) {
    this.#output = output;
    this.#compressor = compressor;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#filled === CHUNK_SIZE) await this.#flush(false);
      const part = bytes.subarray(at, at + CHUNK_SIZE - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  async end(): Promise<JoinedLayer> {
    await this.#flush(true);
    const unpacked = this.#uncompressed.size;
    await this.#put(this.#compressor.trailer(this.#crc, unpacked));
    const { size } = this.#compressed;
    return { diffId: this.#uncompressed.digest(), digest: this.#compressed.digest(), size, unpacked };
  }

  async #flush(isLast: boolean): Promise<void> {
    if (!this.#isOpen) await this.#put(this.#compressor.header);
    this.#isOpen = true;
    const chunk = this.#chunk.subarray(0, this.#filled);
    this.#uncompressed.update(chunk);
    this.#crc = crc32(chunk, this.#crc);
    await this.#put(this.#compressor.compress(chunk, this.#dictionary, isLast));
    this.#dictionary = chunk.slice(-DICTIONARY_SIZE);
    this.#filled = 0;
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#compressed.update(bytes);
    await this.#output.writeFile(bytes);
  }
}
