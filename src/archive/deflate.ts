import { PithError } from '../core/index.ts';
import { instantiateCodec, type WasmMemory } from './wasm/load.ts';

/**
 * The version of the compressed form. It is part of cache keys: whoever changes a byte of the output for any input changes this
 * number too (and the digests in deflate.test.ts).
 */
export const DEFLATE_VERSION = 2;

const MAX_CHUNK = 1 << 20;
const MAX_DICTIONARY = 32 * 1024;

/** What the compressing half of codec.wasm exports (src/archive/wasm/assembly/deflate.ts). */
interface DeflateCodec {
  readonly memory: WasmMemory;
  initDeflate(): void;
  chunkAddress(): number;
  outputAddress(): number;
  deflate(dictionarySize: number, size: number, last: boolean): number;
}

/**
 * Compresses to raw deflate data (RFC 1951). The output depends on the arguments alone: it is integer WebAssembly without state
 * between calls, the same on every CPU and Node.js release. Results of successive chunks, from any deflaters, concatenate.
 */
export class Deflater {
  readonly #codec: DeflateCodec;
  readonly #memory: Uint8Array;
  readonly #chunk: number;
  readonly #output: number;

  constructor() {
    const codec = instantiateCodec() as DeflateCodec;
    codec.initDeflate();
    this.#codec = codec;
    this.#memory = new Uint8Array(codec.memory.buffer);
    this.#chunk = codec.chunkAddress();
    this.#output = codec.outputAddress();
  }

  /**
   * Compresses one chunk.
   * @param chunk 1 MiB at most, may be empty
   * @param dictionary what precedes the chunk in the stream, 32 KiB at most; matches may refer to it
   * @param last whether the stream ends here: the last block is marked as final; otherwise an empty stored block follows
   * @returns whole bytes, a copy that is the caller's
   */
  deflate(chunk: Uint8Array, dictionary: Uint8Array, last: boolean): Uint8Array {
    if (chunk.length > MAX_CHUNK || dictionary.length > MAX_DICTIONARY) {
      throw new PithError(
        'INTERNAL',
        `cannot deflate ${chunk.length} bytes with a dictionary of ${dictionary.length}`,
      );
    }
    this.#memory.set(dictionary, this.#chunk - dictionary.length);
    this.#memory.set(chunk, this.#chunk);
    const size = this.#codec.deflate(dictionary.length, chunk.length, last);
    return this.#memory.slice(this.#output, this.#output + size);
  }
}
