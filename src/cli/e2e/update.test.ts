import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UpdateReport } from '../../build/index.ts';
import { formatLockfile, type LockedImage, parseLockfile } from '../../resolve/index.ts';
import { type CliResult, PITH } from '../../testing/cli.ts';
import { makeDeb, type TestFile } from '../../testing/deb.ts';
import type { Publication, TestPackage } from '../../testing/debian-archive.ts';
import { expectHarmless, expectSound } from '../../testing/failure.ts';
import { createSandbox, noise, type Sandbox } from '../../testing/sandbox.ts';

const SUITES = [
  { archive: 'debian', suite: 'trixie', components: ['main'] },
  { archive: 'debian-security', suite: 'trixie-security', components: ['main'] },
];
const DEFINITION = `name: team/app
suites: [{archive: debian, suite: trixie}, {archive: debian-security, suite: trixie-security}]
platforms: [linux/amd64, linux/arm64]
packages: [app]
`;
const OTHER = `name: team/other
suites: [{archive: debian, suite: trixie}, {archive: debian-security, suite: trixie-security}]
platforms: [linux/amd64]
packages: [libssl]
`;

interface Wanted {
  readonly architecture?: string;
  readonly source?: string;
  readonly depends?: string;
  readonly suite?: string;
  readonly files?: readonly TestFile[];
}

function packageOf(name: string, version: string, wanted: Wanted = {}): TestPackage {
  const { architecture = 'all', source, depends, suite, files = [] } = wanted;
  const fields = {
    Package: name,
    Version: version,
    Architecture: architecture,
    ...(source === undefined ? {} : { Source: source }),
    ...(depends === undefined ? {} : { Depends: depends }),
  };
  const own = { path: `usr/lib/${name}`, content: version };
  const deb = makeDeb({ name, version, architecture, files: [own, ...files] });
  return { fields, deb, ...(suite === undefined ? {} : { suite }) };
}

function entry(version: string, text: string): string {
  return `src (${version}) trixie; urgency=medium\n\n${text}\n\n -- A <a@example.org>  Tue, 29 Sep 2026 22:10:28 +0200\n\n`;
}

function changelog(path: string, ...entries: string[]): TestFile {
  return { path: `usr/share/doc/${path}`, content: gzipSync(entries.join('')) };
}

/** For both architectures. */
function onBoth(make: (architecture: string) => TestPackage): TestPackage[] {
  return ['amd64', 'arm64'].map(make);
}

const SSL_OLD = entry('3.5-1', '  * First. CVE-2020-1111');
const SSL_NEW = entry('3.5-1+deb13u1', '  * CVE-2026-4321: a bug\n  * CVE-2026-1234: another one');
const OLD: readonly TestPackage[] = [
  packageOf('app', '1.0-1', { depends: 'libssl, libgone, libbuilt' }),
  packageOf('libgone', '1.0-1'),
  ...onBoth((architecture) =>
    packageOf('libssl', '3.5-1', { architecture, source: 'openssl', depends: 'openssl-data' }),
  ),
  packageOf('openssl-data', '3.5-1', { source: 'openssl' }),
  ...onBoth((architecture) => packageOf('libbuilt', '1-1', { architecture, source: 'built' })),
];
const NEW: readonly TestPackage[] = [
  packageOf('app', '2.0-1', {
    depends: 'libssl, libnew, libbuilt',
    files: [changelog('app/changelog.Debian.gz', entry('2.0-1', '  * Two.'), entry('1.5-1', '  * One.'))],
  }),
  packageOf('libnew', '1.0-1'),
  ...onBoth((architecture) =>
    packageOf('libssl', '3.5-1+deb13u1', {
      architecture,
      source: 'openssl',
      depends: 'openssl-data',
      suite: 'trixie-security',
      files: [{ path: 'usr/share/doc/libssl', type: 'symlink', linkName: 'openssl-data' }],
    }),
  ),
  packageOf('openssl-data', '3.5-1+deb13u1', {
    source: 'openssl',
    suite: 'trixie-security',
    files: [
      changelog('openssl-data/changelog.Debian.gz', SSL_NEW, SSL_OLD),
      { path: 'usr/share/openssl', content: noise(20_000) },
    ],
  }),
  ...onBoth((architecture) =>
    packageOf('libbuilt', '1-1+b1', {
      architecture,
      source: 'built (1-1)',
      files: [
        changelog(`libbuilt/changelog.Debian.${architecture}.gz`, entry('1-1+b1', '  * Rebuild.')),
        changelog('libbuilt/changelog.Debian.gz', entry('1-1', '  * First.')),
      ],
    }),
  ),
];
const publicationOf = (packages: readonly TestPackage[]): Publication => ({
  packages,
  suites: SUITES,
  architectures: ['amd64', 'arm64'],
});

