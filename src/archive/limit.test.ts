import { describe, expect, it } from 'vitest';
import { limitExpansion } from './limit.ts';

const MIB = 2 ** 20;

/** What gets through of pieces of 1 MiB. */
async function passed(pieces: number, compressedSize: number): Promise<number> {
  const piece = new Uint8Array(MIB);
  let size = 0;
  const source = (async function* () {
    for (let at = 0; at < pieces; at++) yield await Promise.resolve(piece);
  })();
  for await (const { length } of limitExpansion(source, compressedSize, 'x')) size += length;
  return size / MIB;
}

describe('decompressed data', () => {
  it.each([
    ['64 MiB from nothing', 64, 0],
    ['1000 times its size', 1000, MIB],
    ['less than its size', 1, 100 * MIB],
  ])('passes with %s', async (_what, pieces, compressed) => {
    expect(await passed(pieces, compressed)).toBe(pieces);
  });

  it.each([
    ['more than 64 MiB from nothing', 65, 0],
    ['more than 64 MiB from little', 65, 60_000],
    ['more than 1000 times its size', 1001, MIB],
  ])('is a bomb with %s', async (_what, pieces, compressed) => {
    await expect(passed(pieces, compressed)).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
  });

  it('is a bomb over 16 GiB, however large it was before', async () => {
    await expect(passed(16 * 1024 + 1, 2 ** 40)).rejects.toMatchObject({
      code: 'ARCHIVE_TOO_LARGE',
      message: expect.stringContaining(String(16 * 2 ** 30)) as string,
    });
  });
});
