import { PithError } from '../core/index.ts';

/** No package of Debian unpacks to more: the largest of Debian 13 has 6.7 GiB. */
const MOST = 16 * 2 ** 30;
/** What compressed data of any size may become; below this nothing can do harm. */
const ALWAYS = 64 * 2 ** 20;
/** The packages of Debian 13 that compress best (test data of zeros) reach 570, others 350. */
const RATIO = 1000;

/**
 * Passes on what was decompressed until it is more than sound data of that compressed size could become: 1000 times as
 * much, or 64 MiB if that is more, and never more than 16 GiB.
 * @param compressedSize bytes
 * @throws ARCHIVE_TOO_LARGE with `name`
 */
export async function* limitExpansion(
  pieces: AsyncIterable<Uint8Array>,
  compressedSize: number,
  name: string,
): AsyncGenerator<Uint8Array> {
  const limit = Math.min(MOST, Math.max(ALWAYS, compressedSize * RATIO));
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) {
      throw new PithError(
        'ARCHIVE_TOO_LARGE',
        `${name} unpacks to more than ${limit} bytes, though it is compressed to ${compressedSize}`,
        { hint: 'That is a decompression bomb, not a sound file; it was not used.' },
      );
    }
    yield piece;
  }
}
