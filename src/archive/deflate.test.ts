import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deflater } from './deflate.ts';

const MIB = 1 << 20;
const WINDOW = 32 * 1024;
const NOTHING = new Uint8Array(0);

/** Compresses in chunks, each by the next of the deflaters, with the bytes before it as dictionary. */
function compress(bytes: Uint8Array, chunkSize = MIB, deflaters = [new Deflater()]): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += chunkSize) {
    const end = Math.min(at + chunkSize, bytes.length);
    const deflater = deflaters[parts.length % deflaters.length]!;
    parts.push(
      deflater.deflate(
        bytes.subarray(at, end),
        bytes.subarray(Math.max(0, at - WINDOW), at),
        end === bytes.length,
      ),
    );
  }
  return Buffer.concat(parts);
}

/** Bytes of a linear congruential generator: the same everywhere. */
function noise(size: number, seed = 1): Buffer {
  let state = seed >>> 0;
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Lines of words, some seldom, as prose and sources have them. */
function prose(size: number): Buffer {
  const choices = noise(size, 7);
  const words: string[] = [];
  for (let at = 0, length = 0; length < size; at++) {
    const choice = choices[at % choices.length]!;
    const word =
      choice > 200 ? `${choice * at}` : choice > 180 ? '\n' : `word${Math.floor((choice * choice) / 200)}`;
    words.push(word);
    length += word.length + 1;
  }
  return Buffer.from(words.join(' ')).subarray(0, size);
}

/** Parts of different kinds, so that blocks of every type and many sizes are made. */
function mixture(): Buffer {
  const text = prose(300_000);
  return Buffer.concat([
    text,
    noise(120_000, 3),
    Buffer.alloc(90_000),
    text.subarray(50_000, 140_000),
    noise(40_000, 9).map((byte) => byte & 3),
    noise(9),
  ]);
}

describe('Deflater', () => {
  const sizes = [0, 1, 2, 3, 4, 5, 257, 258, 259, 260, 4096, 32767, 32768, 32769, 65535, 65536, MIB - 1, MIB];
  const kinds: readonly [string, (size: number) => Buffer][] = [
    ['zeros', (size) => Buffer.alloc(size)],
    ['noise', (size) => noise(size)],
    ['prose', (size) => prose(size)],
    ['a cycle of three bytes', (size) => Buffer.alloc(size, 'abc')],
    [
      'every byte value in turn',
      (size) => Buffer.from(Array.from({ length: size }, (_, index) => index & 255)),
    ],
  ];

  it.each(kinds)('gives what zlib inflates to the input: %s', (_, make) => {
    const deflater = new Deflater();
    for (const size of sizes) {
      const input = make(size);
      const output = compress(input, MIB, [deflater]);
      expect(inflateRawSync(output).equals(input), `${size} bytes`).toBe(true);
    }
  });

  it.each([1, 2, 3, 100, 4097, 32768, 100_000])(
    'gives chunks that concatenate, of %i bytes each and from any deflater',
    (chunkSize) => {
      const input = mixture().subarray(290_000, 290_000 + Math.min(chunkSize * 300, 350_000));
      const output = compress(input, chunkSize, [new Deflater(), new Deflater(), new Deflater()]);
      expect(inflateRawSync(output).equals(input)).toBe(true);
      expect(output.equals(compress(input, chunkSize))).toBe(true);
    },
  );

  it('gives what zlib inflates to the input: anything', () => {
    const deflaters = [new Deflater(), new Deflater()];
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 }))
        .map(([unit, times]) => Buffer.concat(new Array<Uint8Array>(times).fill(unit))),
      fc.tuple(fc.integer({ min: 0, max: 70_000 }), fc.nat(2 ** 31)).map(([size, seed]) => noise(size, seed)),
      fc
        .tuple(fc.integer({ min: 0, max: 40_000 }), fc.nat(2 ** 31), fc.constantFrom(1, 3, 15, 65))
        .map(([size, seed, mask]) => noise(size, seed).map((byte) => byte & mask)),
      fc.tuple(fc.nat(200_000), fc.nat(60_000)).map(([at, size]) => prose(260_000).subarray(at, at + size)),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.integer({ min: 1000, max: MIB }),
        (parts, chunkSize) => {
          const input = Buffer.concat(parts);
          expect(inflateRawSync(compress(input, chunkSize, deflaters)).equals(input)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('does not depend on what it compressed before', () => {
    const input = mixture();
    const used = new Deflater();
    for (const other of [noise(MIB), prose(MIB), Buffer.alloc(MIB), noise(MIB, 5).map((byte) => byte & 1)]) {
      used.deflate(other, other.subarray(0, WINDOW), false);
      expect(
        Buffer.from(used.deflate(input, NOTHING, true)).equals(new Deflater().deflate(input, NOTHING, true)),
      ).toBe(true);
      expect(
        Buffer.from(used.deflate(input.subarray(0, 3), input.subarray(0, 9), true)).equals(
          new Deflater().deflate(input.subarray(0, 3), input.subarray(0, 9), true),
        ),
      ).toBe(true);
    }
  });

  it('gives a copy that later calls leave alone', () => {
    const deflater = new Deflater();
    const first = deflater.deflate(prose(1000), NOTHING, true);
    const copy = Buffer.from(first);
    deflater.deflate(noise(5000), NOTHING, true);
    expect(copy.equals(first)).toBe(true);
  });

  it('ends a chunk on a byte boundary with an empty stored block, and the last with a final block', () => {
    for (let size = 0; size < 40; size++) {
      const part = Buffer.from(new Deflater().deflate(prose(size), NOTHING, false));
      expect(part.subarray(-4).toString('hex')).toBe('0000ffff');
      expect(() => inflateRawSync(part)).toThrow();
      expect(inflateRawSync(Buffer.concat([part, Buffer.from([3, 0])])).equals(prose(size))).toBe(true);
    }
    expect(Buffer.from(new Deflater().deflate(NOTHING, NOTHING, true)).toString('hex')).toBe('0300');
  });

  it('refers to the dictionary, over its whole length', () => {
    const dictionary = noise(WINDOW);
    const deflater = new Deflater();
    for (const at of [0, 1, 12_345, WINDOW - 258]) {
      const chunk = dictionary.subarray(at, at + 258);
      const output = deflater.deflate(chunk, dictionary, true);
      expect(output.length).toBeLessThan(20);
      expect(inflateRawSync(output, { dictionary }).equals(chunk)).toBe(true);
    }
  });

  it('stores what does not compress: 5 bytes for each 65,535 more', () => {
    expect(new Deflater().deflate(noise(MIB), NOTHING, true).length).toBeLessThanOrEqual(MIB + 100);
    expect(new Deflater().deflate(noise(100), NOTHING, true).length).toBe(105);
  });

  it.each<[string, Buffer]>([
    ['prose', prose(MIB)],
    ['a mixture', mixture()],
    ['zeros', Buffer.alloc(MIB)],
  ])('is not much larger than zlib at level 6 where long searches pay: %s', (_, input) => {
    const reference = deflateRawSync(input, { level: 6 }).length;
    expect(new Deflater().deflate(input, NOTHING, true).length).toBeLessThanOrEqual(reference * 1.08);
  });

  it('refuses more than it has room for', () => {
    expect(() => new Deflater().deflate(new Uint8Array(MIB + 1), NOTHING, true)).toThrow('cannot deflate');
    expect(() => new Deflater().deflate(NOTHING, new Uint8Array(WINDOW + 1), true)).toThrow('cannot deflate');
  });

  /** The bytes of DEFLATE_VERSION 2. Who changes one of these digests raises DEFLATE_VERSION. */
  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), '9b4fb24edd6d1d8830e272398263cdbf026b97392cc35387b991dc0248a628f9'],
    ['zeros', Buffer.alloc(100_000), '6fcfa597f24d085427a0d075c5c2ed2ced4f1e6a61a5248279d751219b97f3e1'],
    ['noise', noise(70_000), '3a1486c36a5e88302ea1e0611b3e3eeeba7d09dfcc230826aee83ee943d12078'],
    ['prose', prose(500_000), 'a1a4148b31b2abfc081820480dce689fc33a95338ef462a963509ebf07b9cade'],
    ['a mixture', mixture(), 'c05e8ba2c25d317e6018ba9cb634c633eb783fd47015c27b58a4452cd81f2832'],
    [
      'a mixture with a dictionary',
      Buffer.concat([mixture(), mixture()]),
      '409448316420237aa1fe8e6202305729af90759388b0c76d98e6b586401d6ba8',
    ],
  ])('makes the same bytes as ever: %s', (_, input, digest) => {
    expect(createHash('sha256').update(compress(input, 400_000)).digest('hex')).toBe(digest);
  });
});
