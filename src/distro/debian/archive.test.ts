import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { createHttp, type Http } from '../../http/index.ts';
import { createTestCache, type TestCache } from '../../testing/cache.ts';
import {
  createArchive,
  type Publication,
  type TestArchive,
  type TestPackage,
} from '../../testing/debian-archive.ts';
import type { Package } from '../contract.ts';
import { DebianArchive, type DebianArchiveOptions } from './archive.ts';
import { buildIndexOfFile } from './index-file.ts';
import type { SuiteSpec } from './mirrors.ts';
import type { Note } from './suites.ts';

const SUITES: SuiteSpec[] = [
  { archive: 'debian', suite: 'trixie', components: ['main'] },
  { archive: 'debian-security', suite: 'trixie-security', components: ['main'] },
];

function pack(
  name: string,
  version: string,
  more: Record<string, string> = {},
  suite = 'trixie',
): TestPackage {
  return { fields: { Package: name, Version: version, Architecture: 'amd64', ...more }, suite };
}

const PUBLICATION: Publication = {
  suites: SUITES,
  packages: [
    pack('libc6', '2.41-12'),
    pack('libc6', '2.41-12+deb13u1', {}, 'trixie-security'),
    pack('libc6', '2.41-12', { Architecture: 'arm64' }),
    pack('tzdata', '2026a-1', { Architecture: 'all' }),
    pack('mawk', '1.3', { Provides: 'awk', Depends: 'libc6 (>= 2.40)' }),
    pack('gawk', '5.2', { Provides: 'awk' }),
    pack('awk', '0.1'),
  ],
};

let archive: TestArchive;
let cache: TestCache;
let http: Http;
let notes: Note[];
let built: number;

beforeEach(async () => {
  archive = await createArchive(PUBLICATION);
  cache = createTestCache();
  http = createHttp({ env: {}, retries: 0 });
  notes = [];
  built = 0;
});
afterEach(async () => {
  await http.close();
  await archive.close();
  await cache.remove();
});

function open(options: Partial<DebianArchiveOptions> = {}): DebianArchive {
  return new DebianArchive({
    suites: SUITES,
    cache,
    http,
    keyring: archive.keyring,
    mirrors: { definition: archive.mirrors, snapshotBase: archive.snapshotBase },
    now: new Date(),
    onNote: (note) => notes.push(note),
    buildIndex: (path) => {
      built++;
      return buildIndexOfFile(path);
    },
    ...options,
  });
}

async function refreshed(
  options: Partial<DebianArchiveOptions> = {},
  architectures: readonly string[] = ['amd64', 'arm64'],
): Promise<DebianArchive> {
  const source = open(options);
  await source.refresh();
  await source.load(architectures);
  return source;
}

const versions = (found: readonly Package[]): string[] =>
  found.map(({ name, version, suite }) => `${name} ${version} ${suite}`);
const paths = (): string[] => archive.server.requests.map(({ path }) => path);
const leftovers = (): string[] => readdirSync(cache.folder).filter((name) => name.startsWith('tmp-'));

describe('candidates', () => {
  it('come from all suites, the highest version first', async () => {
    const source = await refreshed();
    expect(versions(source.candidates('libc6', 'amd64'))).toEqual([
      'libc6 2.41-12+deb13u1 trixie-security',
      'libc6 2.41-12 trixie',
    ]);
    expect(versions(source.candidates('libc6', 'arm64'))).toEqual(['libc6 2.41-12 trixie']);
  });

  it('include packages for all architectures, once', async () => {
    const source = await refreshed();
    expect(versions(source.candidates('tzdata', 'arm64'))).toEqual(['tzdata 2026a-1 trixie']);
    expect(versions(source.candidates('tzdata', 'amd64'))).toEqual(['tzdata 2026a-1 trixie']);
  });

  it('name a file that two suites list once, from the first of them', async () => {
    const deb = Buffer.from('the same');
    const packages = SUITES.map(({ suite }) => ({ ...pack('same', '1', {}, suite), deb }));
    await archive.publish({ ...PUBLICATION, packages });
    expect(versions((await refreshed()).candidates('same', 'amd64'))).toEqual(['same 1 trixie']);
  });

  it('carry what a lockfile needs', async () => {
    const [found] = (await refreshed()).candidates('mawk', 'amd64');
    expect(found).toMatchObject({
      archive: 'debian',
      suite: 'trixie',
      component: 'main',
      path: 'pool/main/m/mawk/mawk_1.3_amd64.deb',
      depends: 'libc6 (>= 2.40)',
    });
  });

  it('are none for unknown names, other architectures and before a refresh', async () => {
    const source = await refreshed();
    expect(source.candidates('none', 'amd64')).toEqual([]);
    expect(source.candidates('libc6', 's390x')).toEqual([]);
    expect(open().candidates('libc6', 'amd64')).toEqual([]);
  });

  it('have providers, which are others than the package of that name', async () => {
    const source = await refreshed();
    expect(source.providers('awk', 'amd64').map(({ name }) => name)).toEqual(['gawk', 'mawk']);
    expect([...source.names('arm64')]).toEqual(['libc6', 'tzdata']);
  });
});

