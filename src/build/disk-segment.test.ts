import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTar } from '../archive/index.ts';
import { digestOf } from '../core/index.ts';
import { Store } from '../store/index.ts';
import { noise } from '../testing/sandbox.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { type DiskFile, encodeDiskFiles } from './disk-segment.ts';
import { Pool } from './pool.ts';
import { type Segment, Segments } from './segments.ts';

const WORKER = pathToFileURL(fileURLToPath(new URL('../../dist/worker.js', import.meta.url)));
const NUMBERS = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 7,
  linkName: '',
  deviceMajor: 0,
  deviceMinor: 0,
};

let folder: string;
const pools: Pool[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-disk-segment-'));
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  rmSync(folder, { recursive: true });
});

function fileOf(path: string, content: Uint8Array): DiskFile {
  const source = { path: join(folder, path), name: `./${path}` };
  writeFileSync(source.path, content);
  return {
    file: { ...NUMBERS, path: `srv/${path}`, type: 'file', size: content.length, digest: digestOf(content) },
    source,
  };
}

function segmentsOf(threads: number): { segments: Segments; store: Store } {
  const pool = new Pool(WORKER, threads);
  pools.push(pool);
  const store = Store.open(mkdtempSync(join(folder, 'store-')));
  return { segments: new Segments(store, pool, 'gzip'), store };
}

/** The members of the layer that is this segment alone: `type path digest`. */
async function membersOf(segment: Segment, store: Store): Promise<string[]> {
  const bytes = gunzipSync(readFileSync(store.pathOf(segment.blob)));
  expect(digestOf(bytes)).toBe(segment.diffId);
  const members: string[] = [];
  const whole = (async function* () {
    yield bytes;
    await Promise.resolve();
  })();
  for await (const { entry, body } of readTar(whole, 'segment')) {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    members.push(`${entry.type} ${entry.path} ${digestOf(Buffer.concat(pieces))}`);
  }
  return members;
}

const SIZES = [0, 1, 511, 512, 513, (1 << 20) - 512, 1 << 20, (3 << 20) + 17];

describe('a segment of files of the disk', () => {
  it.each([1, 2, 3])('holds them all, and is the same in a pool of %i', async (threads) => {
    const files: DiskFile[] = [
      { file: { ...NUMBERS, path: 'srv', type: 'directory', mode: 0o755 } },
      ...SIZES.map((size) => fileOf(`f${size}`, noise(size, size))),
      { file: { ...NUMBERS, path: 'srv/z', type: 'hardlink', linkName: 'srv/f1' } },
    ];
    const { segments, store } = segmentsOf(threads);
    const segment = await segments.ofFiles(files);
    expect(await membersOf(segment, store)).toEqual(
      files.map(({ file }) => `${file.type} ${file.path} ${file.digest ?? digestOf('')}`),
    );
    expect(segment).toMatchObject({ newest: 7, omitted: 0 });
    const inMemory = await segments.ofBytes(
      Buffer.concat(Array.from(encodeDiskFiles(files), (piece) => Buffer.from(piece))),
      [],
    );
    expect([segment.blob, segment.size]).toEqual([inMemory.blob, inMemory.size]);
  });

  it('is made without a thread if it is small, and is the same', async () => {
    const files = [fileOf('small', Buffer.from('content'))];
    const { segments, store } = segmentsOf(1);
    const segment = await segments.ofFiles(files);
    expect(await membersOf(segment, store)).toEqual([`file srv/small ${digestOf('content')}`]);
  });

  it.each([1, 2 << 20])('of %i bytes is made once: then nothing is read', async (size) => {
    const files = [fileOf('once', noise(size))];
    const { segments } = segmentsOf(1);
    const made = await segments.ofFiles(files);
    rmSync(join(folder, 'once'));
    expect(await segments.ofFiles(files)).toEqual(made);
  });

  it.each<[string, number, (path: string) => void]>([
    [
      'has grown',
      10,
      (path) => {
        appendFileSync(path, 'x');
      },
    ],
    [
      'has other content',
      10,
      (path) => {
        writeFileSync(path, 'x'.repeat(10));
      },
    ],
    [
      'is gone',
      10,
      (path) => {
        rmSync(path);
      },
    ],
    [
      'has grown',
      3 << 20,
      (path) => {
        appendFileSync(path, 'x');
      },
    ],
    [
      'has other content',
      3 << 20,
      (path) => {
        writeFileSync(path, Buffer.alloc(3 << 20));
      },
    ],
    [
      'is gone',
      3 << 20,
      (path) => {
        rmSync(path);
      },
    ],
  ])('is not made of a file that %s since its digest was made (%i bytes)', async (_what, size, change) => {
    const files = [fileOf('before', noise(2 << 20)), fileOf('changed', noise(size))];
    const { segments, store } = segmentsOf(2);
    change(join(folder, 'changed'));
    expect(await rejectionOf(segments.ofFiles(files))).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: './changed changed while it was read',
      path: join(folder, 'changed'),
    });
    expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
    expect(store.list().filter(({ kind }) => kind === 'blob')).toEqual([]);
  });

  it('is another one with another name, mode, owner, time or content', async () => {
    const { segments } = segmentsOf(1);
    const one = fileOf('one', Buffer.from('a'));
    const changes: Partial<DiskFile['file']>[] = [
      {},
      { path: 'srv/b' },
      { mode: 0o600 },
      { uid: 1 },
      { mtime: 8 },
    ];
    const made = await Promise.all(
      changes.map((change) => segments.ofFiles([{ ...one, file: { ...one.file, ...change } }])),
    );
    made.push(await segments.ofFiles([fileOf('one', Buffer.from('b'))]));
    expect(new Set(made.map(({ blob }) => blob)).size).toBe(made.length);
  });
});