let sandbox: Sandbox;
let locked: string;
beforeEach(async () => {
  sandbox = await createSandbox(publicationOf(OLD));
  await sandbox.write('pith.yaml', DEFINITION);
  await sandbox.write('images/other.yaml', OTHER);
  expect(await pith('lock', './pith.yaml', 'images/other.yaml')).toMatchObject({ code: 0 });
  locked = lockfile();
});
afterEach(() => sandbox.close());

const pith = (...args: string[]): Promise<CliResult> =>
  sandbox.run([...args, ...sandbox.flags(), ...(args[0] === 'cache' ? [] : ['--refresh'])]);
const lockfile = (): string => readFileSync(sandbox.path('pith.lock'), 'utf8');
const moveOn = (packages = NEW): Promise<void> => sandbox.archive.publish(publicationOf(packages));

async function reportOf(...args: string[]): Promise<UpdateReport & { lockfile: string }> {
  const { stdout, stderr } = await pith('update', '--json', '--dry-run', ...args);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as UpdateReport & { lockfile: string };
}

describe('own definitions in a lockfile', () => {
  it('are known by their paths, relative to it', async () => {
    const { images } = JSON.parse(locked) as { images: Record<string, { definition: string }> };
    expect(Object.entries(images).map(([name, { definition }]) => [name, definition])).toEqual([
      ['team/app', 'pith.yaml'],
      ['team/other', 'images/other.yaml'],
    ]);
    await sandbox.write('locks/empty', '');
    await pith('lock', 'images/other.yaml', '--lockfile', 'locks/pith.lock');
    expect(readFileSync(sandbox.path('locks/pith.lock'), 'utf8')).toContain('"../images/other.yaml"');
    expect(await pith('update', '--lockfile', 'locks/pith.lock')).toMatchObject({ code: 0 });
  });

  it('are locked and checked again without being named', async () => {
    expect(await pith('lock', '--check')).toMatchObject({ code: 0, stdout: /2 images/ });
    await moveOn();
    expect(await pith('lock', '--check')).toMatchObject({ code: 8 });
    expect(await pith('lock')).toMatchObject({ code: 0 });
    expect(lockfile()).toContain('libssl_3.5-1+deb13u1_arm64');
    expect(await pith('lock', '--check')).toMatchObject({ code: 0 });
  });

  it('win over pith.yaml, which is locked only where there is no lockfile', async () => {
    await pith('lock', 'images/other.yaml', '--lockfile', 'some.lock');
    await pith('lock', '--lockfile', 'some.lock');
    expect(readFileSync(sandbox.path('some.lock'), 'utf8')).not.toContain('team/app');
    await pith('lock', '--lockfile', 'new.lock');
    expect(readFileSync(sandbox.path('new.lock'), 'utf8')).toContain('team/app');
  });

  it('may be renamed', async () => {
    await sandbox.write('pith.yaml', DEFINITION.replace('team/app', 'team/renamed'));
    expect((await reportOf()).changes).toEqual([]);
    expect(await pith('update')).toMatchObject({
      code: 0,
      stdout: 'pith.lock: no package changes, but what is asked for: team/renamed\n',
    });
    expect(Object.keys((JSON.parse(lockfile()) as { images: object }).images)).toEqual([
      'team/other',
      'team/renamed',
    ]);
    expect(await pith('update', '--check')).toMatchObject({ code: 0 });
  });

  it.each([['lock'], ['update']])('that are gone are said by `pith %s`', async (command) => {
    rmSync(sandbox.path('images'), { recursive: true });
    await expectHarmless(sandbox, () => pith(command), {
      code: 'LOCKFILE_MISMATCH',
      message: /pith\.lock: holds the image team\/other, whose definition images\/other\.yaml is gone/,
      hint: /Put the file back, or remove the lockfile/,
    });
    expect(await pith(command, './pith.yaml')).toMatchObject({ code: 0 });
  });
});