describe('refresh and load', () => {
  it('says which releases it found', async () => {
    const source = await refreshed();
    expect(source.releases().map(({ suite, archive: name }) => [name, suite])).toEqual([
      ['debian', 'trixie'],
      ['debian-security', 'trixie-security'],
    ]);
  });

  it('loads an architecture when it is wanted, once', async () => {
    const source = await refreshed({}, ['amd64']);
    expect(source.candidates('libc6', 'arm64')).toEqual([]);
    await source.load(['amd64', 'arm64']);
    const count = asked();
    await source.load(['amd64', 'arm64']);
    expect(asked()).toBe(count);
    expect(versions(source.candidates('libc6', 'arm64'))).toHaveLength(1);
  });

  it('fetches each index once, by its digest, and keeps nothing temporary', async () => {
    await refreshed();
    const indexes = paths().filter((path) => path.includes('/by-hash/SHA256/'));
    expect(new Set(indexes).size).toBe(indexes.length);
    expect(paths().filter((path) => path.endsWith('Packages.gz'))).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  it('builds an index once, ever', async () => {
    await refreshed();
    const [count, before] = [asked(), built];
    expect(before).toBeGreaterThan(0);
    const source = await refreshed();
    expect([asked(), built]).toEqual([count, before]);
    expect(versions(source.candidates('gawk', 'amd64'))).toEqual(['gawk 5.2 trixie']);
  });

  it('builds an index again when the cached one is gone', async () => {
    await refreshed();
    const before = built;
    for (const [key, value] of cache.records)
      if (key.startsWith('package-index/'))
        cache.records.set(key, value.replace(/[0-9a-f]{8}"$/, '00000000"'));
    expect(versions((await refreshed()).candidates('gawk', 'amd64'))).toHaveLength(1);
    expect(built).toBe(2 * before);
  });

  it('takes the plain name where by-hash has nothing', async () => {
    archive.intercept(/by-hash/, (_request, response) => response.writeHead(404).end());
    expect(versions((await refreshed()).candidates('gawk', 'amd64'))).toHaveLength(1);
  });

  it('does without by-hash', async () => {
    await archive.publish({ ...PUBLICATION, acquireByHash: false });
    expect(versions((await refreshed()).candidates('gawk', 'amd64'))).toHaveLength(1);
    expect(paths().some((path) => path.includes('by-hash'))).toBe(false);
  });

  it('leaves out a suite that does not have an architecture, with a note', async () => {
    await archive.publish({
      ...PUBLICATION,
      suites: SUITES.slice(1),
      packages: [pack('a', '1', {}, 'trixie-security')],
    });
    const source = await refreshed({ suites: SUITES.slice(1) });
    expect(notes).toMatchObject([
      {
        kind: 'architecture-missing',
        suite: 'trixie-security',
        message: expect.stringContaining('arm64') as string,
      },
    ]);
    expect(versions(source.candidates('a', 'amd64'))).toHaveLength(1);
  });

  it('asks the dated archive where no mirror has the suite', async () => {
    const source = await refreshed({ mirrors: { snapshotBase: archive.snapshotBase } });
    expect(source.releases()[0]?.mirror).toMatch(/\/snapshot\/archive\/debian\/[0-9]{8}T000000Z$/);
    expect(versions(source.candidates('gawk', 'amd64'))).toHaveLength(1);
  });

  it('reads an archive in a folder', async () => {
    const root = join(cache.folder, 'mirror');
    for (const [path, bytes] of archive.files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), bytes);
    }
    const definition = Object.fromEntries(
      SUITES.map(({ archive: name }) => [name, pathToFileURL(join(root, name)).href]),
    );
    const source = await refreshed({ mirrors: { definition }, http: createHttp({ env: {}, offline: true }) });
    const [gawk] = source.candidates('gawk', 'amd64');
    expect(digestOf(await readFile(await source.fetch(gawk!)))).toBe(gawk?.digest);
    expect(asked()).toBe(0);
  });

  it('takes an index that the mirror has replaced from the dated archive, with a note', async () => {
    for (const [path] of archive.files)
      if (path.includes('/binary-arm64/')) archive.files.set(path, Buffer.from('other'));
    archive.intercept(/^debian.*by-hash/, (_request, response) => response.writeHead(404).end());
    const source = await refreshed({}, ['arm64']);
    expect(versions(source.candidates('libc6', 'arm64'))).toHaveLength(1);
    expect(notes[0]).toMatchObject({ kind: 'mirror-skipped' });
  });

  it.each([
    ['changed', (bytes: Uint8Array) => Buffer.from(bytes).fill(1, 12), 'DIGEST_MISMATCH'],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, 20), 'DIGEST_MISMATCH'],
    ['gone', () => undefined, 'NETWORK_STATUS'],
  ])('refuses an index that is %s everywhere, or leaves it out if told to', async (_what, damage, code) => {
    for (const files of [archive.files, archive.snapshots])
      for (const [path, bytes] of files) {
        if (!path.includes('/binary-arm64/')) continue;
        const damaged = damage(bytes);
        if (damaged) files.set(path, damaged);
        else files.delete(path);
      }
    await expect(refreshed()).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(/`--skip-unavailable` leaves trixie\S* out for arm64/) as string,
    });
    expect(leftovers()).toEqual([]);
    const source = await refreshed({ skipUnavailable: true });
    expect(notes.some(({ kind }) => kind === 'index-unavailable')).toBe(true);
    expect(versions(source.candidates('gawk', 'amd64'))).toHaveLength(1);
    expect(source.candidates('libc6', 'arm64')).toEqual([]);
  });

  it('refuses an index that is signed but makes no sense', async () => {
    await archive.publish({
      ...PUBLICATION,
      editPackages: (text) => text.replaceAll(/^Filename: .*\n/gm, ''),
    });
    await expect(refreshed()).rejects.toMatchObject({ code: 'RELEASE_INVALID' });
    expect(readdirSync(cache.folder).filter((file) => file.startsWith('tmp-'))).toEqual([]);
  });

  it('refuses a path out of the archive when the package is asked for', async () => {
    await archive.publish({
      ...PUBLICATION,
      editPackages: (text) => text.replaceAll('pool/main/g', '../../g'),
    });
    const source = await refreshed();
    expect(() => source.candidates('gawk', 'amd64')).toThrow(/wrong Filename/);
  });
});

