import { crc32 } from 'node:zlib';
import { DEFLATE_VERSION, Deflater } from './deflate.ts';

/** How layers are compressed. */
export type LayerCompression = 'gzip' | 'zstd';

/** Input of one call of a compressor at most; smaller only at the end of a segment. */
export const CHUNK_SIZE = 1 << 20;
/** What a chunk may refer to of the bytes before it. */
export const DICTIONARY_SIZE = 32 * 1024;

/**
 * A compressor whose output depends on its input alone: not on the CPU, the number of workers or the Node.js release.
 * Chunks are independent of each other but for the dictionary, so that any worker may compress any of them, and the
 * framed results of two streams concatenate to the compressed form of the concatenated input.
 */
export interface ChunkCompressor {
  /** Bytes that open a stream. */
  readonly header: Uint8Array;
  /** Compresses one chunk; `dictionary` is the end of what comes before it in the stream, DICTIONARY_SIZE at most. */
  compress(chunk: Uint8Array, dictionary: Uint8Array, last: boolean): Uint8Array;
  /** Bytes that close a stream of `size` bytes with this CRC-32. */
  trailer(crc: number, size: number): Uint8Array;
}

/** Part of every cache key: changes when a compressor's output changes. */
export const COMPRESSOR_VERSION: Readonly<Record<LayerCompression, string>> = {
  gzip: `deflate-${DEFLATE_VERSION}`,
  zstd: 'zstd-wasm-0.0.27-3',
};

const ZSTD_LEVEL = 3;
/** RFC 1952: deflate, no name, no time, no extra flags, unknown operating system. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

export async function createCompressor(compression: LayerCompression): Promise<ChunkCompressor> {
  return compression === 'gzip' ? gzipCompressor() : await zstdCompressor();
}

function gzipCompressor(): ChunkCompressor {
  const deflater = new Deflater();
  return {
    header: GZIP_HEADER,
    compress: (chunk, dictionary, last) => deflater.deflate(chunk, dictionary, last),
    trailer: (crc, size) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(crc, 0);
      bytes.writeUInt32LE(size % 2 ** 32, 4);
      return bytes;
    },
  };
}

/** RFC 8878: each chunk is a frame of its own. */
async function zstdCompressor(): Promise<ChunkCompressor> {
  const { loadZstd } = await import('./zstd.ts');
  const compress = await loadZstd();
  const empty = new Uint8Array(0);
  return { header: empty, compress: (chunk) => compress(chunk, ZSTD_LEVEL), trailer: () => empty };
}

/** Compresses bytes that are in memory as one stream. */
export function compressAll(compressor: ChunkCompressor, bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [compressor.header];
  for (let at = 0; at === 0 || at < bytes.length; at += CHUNK_SIZE) {
    const end = Math.min(at + CHUNK_SIZE, bytes.length);
    parts.push(
      compressor.compress(
        bytes.subarray(at, end),
        bytes.subarray(Math.max(0, at - DICTIONARY_SIZE), at),
        end === bytes.length,
      ),
    );
  }
  parts.push(compressor.trailer(crc32(bytes), bytes.length));
  return Buffer.concat(parts);
}
