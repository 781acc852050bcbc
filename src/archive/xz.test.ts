import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PithError } from '../core/index.ts';
import { decodeXz, type XzOptions } from './xz.ts';

/** Files made by XZ Utils 5.4 from TEXT, so that the core is tested without that program. */
const TEXT = Buffer.concat([
  Buffer.from('pith builds distroless images; '.repeat(6)),
  Buffer.from(Array.from({ length: 64 }, (_, index) => index)),
  Buffer.from('pith ships distroless images.\n'),
]);
const NONE = fixture(
  '/Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4AEXAGtdADgaSu8d4eUmw4xW/XDQcJYXlPq2hdDWi+X+0hWi+4yOdNxYMLFSbFxTGWxojh+aPa3KCLwULJgvQun6/0pAqr8g94zFsifOVvlXd4EGcOIvTB8aOolokdk24vnb4Lj+K9TwfJQm7Yo5uYrgAAAAAX+YAgAAAJPPXnKoAAr8AgAAAAAAWVo=',
);
const CRC32 = fixture(
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4AEXAGtdADgaSu8d4eUmw4xW/XDQcJYXlPq2hdDWi+X+0hWi+4yOdNxYMLFSbFxTGWxojh+aPa3KCLwULJgvQun6/0pAqr8g94zFsifOVvlXd4EGcOIvTB8aOolokdk24vnb4Lj+K9TwfJQm7Yo5uYrgAAA1HjBaAAGDAZgCAAA+hmEdPjANiwIAAAAAAVla',
);
const CRC64 = fixture(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AEXAGtdADgaSu8d4eUmw4xW/XDQcJYXlPq2hdDWi+X+0hWi+4yOdNxYMLFSbFxTGWxojh+aPa3KCLwULJgvQun6/0pAqr8g94zFsifOVvlXd4EGcOIvTB8aOolokdk24vnb4Lj+K9TwfJQm7Yo5uYrgAADOinzA/SEFCwABhwGYAgAAKMTwhrHEZ/sCAAAAAARZWg==',
);
const SHA256 = fixture(
  '/Td6WFoAAArh+wyhAgAhARYAAAB0L+Wj4AEXAGtdADgaSu8d4eUmw4xW/XDQcJYXlPq2hdDWi+X+0hWi+4yOdNxYMLFSbFxTGWxojh+aPa3KCLwULJgvQun6/0pAqr8g94zFsifOVvlXd4EGcOIvTB8aOolokdk24vnb4Lj+K9TwfJQm7Yo5uYrgAAB3glz6mDi7ml0ZhYYz7ktA7nam3Z+0Qog3CALwmwoWnAABnwGYAgAA3kR1abbp3xwCAAAAAApZWg==',
);
/** `xz -T2 --block-size=100`: three blocks with both sizes in their headers. */
const BLOCKS = fixture(
  '/Td6WFoAAAFpIt42AsAtZCEBFgBBl0454ABjACVdADgaSu8d4eUmw4xW/XDQcJYXlPq2hdDWi+X+0hWi+4wMHFYAAAAAAAAAaQ+fCALAO2QhARYAx3bB7OAAYwAzXQA0mwixg3O5FwqxwvzlyYmLoW75Q9ZX00XGx9sCGgF2XwRelgcr4n8ZK9NSTELBITiboDEAAJQgHlACwFRQIQEWAA7VwkEBAE8ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P3BpdGggc2hpcHMgZGlzdHJvbGVzcyBpbWFnZXMuCgDM5P4tAAM9ZEtkZFCdQ63pPjANiwIAAAAAAVla',
);
/** `xz -9` of 4 MiB of zeros. */
const ZEROS = fixture(
  '/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM//8RAWxdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvS5fqg8+S2ZCkBMO/xCT+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvEgn5lif/xABKwDsc1On/b6ufDEan7eNMW5wnqcjX+woy4XRlZiKfiqR8id19xnABphNmP3Yr9WQD8QlU/j1kTYxBaWw7m/BcE1HDNGREaqtYB26zrEnGFxZhulmUli+6XasWeTlWwUI+cfarfz7Uit0zR5bIEL53VM9+ClkCTuAyyps37U78MS9Ll+qDz5LZkKQEw7/EJP4cXhZ+AvN/5UoRg+p/Hze+5owLlbAj4Xzg4HAZcQlU/j1kTYxBaWw7m/BcE1HDNGREaqtYB26zrEnGFxZhulmUli+6XasWeTlWwUI+cfarfz7Uit0zR5bIEL53VM9+ClkCTuAyyps37U78MS9Ll+qDz5LZkKQEw7/EJP4cXhZ+AvN/5UoRg+p/Hze+5owLlbAj4Xzg4HAZcQlUQ8/soAB3AAFAEHqpi0AAGpARxEAAcAFgICAAsURvMM+MA2LAgAAAAABWVo=',
);

