import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, PithError } from '../core/index.ts';
import { CHUNK_SIZE, compressAll, createCompressor, type LayerCompression } from './compressor.ts';
import { type Compression, compressionOfName, decompress } from './decompress.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  await Promise.resolve();
}

async function collect(
  compression: Compression,
  bytes: Uint8Array,
  size = bytes.length || 1,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of decompress(compression, pieces(bytes, size), 'test')) parts.push(piece.slice());
  return Buffer.concat(parts);
}

const text = Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(60_000));

describe.each<LayerCompression>(['gzip', 'zstd'])('%s', (kind) => {
  it('comes back whole, over several chunks, whatever the pieces', async () => {
    expect(text.length).toBeGreaterThan(2 * CHUNK_SIZE);
    const compressed = compressAll(await createCompressor(kind), text);
    expect((await collect(kind, compressed)).equals(text)).toBe(true);
    expect((await collect(kind, compressed, 777)).equals(text)).toBe(true);
  });

  it('concatenates: two streams are the stream of both', async () => {
    const compressor = await createCompressor(kind);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.uint8Array({ maxLength: 3000 }),
        async (a, b) => {
          const joined = Buffer.concat([compressAll(compressor, a), compressAll(compressor, b)]);
          expect((await collect(kind, joined)).equals(Buffer.concat([a, b]))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('gives the same bytes from every compressor of a process', async () => {
    const [one, two] = [await createCompressor(kind), await createCompressor(kind)];
    const expected = digestOf(compressAll(one, text));
    expect(digestOf(compressAll(two, text))).toBe(expected);
    await createCompressor(kind);
    expect(digestOf(compressAll(one, text))).toBe(expected);
  });

  it('cut short anywhere is an error, never a short result', async () => {
    const compressed = compressAll(await createCompressor(kind), Buffer.from('hello, hello, hello, world'));
    for (let length = 1; length < compressed.length; length++) {
      await expect(collect(kind, compressed.subarray(0, length)), `${length} bytes`).rejects.toThrow(
        PithError,
      );
    }
  });

  it('that is not one is an error', async () => {
    await expect(collect(kind, Buffer.from('no such stream, but some text'))).rejects.toThrow(/^test/);
  });
});

describe('gzip', () => {
  it('has the bytes that it has always had: a change needs a new DEFLATE_VERSION', async () => {
    const compressed = compressAll(await createCompressor('gzip'), text);
    expect(gunzipSync(compressed).equals(text)).toBe(true);
    expect([compressed.length, digestOf(compressed)]).toMatchInlineSnapshot(`
      [
        8075,
        "sha256:1ba85fceec42d4d63475da9f49382363e5957e55f789cf22eef4d28663aea095",
      ]
    `);
  });
});

describe('zstd', () => {
  it('has the bytes that it has always had: a change needs a new COMPRESSOR_VERSION', async () => {
    const compressed = compressAll(await createCompressor('zstd'), text);
    expect([compressed.length, digestOf(compressed)]).toMatchInlineSnapshot(`
      [
        416,
        "sha256:bd54f64030e0c4b31491e94de177ec38307c3fffeebb51789189ddb151bd6cf6",
      ]
    `);
  });
});

describe('the ending of a name', () => {
  it.each<[string, Compression | undefined]>([
    ['data.tar', 'none'],
    ['data.tar.gz', 'gzip'],
    ['data.tar.xz', 'xz'],
    ['data.tar.zst', 'zstd'],
    ['data.tar.bz2', undefined],
    ['data', 'none'],
  ])('%s says %s', (name, compression) => {
    expect(compressionOfName(name)).toBe(compression);
  });
});
