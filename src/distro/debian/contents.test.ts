import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp, type Http } from '../../http/index.ts';
import { createTestCache, type TestCache } from '../../testing/cache.ts';
import {
  createArchive,
  type Publication,
  type TestArchive,
  type TestPackage,
} from '../../testing/debian-archive.ts';
import { DebianArchive, type DebianArchiveOptions } from './archive.ts';
import type { FetchStep } from './contents.ts';
import type { SuiteSpec } from './mirrors.ts';
import type { Note } from './suites.ts';

const SUITES: SuiteSpec[] = [
  { archive: 'debian', suite: 'trixie', components: ['main'] },
  { archive: 'debian-security', suite: 'trixie-security', components: ['main'] },
];

function pack(name: string, suite = 'trixie', architecture = 'amd64'): TestPackage {
  return { fields: { Package: name, Version: '1.0', Architecture: architecture }, suite };
}

const LINES = [
  'bin                                                     admin/base-files',
  'usr/lib/x86_64-linux-gnu/libpq.so.5                     libs/libpq5',
  'usr/lib/x86_64-linux-gnu/libpq.so.5.17                  libs/libpq5',
  'usr/lib/x86_64-linux-gnu/libtie.so.1                    libs/libtie1-a,libs/libtie1',
  'usr/lib/x86_64-linux-gnu/libgone.so.1                   libs/libgone1',
  'usr/share/doc/libpq5/copyright                          libs/libpq5',
];

const PUBLICATION: Publication = {
  suites: SUITES,
  packages: [
    pack('libpq5'),
    pack('libpq5', 'trixie', 'arm64'),
    pack('libtie1'),
    pack('libtie1-a'),
    pack('libnew2t64', 'trixie-security'),
    pack('libother7'),
  ],
  contents: (suite, architecture) =>
    suite === 'trixie'
      ? `${LINES.join('\n').replaceAll('x86_64', architecture === 'amd64' ? 'x86_64' : 'aarch64')}\n`
      : `usr/lib/libnew.so.2 libs/libnew2t64\n`,
};
const FILES = ['libpq.so.5', 'libtie.so.1', 'libnew.so.2', 'libgone.so.1', 'libother.so.7'];
const FOUND = { 'libpq.so.5': 'libpq5', 'libtie.so.1': 'libtie1', 'libnew.so.2': 'libnew2t64' };

let archive: TestArchive;
let cache: TestCache;
let http: Http;
let notes: Note[];
let steps: FetchStep[];

beforeEach(async () => {
  archive = await createArchive(PUBLICATION);
  cache = createTestCache();
  http = createHttp({ env: {}, retries: 0 });
  notes = [];
  steps = [];
});
afterEach(async () => {
  await http.close();
  await archive.close();
  await cache.remove();
});

/** What a new process finds. */
async function find(
  files: readonly string[] = FILES,
  architecture = 'amd64',
  options: Partial<DebianArchiveOptions> = {},
): Promise<Record<string, string>> {
  const source = new DebianArchive({
    suites: SUITES,
    cache,
    http,
    keyring: archive.keyring,
    mirrors: { definition: archive.mirrors, snapshotBase: archive.snapshotBase },
    now: new Date(),
    onNote: (note) => notes.push(note),
    ...options,
  });
  await source.refresh();
  await source.load([architecture]);
  return Object.fromEntries(await source.findLibraries(files, architecture, (step) => steps.push(step)));
}

/** The contents of `trixie` for an architecture are no longer what was published: on the mirrors, and in the dated archive. */
function damage(change: (bytes: Uint8Array) => Uint8Array | undefined, architecture = 'amd64'): void {
  const original = archive.files.get(`debian/dists/trixie/main/Contents-${architecture}.gz`);
  for (const files of [archive.files, archive.snapshots])
    for (const [path, bytes] of files) {
      if (!original || !Buffer.from(original).equals(bytes)) continue;
      const damaged = change(bytes);
      if (damaged) files.set(path, damaged);
      else files.delete(path);
    }
}

const asked = (): string[] =>
  archive.server.requests.map(({ path }) => path).filter((path) => /Contents|main\/by-hash/.test(path));
const leftovers = (): string[] => readdirSync(cache.folder).filter((name) => name.startsWith('tmp-'));

