import { digestOf, PithError } from '../core/index.ts';
import type { Blob } from './model.ts';

/** Bytes in memory as a blob. */
export function blobOfBytes(bytes: Uint8Array): Blob {
  return {
    digest: digestOf(bytes),
    size: bytes.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- a generator is the shortest async iterable
    async *open() {
      yield bytes;
    },
  };
}

/**
 * Reads a small blob whole and verifies its size and digest.
 * @param limit most bytes that are taken into memory
 * @param what how the blob is called in errors (IMAGE_INVALID)
 */
export async function readBlob(blob: Blob, limit: number, what: string): Promise<Uint8Array> {
  if (blob.size > limit)
    throw new PithError(
      'IMAGE_INVALID',
      `${what} has ${blob.size} bytes, more than the ${limit} that are allowed`,
    );
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of blob.open()) {
    size += piece.length;
    if (size > blob.size) break;
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (size !== blob.size)
    throw new PithError(
      'IMAGE_INVALID',
      `${what} has another size than the ${blob.size} bytes that are declared`,
    );
  const digest = digestOf(bytes);
  if (digest !== blob.digest)
    throw new PithError('IMAGE_INVALID', `${what} has the digest ${digest}, not ${blob.digest}`);
  return bytes;
}
