import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeXz } from './xz.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function decode(bytes: Uint8Array, pieceSize = 65536): Promise<Buffer> {
  const made: Buffer[] = [];
  for await (const piece of decodeXz(inPieces(bytes, pieceSize))) made.push(Buffer.from(piece));
  return Buffer.concat(made);
}

const hasXz = spawnSync('xz', ['--version']).status === 0;
if (!hasXz) console.warn('xz is not installed: the comparison of decodeXz with it is skipped');

describe.skipIf(!hasXz)('decodeXz and the xz program', () => {
  const xz = (bytes: Uint8Array, ...options: string[]): Buffer => {
    const result = spawnSync('xz', ['--compress', '--stdout', ...options], {
      input: bytes,
      maxBuffer: 2 ** 30,
    });
    if (result.status !== 0) throw new Error(`xz ${options.join(' ')}: ${result.stderr.toString()}`);
    return result.stdout;
  };
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  /** Text with near and far repetitions, noise and runs: about 6 MB, so that small dictionaries wrap. */
  const sample = ((): Buffer => {
    const parts: Buffer[] = [];
    let seed = 1;
    const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
    for (let part = 0; part < 600; part++) {
      const noise = Buffer.from(
        Array.from({ length: 1 + (random() % 2000) }, () =>
          part % 4 === 0 ? random() : 97 + (random() % 5),
        ),
      );
      parts.push(noise, Buffer.alloc(random() % 3000, part), parts[random() % parts.length || 0] ?? noise);
      parts.push(Buffer.from(`line ${random() % 100} of part ${part}\n`.repeat(random() % 300)));
    }
    return Buffer.concat(parts);
  })();

  it.each<[string, string[]]>([
    ...Array.from({ length: 10 }, (_, level): [string, string[]] => [`-${level}`, [`-${level}`]]),
    ['-6e', ['-6e']],
    ['several threads and blocks', ['-T2', '--block-size=300000']],
    ['blocks without sizes', ['-T1', '--block-size=1000000']],
    ['no check', ['--check=none']],
    ['CRC-32', ['--check=crc32']],
    ['CRC-64', ['--check=crc64']],
    ['SHA-256', ['--check=sha256']],
    ['the smallest dictionary', ['--lzma2=preset=6,dict=4KiB']],
    ['a dictionary that is no power of two', ['--lzma2=preset=6,dict=48KiB']],
    ['a dictionary a little over a piece', ['--lzma2=preset=6,dict=1537KiB']],
    ['lc=0 lp=4 pb=4', ['--lzma2=preset=6,lc=0,lp=4,pb=4']],
    ['lc=4 lp=0 pb=0', ['--lzma2=preset=6,lc=4,lp=0,pb=0']],
    ['lc=1 lp=2 pb=1', ['--lzma2=preset=6,lc=1,lp=2,pb=1,dict=64KiB']],
    ['short matches', ['--lzma2=preset=1,nice=4,mf=hc3']],
  ])('agree: %s', async (_, options) => {
    expect(digest(await decode(xz(sample, ...options), 50_000))).toBe(digest(sample));
  });

  it('agree on any bytes', async () => {
    const bytes = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .uint8Array({ minLength: 1, maxLength: 9 })
          .map((unit) => Buffer.concat(new Array<Uint8Array>(90).fill(unit))),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('-0', '-6', '-9e'),
        fc.integer({ min: 1, max: 500 }),
        async (parts, level, pieceSize) => {
          const plain = Buffer.concat(parts);
          expect(await decode(xz(plain, level), pieceSize)).toEqual(plain);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('agree on a single block of half a GiB, in flat memory', async () => {
    const file = spawnSync('sh', ['-c', 'head -c 536870912 /dev/zero | xz -0 --stdout'], {
      maxBuffer: 2 ** 30,
    }).stdout;
    const before = process.memoryUsage().rss;
    let size = 0;
    for await (const piece of decodeXz(inPieces(file, 65536))) size += piece.length;
    expect(size).toBe(2 ** 29);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 2 ** 20);
  });

  it('agree on what is not valid', async () => {
    const file = xz(sample.subarray(0, 20_000));
    for (let at = 24; at < file.length; at += 97) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= 1 << (at & 7);
      expect(spawnSync('xz', ['--test', '--format=xz'], { input: damaged }).status).not.toBe(0);
      await expect(decode(damaged)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    }
  });
});