function fixture(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

async function* inPieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function decode(bytes: Uint8Array, pieceSize?: number, options?: XzOptions): Promise<Buffer> {
  const made: Buffer[] = [];
  for await (const piece of decodeXz(inPieces(bytes, pieceSize), options)) made.push(Buffer.from(piece));
  return Buffer.concat(made);
}

/** The code of the error that decoding ends with, or what was decoded. */
async function failure(bytes: Uint8Array, options?: XzOptions): Promise<string | Buffer> {
  try {
    return await decode(bytes, undefined, options);
  } catch (error) {
    if (error instanceof PithError) return error.code;
    throw error;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A variable-length integer. */
function vli(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...vli(Math.floor(value / 128))];
}

function withCrc(...bytes: number[]): Buffer {
  return Buffer.concat([Buffer.from(bytes), uint32(crc32(Buffer.from(bytes)))]);
}

/** An uncompressed LZMA2 chunk. */
function storedChunk(content: Uint8Array, control = 1): Buffer {
  return Buffer.concat([
    Buffer.from([control, (content.length - 1) >> 8, (content.length - 1) & 0xff]),
    content,
  ]);
}

interface Block {
  /** LZMA2 chunks without the end marker. */
  readonly chunks: Uint8Array;
  readonly content: Uint8Array;
  readonly flags?: number;
  /** Bytes of the header between the flags and the padding. */
  readonly fields?: readonly number[];
  readonly padding?: number;
}

const LZMA2_4K = [0x21, 1, 0];

/** A stream with the CRC-32 check, all of it right but for what the arguments say. */
function stream(blocks: readonly Block[], index?: (records: number[][]) => number[]): Buffer {
  const parts: Buffer[] = [fixture('/Td6WFoAAAFpIt42')];
  const records: number[][] = [];
  for (const { chunks, content, flags = 0, fields = LZMA2_4K, padding = 0 } of blocks) {
    const size = (2 + fields.length + 3) & ~3;
    const header = withCrc(
      size / 4,
      flags,
      ...fields,
      ...new Array<number>(size - 2 - fields.length).fill(0),
    );
    const data = Buffer.concat([chunks, Buffer.alloc(1)]);
    parts.push(header, data, Buffer.alloc(-data.length & 3, padding), uint32(crc32(content)));
    records.push([header.length + data.length + 4, content.length]);
  }
  const body = index ? index(records) : [0, ...vli(records.length), ...records.flat().flatMap(vli)];
  const indexBytes = withCrc(...body, ...new Array<number>(-body.length & 3).fill(0));
  const footer = Buffer.concat([uint32(indexBytes.length / 4 - 1), Buffer.from([0, 1])]);
  return Buffer.concat([...parts, indexBytes, uint32(crc32(footer)), footer, Buffer.from('YZ')]);
}

function storedBlock(content: Uint8Array, more: Partial<Block> = {}): Block {
  return { chunks: storedChunk(content), content, ...more };
}

const HELLO = Buffer.from('hello');

describe('decodeXz', () => {
  it.each([
    ['no check', NONE],
    ['CRC-32', CRC32],
    ['CRC-64', CRC64],
    ['SHA-256', SHA256],
    ['several blocks with sizes', BLOCKS],
  ])('decodes a file with %s, whatever the size of the pieces', async (_, file) => {
    for (const size of [file.length, 1, 3, 64]) expect(await decode(file, size)).toEqual(TEXT);
  });

  it('decodes several streams with padding between and behind them', async () => {
    const padded = Buffer.concat([CRC32, Buffer.alloc(8), SHA256, NONE, Buffer.alloc(4)]);
    expect(await decode(padded, 5)).toEqual(Buffer.concat([TEXT, TEXT, TEXT]));
  });

  it('decodes a stream without blocks, an empty block, and uncompressed chunks', async () => {
    expect(await decode(stream([]))).toEqual(Buffer.alloc(0));
    expect(await decode(stream([{ chunks: Buffer.alloc(0), content: Buffer.alloc(0) }]))).toEqual(
      Buffer.alloc(0),
    );
    const chunks = Buffer.concat([storedChunk(HELLO), storedChunk(HELLO, 2), storedChunk(HELLO, 1)]);
    expect((await decode(stream([{ chunks, content: Buffer.from('hellohellohello') }]))).toString()).toBe(
      'hellohellohello',
    );
  });

  it('decodes uncompressed chunks over several windows', async () => {
    const content = Buffer.from(Array.from({ length: 50 * 65_521 }, (_, index) => (index * index) >> 7));
    const chunks = Array.from({ length: 50 }, (_, index) => {
      return storedChunk(content.subarray(index * 65_521, (index + 1) * 65_521), index === 0 ? 1 : 2);
    });
    expect((await decode(stream([{ chunks: Buffer.concat(chunks), content }]), 10_007)).equals(content)).toBe(
      true,
    );
  });

  it('gives pieces of 1 MiB at most, and the zeros of a bomb without growing', async () => {
    const streams = 512;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < streams; index++) yield await Promise.resolve(ZEROS);
    };
    const before = process.memoryUsage();
    let size = 0;
    let largest = 0;
    for await (const piece of decodeXz(source())) {
      size += piece.length;
      largest = Math.max(largest, piece.length);
    }
    const after = process.memoryUsage();
    expect(size).toBe(streams * 4 * 2 ** 20);
    expect(largest).toBe(2 ** 20);
    expect(after.rss - before.rss).toBeLessThan(80 * 2 ** 20);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(80 * 2 ** 20);
  });

  it('keeps two decoders apart', async () => {
    const first = decodeXz(inPieces(BLOCKS));
    const second = decodeXz(inPieces(CRC64));
    const made: [string, string] = ['', ''];
    for (let ended = 0; ended < 2;) {
      ended = 0;
      for (const [index, decoder] of [first, second].entries()) {
        const next = await decoder.next();
        if (next.done === true) ended++;
        else made[index as 0 | 1] += Buffer.from(next.value).toString('latin1');
      }
    }
    expect(made).toEqual([TEXT.toString('latin1'), TEXT.toString('latin1')]);
  });

  it('closes its source when it is closed', async () => {
    let closed = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await Promise.resolve(ZEROS);
      } finally {
        closed = true;
      }
    };
    for await (const piece of decodeXz(source())) if (piece.length > 0) break;
    expect(closed).toBe(true);
  });

  it('passes on a fault of the source', async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(CRC32.subarray(0, 40));
      throw new PithError('NETWORK_FAILED', 'the line is dead');
    };
    await expect(async () => {
      for await (const piece of decodeXz(source())) expect(piece).toBeDefined();
    }).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
  });
});