describe('an update where the archive has moved on', () => {
  beforeEach(() => moveOn());

  it('says what comes, goes and changes, where, and what the changelogs say', async () => {
    const { changes, sources, cves, images, isCurrent, ...rest } = await reportOf();
    expect(isCurrent).toBe(false);
    expect(rest).toEqual({ lockfile: 'pith.lock' });
    expect(
      changes.map(({ kind, package: name, from, to, isSecurity, places }) => [
        kind,
        name,
        from?.version,
        to?.version,
        to?.suite,
        isSecurity,
        places.map(({ image, platform }) => `${image} ${platform}`),
      ]),
    ).toEqual([
      ['up', 'app', '1.0-1', '2.0-1', 'trixie', false, ['team/app linux/amd64', 'team/app linux/arm64']],
      ['up', 'libbuilt', '1-1', '1-1+b1', 'trixie', false, ['team/app linux/amd64', 'team/app linux/arm64']],
      [
        'out',
        'libgone',
        '1.0-1',
        undefined,
        undefined,
        false,
        ['team/app linux/amd64', 'team/app linux/arm64'],
      ],
      ['in', 'libnew', undefined, '1.0-1', 'trixie', false, ['team/app linux/amd64', 'team/app linux/arm64']],
      ...['libssl', 'openssl-data'].map((name) => [
        ...['up', name, '3.5-1', '3.5-1+deb13u1', 'trixie-security', true],
        ['team/app linux/amd64', 'team/app linux/arm64', 'team/other linux/amd64'],
      ]),
    ]);
    expect(changes.find(({ package: name }) => name === 'libnew')?.because).toBe(
      'app needs it (Depends: libnew)',
    );
    const sizes = changes.flatMap(({ places }) => places).flatMap(({ before, after }) => [before, after]);
    expect(sizes.every((size) => size === undefined || size > 0)).toBe(true);
    expect(
      sources.map(({ name, from, to, packages, entries, missing }) => [
        `${name} ${from} ${to} ${packages.join()}`,
        entries.map(({ version }) => version).join(),
        missing,
      ]),
    ).toEqual([
      ['app 1.0-1 2.0-1 app', '2.0-1,1.5-1', undefined],
      ['built 1-1 1-1+b1 libbuilt', '1-1+b1', undefined],
      ['openssl 3.5-1 3.5-1+deb13u1 libssl,openssl-data', '3.5-1+deb13u1', undefined],
    ]);
    expect(cves).toEqual(['CVE-2026-1234', 'CVE-2026-4321']);
    expect(images.map(({ name, isChanged, platforms }) => [name, isChanged, platforms.length])).toEqual([
      ['team/app', true, 2],
      ['team/other', true, 1],
    ]);
    const other = images[1]?.platforms[0];
    expect([other?.before.packages, other?.after.packages]).toEqual([2, 2]);
    expect((other?.after.bytes ?? 0) - (other?.before.bytes ?? 0)).toBeGreaterThan(20_000);
  });

  it('prints it, writes the lockfile, and is current then', async () => {
    const { code, stdout, stderr } = await pith('update');
    expect({ code, last: stderr.split('\n').at(-2) }).toEqual({ code: 0, last: 'pith: wrote pith.lock' });
    expect(stdout).toMatch(/^up {6}libssl +3\.5-1 +3\.5-1\+deb13u1 .*\+\d+ B +trixie-security +all images$/m);
    expect(stdout).toMatch(/^out {5}libgone +1\.0-1 +- +- +-\d+ B +trixie +team\/app$/m);
    expect(stdout).toContain(
      'openssl 3.5-1 → 3.5-1+deb13u1 (security): fixes CVE-2026-1234, CVE-2026-4321\n',
    );
    expect(stdout).not.toContain('another one');
    expect(
      stdout.endsWith('4 up, 1 in, 1 out (2 of 2 images); 2 from the security archive; fixes 2 CVEs\n'),
    ).toBe(true);
    expect(await pith('update', '--check')).toMatchObject({
      code: 0,
      stdout: 'pith.lock is current: 2 images\n',
    });
    expect(readdirSync(sandbox.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const built = await sandbox.build(['--locked', '--platform', 'linux/arm64', '-o', 'oci:built']);
    expect(built, built.stderr).toMatchObject({ code: 0 });
    await expectSound(sandbox);
  });

  it('gives the text of the entries where it is asked for, and Markdown', async () => {
    const text = await pith('update', '--dry-run', '--changelog');
    expect(text.stdout).toContain('\n    * CVE-2026-4321: a bug\n    * CVE-2026-1234: another one\n');
    expect(text.stdout).not.toContain('CVE-2020-1111');
    const markdown = await pith('update', '--dry-run', '--changelog', '--format', 'markdown');
    expect(markdown.stdout).toMatch(/^### `pith\.lock`: 4 up/);
    expect(markdown.stdout).toContain('<details><summary>changelog of openssl</summary>');
  });

  it.each([
    [['--dry-run'], 0],
    [['--check'], 8],
    [['--check', '--json'], 8],
    [['--check', '--dry-run', '--format', 'markdown'], 8],
  ])('with %j writes nothing and ends with %d', async (flags, code) => {
    const before = statSync(sandbox.path('pith.lock'));
    const result = await pith('update', ...flags);
    expect(result, result.stderr).toMatchObject({ code });
    expect(result.stdout).toContain('libssl');
    if (code === 8) expect(result.stderr).toContain('CHECK_FAILED');
    expect(lockfile()).toBe(locked);
    expect(statSync(sandbox.path('pith.lock'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it('fetches one package with a changelog a source, and nothing from elsewhere', async () => {
    const start = sandbox.archive.server.requests.length;
    await reportOf();
    const fetched = sandbox.archive.server.requests
      .slice(start)
      .map(({ path }) => /([^/]+)\.deb$/.exec(path)?.[1] ?? '')
      .filter((name) => name !== '');
    expect(fetched.filter((name) => name.startsWith('libbuilt'))).toHaveLength(1);
    expect(fetched.filter((name) => name.startsWith('app'))).toHaveLength(1);
    expect(fetched.filter((name) => name.startsWith('openssl-data'))).toHaveLength(1);
    expect(fetched.length).toBeLessThanOrEqual(4);
    expect(sandbox.wall.requests).toEqual([]);
    const again = sandbox.archive.server.requests.length;
    await reportOf('--offline');
    expect(sandbox.archive.server.requests).toHaveLength(again);
  });

  it.each(['team/other', './images/other.yaml'])('may be of one image: %s', async (name) => {
    const { images } = await reportOf(name);
    expect(images.map((image) => image.name)).toEqual(['team/other']);
    expect(await pith('update', name)).toMatchObject({ code: 0 });
    expect(lockfile()).toContain('libssl_3.5-1_arm64');
    expect(lockfile()).toContain('libssl_3.5-1+deb13u1_amd64');
  });

  it('keeps to the platforms that the lockfile has', async () => {
    await pith('lock', './pith.yaml', '--platform', 'linux/arm64', '--lockfile', 'arm.lock');
    await moveOn([...NEW, packageOf('libnew', '1.1-1')]);
    const { images } = await reportOf('--lockfile', 'arm.lock');
    expect(images[0]?.platforms.map(({ platform }) => platform)).toEqual(['linux/arm64']);
  });
});

describe('an update that cannot be', () => {
  it.each<[string, string[], Parameters<typeof expectHarmless>[2]]>([
    [
      'of a lockfile that is not there',
      ['--lockfile', 'none.lock'],
      { code: 'LOCKFILE_MISSING', message: /no lockfile none\.lock/, hint: /`pith lock`/ },
    ],
    [
      'of an image that it does not hold',
      ['static-debian13'],
      {
        code: 'LOCKFILE_MISMATCH',
        message: /does not hold the image static-debian13/,
        hint: /pith lock static-debian13/,
      },
    ],
    [
      'of an image that does not exist',
      ['statik-debian13'],
      { code: 'UNKNOWN_IMAGE', message: /statik/, hint: /Did you mean static-debian13/ },
    ],
    [
      'in another format',
      ['--format', 'html'],
      { code: 'USAGE', message: /html/, hint: /text, markdown|help/ },
    ],
  ])('%s', async (_what, args, failure) => {
    await expectHarmless(sandbox, () => pith('update', ...args), failure);
  });

  it('of a lockfile with an image that the catalogue does not have', async () => {
    const { images, ...rest } = await parseLockfile(locked, 'pith.lock');
    const app = JSON.parse(JSON.stringify({ ...images['team/app'], definition: undefined })) as LockedImage;
    await sandbox.write('pith.lock', formatLockfile({ ...rest, images: { ...images, app } }));
    await expectHarmless(sandbox, () => pith('update'), {
      code: 'LOCKFILE_MISMATCH',
      message: /holds the image app, which the catalogue does not have/,
      hint: /release of pith that wrote it/,
    });
  });

  it('because a package is not what the archive says', async () => {
    await moveOn();
    for (const files of [sandbox.archive.files, sandbox.archive.snapshots])
      for (const [path, bytes] of files)
        if (path.includes('/app_2.0-1')) files.set(path, Buffer.alloc(bytes.length, 'x'));
    await expectHarmless(sandbox, () => pith('update'), {
      code: 'DIGEST_MISMATCH',
      message: /app_2\.0-1/,
      hint: /./,
    });
  });
});

describe('a changelog', () => {
  const missingOf = async (): Promise<string | undefined> =>
    (await reportOf()).sources.find(({ name }) => name === 'app')?.missing;
  const withApp = (files: readonly TestFile[]): readonly TestPackage[] => [
    ...NEW.filter(({ fields }) => fields['Package'] !== 'app'),
    packageOf('app', '2.0-1', { depends: 'libssl, libnew, libbuilt', files }),
  ];

  it.each<[string, readonly TestFile[], string]>([
    ['that is absent', [], 'its packages hold none'],
    [
      'that is damaged',
      [{ path: 'usr/share/doc/app/changelog.Debian.gz', content: 'x' }],
      'damaged or cut short',
    ],
    [
      'that is nowhere',
      [{ path: 'usr/share/doc/app', type: 'symlink', linkName: 'other' }],
      'its packages hold none',
    ],
    [
      'that is in a package of another source',
      [{ path: 'usr/share/doc/app', type: 'symlink', linkName: 'openssl-data' }],
      'its packages hold none',
    ],
  ])('%s is said and does not hinder', async (_what, files, why) => {
    await moveOn(withApp(files));
    expect(await missingOf()).toContain(why);
    expect(await pith('update')).toMatchObject({ code: 0 });
  });

  it('that cannot be fetched is said and does not hinder', async () => {
    await moveOn();
    const undo = sandbox.archive.intercept(/app_2\.0-1/, (_request, response) =>
      response.writeHead(404).end(),
    );
    expect(await missingOf()).toContain('app_2.0-1_all.deb');
    undo();
    expect(await missingOf()).toBeUndefined();
  });

  it('is found in a package that only the archive has', async () => {
    const linked = { path: 'usr/share/doc/app', type: 'symlink', linkName: 'app-doc' } as const;
    const log = changelog('app-doc/changelog.gz', entry('2.0-1', '  * Found.'));
    await moveOn([...withApp([linked]), packageOf('app-doc', '2.0-1', { source: 'app', files: [log] })]);
    expect((await reportOf()).sources[0]?.entries[0]?.text).toBe('  * Found.');
  });

  it('comes from a sound package, though the one in the cache is damaged', async () => {
    await moveOn();
    await reportOf();
    const blobs = sandbox.path('cache/v1/blobs');
    for (const item of readdirSync(blobs, { recursive: true, withFileTypes: true })) {
      const path = `${item.parentPath}/${item.name}`;
      if (!item.isFile() || !readFileSync(path).subarray(0, 7).equals(Buffer.from('!<arch>'))) continue;
      writeFileSync(path, Buffer.alloc(statSync(path).size, 'x'));
    }
    expect((await reportOf()).cves).toEqual(['CVE-2026-1234', 'CVE-2026-4321']);
  });
});

describe('the lockfile', () => {
  it('does not change before the report has been read', async () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `  * Line ${at}.`).join('\n');
    const log = changelog('app/changelog.Debian.gz', entry('2.0-1', text));
    await moveOn([
      ...NEW.filter(({ fields }) => fields['Package'] !== 'app'),
      packageOf('app', '2.0-1', { depends: 'libssl, libnew, libbuilt', files: [log] }),
    ]);
    const args = [PITH, 'update', '--changelog', '--refresh', ...sandbox.flags()];
    const options = { cwd: sandbox.folder, env: sandbox.env } as const;
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
    const first = await new Promise<Buffer>((resolve) =>
      child.stdout.once('data', (piece: Buffer) => {
        child.stdout.pause();
        resolve(piece);
      }),
    );
    await sleep(500);
    expect(first.toString()).toContain('CHANGE');
    expect(lockfile()).toBe(locked);
    child.stdout.resume();
    await new Promise((resolve) => child.once('close', resolve));
    expect(lockfile()).toContain('libssl_3.5-1+deb13u1_amd64');
  });

  it('is the old or the new one whenever the program is killed', async () => {
    await moveOn();
    const start = Date.now();
    await pith('update');
    const whole = Date.now() - start;
    const updated = lockfile();
    const seen: string[] = [];
    for (let kill = 0; kill < 16; kill++) {
      await sandbox.write('pith.lock', locked);
      const args = [PITH, 'update', '--refresh', ...sandbox.flags()];
      const child = spawn(process.execPath, args, { cwd: sandbox.folder, env: sandbox.env, stdio: 'ignore' });
      const closed = new Promise((resolve) => child.once('close', resolve));
      await sleep((whole / 12) * kill);
      child.kill('SIGKILL');
      await closed;
      expect([locked, updated]).toContain(lockfile());
      seen.push(lockfile());
    }
    expect(seen).toContain(locked);
    expect(await pith('update')).toMatchObject({ code: 0 });
    expect(lockfile()).toBe(updated);
  });
});
