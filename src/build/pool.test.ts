import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHUNK_SIZE, END_OF_ARCHIVE } from '../archive/index.ts';
import { digestOf, PithError } from '../core/index.ts';
import { Store } from '../store/index.ts';
import { makeDeb, type TestFile } from '../testing/deb.ts';
import { Pool } from './pool.ts';
import { Segments } from './segments.ts';
import { serve } from './worker-tasks.ts';

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
      `"sha256:762de029a68fbc87613cbc1b3d0f76850f656b88a9cf5f89a5a07c33060889c0"`,
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

  describe.each<[string, string, RegExp, RegExp]>([
    [
      'ends at its first job',
      'parentPort.on("message", () => process.exit(3));',
      /^a worker thread has ended before its work was done: exit code 3$/,
      /updated while it ran/,
    ],
    [
      'ends before its first job',
      'process.exit(4);',
      /^a worker thread has ended before its work was done: exit code 4$/,
      /updated while it ran/,
    ],
    [
      'fails at its first job',
      'parentPort.on("message", () => { throw new Error("no luck"); });',
      /^a worker thread has ended before its work was done: no luck$/,
      /updated while it ran/,
    ],
    [
      'runs out of memory',
      'parentPort.on("message", () => { throw Object.assign(new Error("heap"), { code: "ERR_WORKER_OUT_OF_MEMORY" }); });',
      /^a worker thread has ended before its work was done: heap$/,
      /--jobs 1.*more memory/,
    ],
    [
      'knows none of its jobs',
      `parentPort.on("message", ({ id }) => {
        parentPort.postMessage({ kind: "failed", id, error: { code: "INTERNAL", message: "unknown", hint: "again" } });
      });`,
      /^unknown$/,
      /again/,
    ],
    [
      'answers otherwise than it should',
      'parentPort.on("message", () => parentPort.postMessage({ kind: "news" }));',
      /^a worker thread answered something unknown: "news"$/,
      /updated while it ran/,
    ],
  ])('with a thread that %s', (_what, script, message, hint) => {
    const url = new URL(
      `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${script}`)}`,
    );
    const failures = async (jobs: readonly Promise<unknown>[]): Promise<unknown[]> => {
      const results = await Promise.allSettled(jobs);
      return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    };
    const expected = {
      code: 'INTERNAL',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    };

    it('lets jobs fail, also those that wait for their turn', async () => {
      const broken = new Pool(url, 2);
      pool = broken;
      const found = await failures(Array.from({ length: 20 }, () => broken.index('/nowhere')));
      expect(found).toHaveLength(20);
      expect(found).toContainEqual(expect.objectContaining(expected));
    });

    it('fails with a segment whose chunks it should compress', async () => {
      const broken = new Pool(url, 2);
      pool = broken;
      const { path, digest } = writePackage('large', [
        { path: 'usr/big', content: text(12 * CHUNK_SIZE, 3) },
      ]);
      const job = {
        path,
        digest,
        format: 'deb',
        what: 'large 1',
        rules: RULES,
        compression: 'gzip',
      } as const;
      const sink = { write: () => Promise.resolve() };
      const found = await failures(Array.from({ length: 2 }, () => broken.segment(job, sink)));
      expect(found).toHaveLength(2);
      expect(found).toContainEqual(expect.objectContaining(expected));
    });
  });

  it('lets jobs that wait for their turn fail when it is interrupted', async () => {
    const interrupting = new AbortController();
    const interrupted = new Pool(WORKER, 2, interrupting.signal);
    pool = interrupted;
    const { path, digest } = writePackage('many', [{ path: 'usr/big', content: text(CHUNK_SIZE, 3) }]);
    const job = { path, digest, format: 'deb', what: 'many 1', rules: RULES, compression: 'gzip' } as const;
    const jobs = Array.from({ length: 20 }, () =>
      interrupted.segment(job, {
        write: () => {
          interrupting.abort();
          return Promise.resolve();
        },
      }),
    );
    const results = await Promise.allSettled(jobs);
    expect(results).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'INTERRUPTED' }) as unknown,
    });
  });

  it('answers a job that it does not know', async () => {
    const { port1, port2 } = new MessageChannel();
    serve(port2);
    port1.postMessage({ kind: 'dance', id: 7 });
    const [answer] = (await once(port1, 'message')) as unknown[];
    port1.close();
    expect(answer).toEqual({
      kind: 'failed',
      id: 7,
      error: {
        code: 'INTERNAL',
        message: 'a worker thread was asked for something unknown: "dance"',
        hint: 'pith was updated while it ran: run the command again.',
      },
    });
  });

  it('that never worked closes at once', async () => {
    pool = new Pool(WORKER, 4);
    await pool.close();
  });
});
