import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PithError, toPithError } from '../core/index.ts';
import { decodeXz } from './xz.ts';
import { readZstdBlocks } from './zstd-blocks.ts';

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd';

const OUTPUT_SIZE = 256 * 1024;

/**
 * Decompresses a stream with bounded memory. A stream that is cut short or damaged is ARCHIVE_INVALID, never a short result.
 * @param name what the stream is called in errors
 */
export async function* decompress(
  compression: Compression,
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    switch (compression) {
      case 'none':
        yield* source;
        return;
      case 'xz':
        yield* decodeXz(source);
        return;
      case 'gzip':
        yield* gunzip(source);
        return;
      case 'zstd':
        yield* unzstd(source);
    }
  } catch (error) {
    if (error instanceof PithError && !error.message.startsWith(name)) {
      throw new PithError(error.code, `${name}: ${error.message}`, {
        cause: error,
        ...(error.hint ? { hint: error.hint } : {}),
      });
    }
    throw toPithError(error);
  }
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: OUTPUT_SIZE });
  input.once('error', (error) => gunzip.destroy(error));
  try {
    for await (const piece of input.pipe(gunzip)) yield piece as Uint8Array;
  } catch (error) {
    throw isZlibFault(error)
      ? new PithError('ARCHIVE_INVALID', 'the gzip stream is damaged or cut short', { cause: error })
      : error;
  } finally {
    input.destroy();
  }
}

function isZlibFault(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let pieces: Uint8Array[] = [];
  const decoder = new Decompress((piece) => {
    pieces.push(piece);
  });
  const feed = (bytes: Uint8Array, last: boolean): Uint8Array[] => {
    try {
      decoder.push(bytes, last);
    } catch (error) {
      throw new PithError('ARCHIVE_INVALID', 'the zstd stream is damaged or cut short', { cause: error });
    }
    const made = pieces;
    pieces = [];
    return made;
  };
  for await (const bytes of readZstdBlocks(source)) yield* feed(bytes, false);
  yield* feed(new Uint8Array(0), true);
}

/** The compression that a file name ends in says: `.gz`, `.xz`, `.zst`, or none. */
export function compressionOfName(name: string): Compression | undefined {
  const ending = /\.([^./]+)$/.exec(name)?.[1];
  switch (ending) {
    case 'gz':
      return 'gzip';
    case 'xz':
      return 'xz';
    case 'zst':
      return 'zstd';
    case 'tar':
    case undefined:
      return 'none';
    default:
      return undefined;
  }
}
