import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { compressAll, createCompressor } from './compressor.ts';
import { decompress } from './decompress.ts';
import { readZstdBlocks } from './zstd-blocks.ts';

const compressor = await createCompressor('zstd');

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(Buffer.from(piece));
  return found;
}

const frame = (descriptor: number, ...rest: number[]): Buffer =>
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor, ...rest]);
/** Frame header with a window of 128 KiB. */
const SMALL = [0x00, 0x38];

describe('the pieces of zstd data', () => {
  it('together are the data, and decode to it, however it comes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 500 }),
        async (seed, repeat, size) => {
          const plain = Buffer.concat(Array.from({ length: repeat }, () => seed));
          const packed = compressAll(compressor, plain);
          expect(Buffer.concat(await all(readZstdBlocks(inPieces(packed, size)))).equals(packed)).toBe(true);
          const unpacked = await all(decompress('zstd', inPieces(packed, size), 'x'));
          expect(Buffer.concat(unpacked).equals(plain)).toBe(true);
        },
      ),
      { numRuns: 40 },
    ));

  it('leave out skippable frames', async () => {
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const packed = compressAll(compressor, Buffer.from('text'));
    const pieces = decompress('zstd', inPieces(Buffer.concat([skippable, packed, skippable]), 7), 'x');
    expect(Buffer.concat(await all(pieces)).toString()).toBe('text');
  });

  it.each<[string, Buffer, string]>([
    ['that is something else', Buffer.from('no zstd data at all'), 'ARCHIVE_INVALID'],
    ['cut short in a header', frame(0x00), 'ARCHIVE_INVALID'],
    ['cut short in a block', frame(...(SMALL as [number, number]), 0x41, 0, 0, 1), 'ARCHIVE_INVALID'],
    ['without a last block', frame(...(SMALL as [number, number]), 0x08, 0, 0, 1), 'ARCHIVE_INVALID'],
    ['with a block of an unknown kind', frame(...(SMALL as [number, number]), 0x07, 0, 0), 'ARCHIVE_INVALID'],
    ['with a block of 2 MiB', frame(...(SMALL as [number, number]), 0xfb, 0xff, 0xff, 0), 'ARCHIVE_INVALID'],
    ['with a window of 128 MiB', frame(0x00, 17 << 3, 0x01, 0, 0), 'ARCHIVE_TOO_LARGE'],
    ['with a window of 3.75 TiB', frame(0x00, 0xff, 0x01, 0, 0), 'ARCHIVE_TOO_LARGE'],
    ['in one segment of 2^63 bytes', frame(0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x01, 0, 0), 'ARCHIVE_TOO_LARGE'],
  ])('are none for data %s', async (_what, bytes, code) => {
    await expect(all(readZstdBlocks(inPieces(bytes, 3)))).rejects.toMatchObject({ code });
  });
});