describe('fetch', () => {
  const first = (source: DebianArchive, name: string): Package => {
    const found = source.candidates(name, 'amd64')[0];
    return found ?? expect.unreachable(`${name} is missing`);
  };

  it('gives the path of the verified file and asks for it once', async () => {
    const source = await refreshed();
    const gawk = first(source, 'gawk');
    let seen = 0;
    const [path] = await Promise.all([
      source.fetch(gawk, { onBytes: (bytes) => (seen += bytes) }),
      source.fetch(gawk),
    ]);
    expect(digestOf(await readFile(path))).toBe(gawk.digest);
    expect(seen).toBe(gawk.size);
    expect(await open().fetch(gawk)).toBe(path);
    expect(paths().filter((each) => each.endsWith('.deb'))).toHaveLength(1);
  });

  it('takes a package that mirrors have dropped from the dated archive around the date', async () => {
    const gawk = first(await refreshed(), 'gawk');
    archive.files.delete(`debian/${gawk.path}`);
    archive.intercept(/^snapshot\/.*20260101T000000Z/, (_request, response) => response.writeHead(404).end());
    const path = await open().fetch(gawk, { date: new Date('2026-01-01T00:00:00Z') });
    expect(digestOf(await readFile(path))).toBe(gawk.digest);
    expect(paths().slice(-3)).toEqual([
      `/debian/${gawk.path}`,
      `/snapshot/archive/debian/20260101T000000Z/${gawk.path}`,
      `/snapshot/archive/debian/20260101T060000Z/${gawk.path}`,
    ]);
  });

  it('refuses a package that was changed, and keeps nothing of it', async () => {
    const source = await refreshed();
    const gawk = first(source, 'gawk');
    archive.files.set(`debian/${gawk.path}`, Buffer.alloc(gawk.size));
    await expect(source.fetch(gawk)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(cache.sizeOf(gawk.digest)).toBeUndefined();
    expect(leftovers()).toEqual([]);
    archive.files.set(`debian/${gawk.path}`, archive.snapshots.get(`debian/${gawk.path}`)!);
    expect(await source.fetch(gawk)).toBe(cache.pathOf(gawk.digest));
  });

  it('says so when nobody has the package', async () => {
    const source = await refreshed();
    const gawk = first(source, 'gawk');
    for (const files of [archive.files, archive.snapshots]) files.delete(`debian/${gawk.path}`);
    await expect(source.fetch(gawk)).rejects.toMatchObject({ code: 'NETWORK_STATUS', status: 404 });
  });

  it('refuses a path that leaves the archive', async () => {
    const gawk = first(await refreshed(), 'gawk');
    await expect(open().fetch({ ...gawk, path: '../../../etc/passwd' })).rejects.toMatchObject({
      code: 'ARCHIVE_UNSAFE',
    });
  });
});

function asked(): number {
  return archive.server.requests.length;
}
