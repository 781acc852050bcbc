import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_SIZE, END_OF_ARCHIVE } from '../archive/index.ts';
import { digestOf, PithError } from '../core/index.ts';
import { Store } from '../store/index.ts';
import { makeDeb, type TestFile } from '../testing/deb.ts';
import { Pool } from './pool.ts';
import { Segments } from './segments.ts';

const WORKER = pathToFileURL(fileURLToPath(new URL('../../dist/worker.js', import.meta.url)));
const RULES = { contents: { drop: [], keep: [] }, mergeUsr: false, move: {} };
let folder: string;
let pool: Pool | undefined;

/** Text that compresses a little, of any length. */
function text(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    bytes[i] = 97 + ((state >> 16) % 12);
  }
  return bytes;
}

function writePackage(
  name: string,
  files: readonly TestFile[],
): { path: string; digest: ReturnType<typeof digestOf> } {
  const deb = makeDeb({ name, files });
  const path = join(folder, `${name}.deb`);
  writeFileSync(path, deb);
  return { path, digest: digestOf(deb) };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-pool-'));
});

afterEach(async () => {
  await pool?.close();
});

describe('a pool', () => {
  it.each([1, 2, 3])('of %i makes the same segments, of packages of every size', async (jobs) => {
    const sizes = [0, 1, CHUNK_SIZE - 2048, CHUNK_SIZE, 3 * CHUNK_SIZE + 17, 9 * CHUNK_SIZE];
    pool = new Pool(WORKER, jobs);
    const store = Store.open(mkdtempSync(join(folder, 'store-')));
    const segments = new Segments(store, pool, 'gzip');
    const made = await Promise.all(
      sizes.map((size, index) => {
        const { path, digest } = writePackage(`p${index}`, [
          { path: 'usr/data', content: text(size, index) },
        ]);
        return segments.ofPackage({
          what: `p${index} 1`,
          identity: digest,
          rules: RULES,
          fetch: () => Promise.resolve({ path, digest, format: 'deb' }),
        });
      }),
    );
    for (const [index, segment] of made.entries()) {
      const tar = gunzipSync((await store.readBlob(segment.blob)) ?? Buffer.alloc(0));
      expect(digestOf(tar)).toBe(segment.diffId);
      expect(tar.length).toBe(segment.size + END_OF_ARCHIVE.length);
      expect(tar.includes(text(sizes[index] ?? 0, index))).toBe(true);
    }
    expect(digestOf(JSON.stringify(made))).toMatchInlineSnapshot(
      `"sha256:9b86334c76da54c3e34c64e0839a3744980ffd863bf21cbfb5c800bd8e7c8ebc"`,
    );
    expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
  });

  it('makes a segment once, however many ask for it, and finds it afterwards without the package', async () => {
    pool = new Pool(WORKER, 2);
    const store = Store.open(mkdtempSync(join(folder, 'store-')));
    const { path, digest } = writePackage('once', [{ path: 'usr/a', content: 'a' }]);
    let fetched = 0;
    const file = { path, digest, format: 'deb' } as const;
    const wanted = {
      what: 'once 1',
      identity: digest,
      rules: RULES,
      fetch: () => Promise.resolve((fetched++, file)),
    };
    const segments = new Segments(store, pool, 'gzip');
    await Promise.all([segments.ofPackage(wanted), segments.ofPackage(wanted)]);
    await new Segments(store, pool, 'gzip').ofPackage(wanted);
    expect(fetched).toBe(1);
    await new Segments(store, pool, 'zstd').ofPackage(wanted);
    expect(fetched).toBe(2);
  });

  it('passes on what is wrong with a package, goes on with the others, and leaves nothing behind', async () => {
    pool = new Pool(WORKER, 2);
    const store = Store.open(mkdtempSync(join(folder, 'store-')));
    const segments = new Segments(store, pool, 'gzip');
    const bad = writePackage('bad', [
      { path: 'usr/big', content: text(5 * CHUNK_SIZE, 1) },
      { path: 'usr/x', type: 'fifo' },
    ]);
    const good = writePackage('good', [{ path: 'usr/a', content: text(5 * CHUNK_SIZE, 2) }]);
    const broken = join(folder, 'broken.deb');
    writeFileSync(broken, 'no package');
    const of = (name: string, { path, digest }: typeof bad): Promise<unknown> =>
      segments.ofPackage({
        what: `${name} 1`,
        identity: digest,
        rules: RULES,
        fetch: () => Promise.resolve({ path, digest, format: 'deb' }),
      });
    const results = await Promise.allSettled([
      of('bad', bad),
      of('good', good),
      of('broken', { path: broken, digest: digestOf('no package') }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(PithError);
    expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
  });

  it('stops a segment whose bytes cannot be written, and is there for the next', async () => {
    pool = new Pool(WORKER, 2);
    const { path, digest } = writePackage('full', [{ path: 'usr/big', content: text(12 * CHUNK_SIZE, 3) }]);
    const job = { path, digest, format: 'deb', what: 'full 1', rules: RULES, compression: 'gzip' } as const;
    let written = 0;
    const full = (): Promise<void> =>
      ++written > 2 ? Promise.reject(new Error('no space')) : Promise.resolve();
    await expect(pool.segment(job, { write: full })).rejects.toThrow('no space');
    await expect(pool.segment(job, { write: () => Promise.resolve() })).resolves.toMatchObject({
      omitted: 0,
    });
  });

  it('that never worked closes at once', async () => {
    pool = new Pool(WORKER, 4);
    await pool.close();
  });
});