describe('damaged xz data', () => {
  it.each([
    ['no check', NONE],
    ['CRC-32', CRC32],
    ['CRC-64', CRC64],
    ['SHA-256', SHA256],
    ['several blocks', BLOCKS],
  ])('is refused wherever it is cut (%s)', async (_, file) => {
    for (let length = 0; length < file.length; length++) {
      expect(await failure(file.subarray(0, length)), `cut after ${length} bytes`).toBe('ARCHIVE_INVALID');
    }
  });

  it.each([
    ['CRC-32', CRC32],
    ['CRC-64', CRC64],
    ['SHA-256', SHA256],
    ['several blocks', BLOCKS],
  ])('is refused whichever byte is changed (%s)', async (_, file) => {
    for (let at = 0; at < file.length; at++) {
      for (const change of [0x01, 0x10, 0x80, 0xff]) {
        const damaged = Buffer.from(file);
        damaged[at]! ^= change;
        expect(await failure(damaged), `byte ${at} xor ${change}`).toBe('ARCHIVE_INVALID');
      }
    }
  });

  it('is refused, or differs, where no check protects it', async () => {
    for (let at = 0; at < NONE.length; at++) {
      const damaged = Buffer.from(NONE);
      damaged[at]! ^= 0xff;
      const result = await failure(damaged);
      if (typeof result === 'string') expect(result).toBe('ARCHIVE_INVALID');
      else expect(result).not.toEqual(TEXT);
    }
  });

  const footer = CRC32.subarray(-12);
  it.each<[string, Buffer, string]>([
    ['nothing at all', Buffer.alloc(0), 'ARCHIVE_INVALID'],
    ['another format', Buffer.from('!<arch>\ndebian-binary   '), 'ARCHIVE_INVALID'],
    ['trailing garbage', Buffer.concat([CRC32, Buffer.from('garbage!')]), 'ARCHIVE_INVALID'],
    ['padding that is no multiple of four', Buffer.concat([CRC32, Buffer.alloc(3)]), 'ARCHIVE_INVALID'],
    ['padding before the first stream', Buffer.concat([Buffer.alloc(4), CRC32]), 'ARCHIVE_INVALID'],
    [
      'the footer of another stream',
      Buffer.concat([CRC32.subarray(0, -12), SHA256.subarray(-12)]),
      'ARCHIVE_INVALID',
    ],
    ['two footers', Buffer.concat([CRC32, footer]), 'ARCHIVE_INVALID'],
    ['block padding that is not zero', stream([storedBlock(HELLO, { padding: 1 })]), 'ARCHIVE_INVALID'],
    [
      'a block that fails its check',
      stream([{ chunks: storedChunk(HELLO), content: Buffer.from('jello') }]),
      'ARCHIVE_INVALID',
    ],
    [
      'a header that gives another uncompressed size',
      stream([storedBlock(HELLO, { flags: 0x80, fields: [6, ...LZMA2_4K] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a header that gives a smaller uncompressed size',
      stream([storedBlock(HELLO, { flags: 0x80, fields: [4, ...LZMA2_4K] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a header that gives another compressed size',
      stream([storedBlock(HELLO, { flags: 0x40, fields: [8, ...LZMA2_4K] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a compressed size of 0',
      stream([storedBlock(HELLO, { flags: 0x40, fields: [0, ...LZMA2_4K] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a number of ten bytes',
      stream([
        storedBlock(HELLO, { flags: 0x80, fields: [...new Array<number>(9).fill(0x80), 1, ...LZMA2_4K] }),
      ]),
      'ARCHIVE_INVALID',
    ],
    [
      'a number with a needless byte',
      stream([storedBlock(HELLO, { flags: 0x80, fields: [0x85, 0, ...LZMA2_4K] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a size of 2^62',
      stream([
        storedBlock(HELLO, { flags: 0x80, fields: [...new Array<number>(8).fill(0x80), 0x40, ...LZMA2_4K] }),
      ]),
      'ARCHIVE_INVALID',
    ],
    [
      'LZMA2 before another filter',
      stream([storedBlock(HELLO, { flags: 1, fields: [...LZMA2_4K, ...LZMA2_4K] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a header too short for its fields',
      stream([storedBlock(HELLO, { flags: 0xc3, fields: [9, 5, 0x21] })]),
      'ARCHIVE_INVALID',
    ],
    ['properties of two bytes', stream([storedBlock(HELLO, { fields: [0x21, 2, 0, 0] })]), 'ARCHIVE_INVALID'],
    [
      'a dictionary size that is not valid',
      stream([storedBlock(HELLO, { fields: [0x21, 1, 41] })]),
      'ARCHIVE_INVALID',
    ],
    [
      'header padding that is not zero',
      stream([storedBlock(HELLO, { fields: [...LZMA2_4K, 0, 0, 7] })]),
      'ARCHIVE_UNSUPPORTED',
    ],
    ['reserved block flags', stream([storedBlock(HELLO, { flags: 0x04 })]), 'ARCHIVE_UNSUPPORTED'],
    [
      'a first chunk without dictionary reset',
      stream([storedBlock(HELLO, { chunks: storedChunk(HELLO, 2) })]),
      'ARCHIVE_INVALID',
    ],
    [
      'an unknown chunk',
      stream([storedBlock(HELLO, { chunks: Buffer.concat([storedChunk(HELLO), storedChunk(HELLO, 3)]) })]),
      'ARCHIVE_INVALID',
    ],
    [
      'an LZMA chunk without properties',
      stream([
        storedBlock(HELLO, {
          chunks: Buffer.concat([storedChunk(HELLO), Buffer.from([0xa0, 0, 0, 0, 4, 0, 0, 0, 0, 0])]),
        }),
      ]),
      'ARCHIVE_INVALID',
    ],
    [
      'properties that LZMA2 does not allow',
      stream([storedBlock(HELLO, { chunks: Buffer.from([0xe0, 0, 0, 0, 4, 8 + 9 * 4, 0, 0, 0, 0, 0]) })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a range coder that does not begin with 0',
      stream([storedBlock(HELLO, { chunks: Buffer.from([0xe0, 0, 0, 0, 4, 93, 1, 0, 0, 0, 0]) })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a chunk of four bytes',
      stream([storedBlock(HELLO, { chunks: Buffer.from([0xe0, 0, 0, 0, 3, 93, 0, 0, 0, 0]) })]),
      'ARCHIVE_INVALID',
    ],
    [
      'a chunk that gives more than its bytes',
      stream([storedBlock(HELLO, { chunks: Buffer.from([0xff, 0xff, 0xff, 0, 4, 93, 0, 0, 0, 0, 0]) })]),
      'ARCHIVE_INVALID',
    ],
    ['an index without the block', stream([storedBlock(HELLO)], () => [0, 0]), 'ARCHIVE_INVALID'],
    [
      'an index with a block too many',
      stream([storedBlock(HELLO)], (records) => [0, 2, ...records.flat(), ...records.flat()]),
      'ARCHIVE_INVALID',
    ],
    [
      'an index with another size',
      stream([storedBlock(HELLO)], ([record]) => [0, 1, record![0]! + 1, record![1]!]),
      'ARCHIVE_INVALID',
    ],
    [
      'an index in another order',
      stream([storedBlock(HELLO), storedBlock(TEXT)], (records) => [
        0,
        2,
        ...records.reverse().flat().flatMap(vli),
      ]),
      'ARCHIVE_INVALID',
    ],
    [
      'an index with too much padding',
      stream([storedBlock(HELLO)], (records) => [0, 1, ...records.flat(), 0, 0, 0, 0]),
      'ARCHIVE_INVALID',
    ],
  ])('is refused: %s', async (_, bytes, code) => {
    expect(await failure(bytes)).toBe(code);
  });

  it('never decodes random bytes behind a good header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (noise) => {
        const file = Buffer.concat([
          CRC32.subarray(0, 24),
          Buffer.from([0xe0, 1, 0, 0, noise.length & 0xff, 93, 0]),
          noise,
        ]);
        expect(await failure(file)).toBe('ARCHIVE_INVALID');
      }),
    );
  });
});

describe('what pith does not read', () => {
  it.each([
    [3, 'delta'],
    [4, 'BCJ x86'],
    [11, 'BCJ RISC-V'],
    [0x40, 'unknown (0x40)'],
  ])('names filter %i', async (id, name) => {
    const file = stream([storedBlock(HELLO, { flags: 1, fields: [id, 0, ...LZMA2_4K] })]);
    await expect(decode(file)).rejects.toMatchObject({
      code: 'ARCHIVE_UNSUPPORTED',
      message: expect.stringContaining(name) as string,
    });
  });

  it('names the check', async () => {
    const file = Buffer.from(NONE);
    file[7] = 2;
    file.writeUInt32LE(crc32(file.subarray(6, 8)), 8);
    await expect(decode(file)).rejects.toMatchObject({
      code: 'ARCHIVE_UNSUPPORTED',
      message: expect.stringContaining('2') as string,
    });
  });

  it('refuses a dictionary over the limit', async () => {
    expect(await failure(ZEROS, { maxDictionary: 2 ** 20 })).toBe('ARCHIVE_TOO_LARGE');
    expect(await failure(stream([storedBlock(HELLO, { fields: [0x21, 1, 40] })]))).toBe('ARCHIVE_TOO_LARGE');
    expect(
      await failure(stream([storedBlock(HELLO, { fields: [0x21, 1, 40] })]), { maxDictionary: 2 ** 33 }),
    ).toBe('ARCHIVE_TOO_LARGE');
  });
});