describe('findLibraries', () => {
  it('takes packages from the contents of all suites, and leaves out what no package has', async () => {
    expect(await find()).toEqual(FOUND);
    expect(notes).toEqual([]);
  });

  it('fetches each index by its digest, says so, and keeps nothing temporary', async () => {
    await find();
    expect(asked().sort()).toEqual([
      expect.stringMatching(
        /^\/debian-security\/dists\/trixie-security\/main\/by-hash\/SHA256\/[0-9a-f]{64}$/,
      ),
      expect.stringMatching(/^\/debian\/dists\/trixie\/main\/by-hash\/SHA256\/[0-9a-f]{64}$/),
    ]);
    const what = 'the index of contents of trixie (main) for amd64';
    const size = archive.files.get('debian/dists/trixie/main/Contents-amd64.gz')?.length;
    const [start] = steps.filter((step) => step.kind === 'fetch-start' && step.what === what);
    expect(start).toMatchObject({ size });
    expect(steps).toContainEqual({ kind: 'fetch-bytes', bytes: size });
    expect(steps).toContainEqual({ kind: 'fetch-done', what });
    expect(leftovers()).toEqual([]);
  });

  it('reads an index once, ever, and then needs no network', async () => {
    await find();
    const count = archive.server.requests.length;
    steps = [];
    const offline = { http: createHttp({ env: {}, offline: true }) };
    expect(await find(FILES, 'amd64', offline)).toEqual(FOUND);
    expect([archive.server.requests.length, steps]).toEqual([count, []]);
  });

  it('reads an index again when what was kept of it is gone', async () => {
    await find();
    for (const [key, value] of cache.records)
      if (key.startsWith('library-index/'))
        cache.records.set(key, value.replace(/[0-9a-f]{8}"$/, '00000000"'));
    expect(await find()).toEqual(FOUND);
    expect(asked()).toHaveLength(4);
  });

  it('asks for the architecture that is wanted alone, and for none where no library is', async () => {
    expect(await find([])).toEqual({});
    expect(asked()).toEqual([]);
    expect(await find(['libpq.so.5', 'libtie.so.1'], 'arm64')).toEqual({ 'libpq.so.5': 'libpq5' });
  });

  it('takes the plain name where by-hash has nothing or is not offered', async () => {
    const stop = archive.intercept(/main\/by-hash/, (_request, response) => response.writeHead(404).end());
    expect(await find()).toEqual(FOUND);
    stop();
    await archive.publish({ ...PUBLICATION, acquireByHash: false, date: new Date(Date.now() + 1000) });
    cache.records.clear();
    expect(await find()).toEqual(FOUND);
    expect(
      asked()
        .slice(-2)
        .every((path) => path.endsWith('/Contents-amd64.gz')),
    ).toBe(true);
  });

  it('takes an index that the mirror has dropped from the dated archive', async () => {
    for (const [path] of archive.files) if (/Contents|main\/by-hash/.test(path)) archive.files.delete(path);
    expect(await find()).toEqual(FOUND);
    expect(notes.every(({ kind }) => kind === 'mirror-skipped')).toBe(true);
  });

  it('reads an index that is empty', async () => {
    await archive.publish({ ...PUBLICATION, contents: () => '' });
    expect(await find()).toEqual({});
    expect(notes).toEqual([]);
  });
});

describe('an index that is not sound', () => {
  it.each([
    ['changed', (bytes: Uint8Array) => Buffer.from(bytes).fill(1, 12)],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, 20)],
    ['longer', (bytes: Uint8Array) => Buffer.concat([bytes, bytes])],
    ['another', () => gzipSync('usr/lib/libpq.so.5 libs/libother7\n')],
  ])('is refused: %s', async (_what, change) => {
    damage(change);
    await expect(find()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(leftovers()).toEqual([]);
    await expect(find()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it.each([
    ['is cut short', gzipSync(LINES.join('\n')).subarray(0, -12), 'ARCHIVE_INVALID'],
    ['has damage', Buffer.from(gzipSync(LINES.join('\n'))).fill(0xff, 30, 40), 'ARCHIVE_INVALID'],
    ['is a bomb', gzipSync(Buffer.alloc(80 << 20)), 'ARCHIVE_TOO_LARGE'],
  ])('is refused though it is signed: it %s', async (_what, bytes, code) => {
    await archive.publish({ ...PUBLICATION, contents: () => bytes });
    await expect(find()).rejects.toMatchObject({
      code,
      message: expect.stringContaining('index of contents') as string,
    });
    expect(leftovers()).toEqual([]);
  });

  it('does no harm with lines that make no sense', async () => {
    const hostile = [
      `usr/lib/${'x'.repeat(1 << 20)}/libpq.so.5 libs/libother7`,
      'usr/lib/libpq.so.5 libs/../libother7/',
      'usr/lib/libpq.so.5\tlibs/no-such-package',
      '__proto__.so.1 libs/libother7',
      ...LINES,
    ];
    await archive.publish({ ...PUBLICATION, contents: () => hostile.join('\n') });
    expect(await find(['libpq.so.5', '__proto__', 'constructor', 'libpq.so.5 0libother7'])).toEqual({
      'libpq.so.5': 'libpq5',
    });
  });
});

describe('without an index', () => {
  const GUESSED = { ...FOUND, 'libother.so.7': 'libother7' };
  const gaps = (): string[] =>
    notes.filter(({ kind }) => kind === 'contents-unavailable').map(({ message }) => message);

  it('goes by the names of packages, with a note, where a release lists none', async () => {
    await archive.publish({ ...PUBLICATION, contents: () => undefined });
    expect(await find()).toEqual(GUESSED);
    expect(gaps()).toEqual([
      expect.stringMatching(/names of libraries.* trixie \(main\) for amd64 .*: the release lists none$/),
      expect.stringContaining('trixie-security (main)') as string,
    ]);
  });

  it('goes by the names where nobody has it', async () => {
    damage(() => undefined);
    expect(await find()).toEqual(GUESSED);
    expect(gaps()).toEqual([expect.stringMatching(/trixie \(main\) for amd64 .*no mirror offers it/)]);
  });

  it('goes by the names where it would have to be fetched offline', async () => {
    await find([]);
    const offline = { http: createHttp({ env: {}, offline: true }) };
    expect(await find(FILES, 'amd64', offline)).toEqual(GUESSED);
    expect(gaps()).toHaveLength(2);
    expect(await find()).toEqual(FOUND);
  });

  it('is of one suite alone, though another has the same', async () => {
    await archive.publish({ ...PUBLICATION, contents: () => '' });
    archive.intercept(
      /^(?:debian|snapshot\/archive\/debian)\/.*(?:Contents|main\/by-hash)/,
      (_request, response) => response.writeHead(404).end(),
    );
    await find();
    expect(gaps()).toEqual([expect.stringContaining(' trixie (main)') as string]);
  });

  it('goes by contents first, and says nothing where these have all', async () => {
    damage(() => undefined);
    expect(await find(['libnew.so.2'])).toEqual({ 'libnew.so.2': 'libnew2t64' });
    expect(gaps()).toEqual([]);
  });
});
