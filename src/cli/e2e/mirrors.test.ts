import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectHarmless } from '../../testing/failure.ts';
import { createSandbox, DEFINITION, digestIn, GOOD, packageOf, type Sandbox } from '../../testing/sandbox.ts';
import { serve } from '../../testing/server.ts';

const NEWER = { packages: [GOOD.packages[0]!, packageOf('beta', undefined, '1.1')] };

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.close());

const cold = (name: string): string[] => ['--json', '--cache-dir', sandbox.path(name)];

describe('a mirror', () => {
  it('that an option names wins over the environment and the definition', async () => {
    const unused = await serve((_request, response) => response.writeHead(500).end());
    await sandbox.write('pith.yaml', `${DEFINITION}mirrors: {debian: "${unused.url}/definition"}\n`);
    const built = await sandbox.build(['--json'], { PITH_MIRROR: `${unused.url}/environment` });
    expect(digestIn(built)).toMatch(/^sha256:/);
    expect(unused.requests).toEqual([]);
    await unused.close();
  });

  it('that the environment names wins over the definition', async () => {
    await sandbox.write('pith.yaml', `${DEFINITION}mirrors: {debian: "http://127.0.0.1:1/debian"}\n`);
    const args = [
      'build',
      './pith.yaml',
      '--platform',
      'linux/amd64',
      '-o',
      'oci:images',
      '--keyring',
      'keys.asc',
      ...cold('c'),
    ];
    const built = await sandbox.run(args, { PITH_MIRROR: sandbox.archive.mirrors['debian']! });
    expect(digestIn(built)).toMatch(/^sha256:/);
  });

  it('of a folder needs no network', async () => {
    for (const [path, bytes] of sandbox.archive.files) await sandbox.write(`mirror/${path}`, bytes);
    await sandbox.archive.close();
    const built = await sandbox.build([
      '--json',
      '--offline',
      '--mirror',
      `file://${sandbox.path('mirror/debian')}`,
    ]);
    expect(digestIn(built)).toMatch(/^sha256:/);
  });

  it('for security suites is asked for these only', async () => {
    const suites = [
      { archive: 'debian', suite: 'trixie', components: ['main'] },
      { archive: 'debian-security', suite: 'trixie-security', components: ['main'] },
    ];
    await sandbox.archive.publish({
      ...NEWER,
      suites,
      packages: [GOOD.packages[0]!, { ...NEWER.packages[1]!, suite: 'trixie-security' }],
    });
    const security = await serve((request, response) => {
      const bytes = sandbox.archive.files.get(
        (request.url ?? '').slice(1).replace(/^s\//, 'debian-security/'),
      );
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await sandbox.write(
      'pith.yaml',
      DEFINITION.replace(
        'suite: trixie}',
        'suite: trixie}, {archive: debian-security, suite: trixie-security}',
      ),
    );
    const built = await sandbox.build(['--mirror', `debian-security=${security.url}/s`]);
    expect(built, built.stderr).toMatchObject({ code: 0 });
    expect(security.requests.map(({ path }) => path).some((path) => path.includes('beta_1.1'))).toBe(true);
    expect(security.requests.every(({ path }) => path.startsWith('/s/'))).toBe(true);
    await security.close();
  });
});

describe('a locked package that the mirror has dropped', () => {
  it('is taken from the dated archive', async () => {
    const lock = await sandbox.run(['lock', './pith.yaml', '--platform', 'linux/amd64', ...sandbox.flags()]);
    expect(lock).toMatchObject({ code: 0 });
    const before = digestIn(await sandbox.build(['--locked', ...cold('one')]));
    await sandbox.archive.publish(NEWER);
    expect(sandbox.archive.files.has('debian/pool/main/b/beta/beta_1.0_amd64.deb')).toBe(false);
    const after = digestIn(await sandbox.build(['--locked', ...cold('two')]));
    expect(after).toBe(before);
    const dated = sandbox.archive.server.requests.filter(({ path }) =>
      /^\/snapshot\/archive\/debian\/\d{8}T\d{6}Z\/pool\/.*beta_1\.0/.test(path),
    );
    expect(dated).toHaveLength(1);
    expect(digestIn(await sandbox.build(cold('three')))).not.toBe(before);
  });

  it('is an error with the addresses where nobody has it', async () => {
    await sandbox.run(['lock', './pith.yaml', '--platform', 'linux/amd64', ...sandbox.flags()]);
    await sandbox.archive.publish(NEWER);
    sandbox.archive.snapshots.clear();
    await expectHarmless(sandbox, () => sandbox.build(['--locked']), {
      code: 'NETWORK_STATUS',
      message: /not available at any of \d+ addresses.*beta_1\.0_amd64\.deb answered 404/,
      hint: /mirror/,
    });
  });

  it('and comes changed from the dated archive is refused', async () => {
    await sandbox.run(['lock', './pith.yaml', '--platform', 'linux/amd64', ...sandbox.flags()]);
    await sandbox.archive.publish(NEWER);
    const path = 'debian/pool/main/b/beta/beta_1.0_amd64.deb';
    sandbox.archive.snapshots.set(path, Buffer.alloc(sandbox.archive.snapshots.get(path)!.length));
    await expectHarmless(sandbox, () => sandbox.build(['--locked']), {
      code: 'DIGEST_MISMATCH',
      message: /beta_1\.0_amd64\.deb/,
      hint: /mirror/,
    });
  });
});

describe('--offline', () => {
  it('builds from a warm cache, however old, and asks nobody', async () => {
    const before = digestIn(await sandbox.build(['--json']));
    rmSync(sandbox.path('images'), { recursive: true });
    const asked = sandbox.archive.server.requests.length;
    expect(digestIn(await sandbox.build(['--json', '--offline', '--refresh']))).toBe(before);
    expect(sandbox.archive.server.requests).toHaveLength(asked);
  });

  it('says what is missing in a cold one', () =>
    expectHarmless(sandbox, () => sandbox.build(['--offline']), {
      code: 'OFFLINE',
      message: /InRelease.*--offline/,
      hint: /without --offline/,
    }));

  it('says which package is missing', async () => {
    expect(
      await sandbox.run(['lock', './pith.yaml', '--platform', 'linux/amd64', ...sandbox.flags()]),
    ).toMatchObject({ code: 0 });
    await expectHarmless(sandbox, () => sandbox.build(['--offline', '--locked']), {
      code: 'OFFLINE',
      message: /(alpha|beta)_1\.0_amd64\.deb/,
      hint: /without --offline/,
    });
  });
});
