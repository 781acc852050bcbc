import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  expectFailure,
  expectHarmless,
  expectHealed,
  expectSound,
  type Failure,
} from '../../testing/failure.ts';
import { contentOf, createSandbox, GOOD, noise, packageOf, type Sandbox } from '../../testing/sandbox.ts';

const isRoot = process.getuid?.() === 0;

describe('an output', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox();
    expect(await sandbox.build()).toMatchObject({ code: 0 });
    await sandbox.write('file', 'mine');
    await sandbox.write('folder/mine', 'mine');
    await sandbox.write('newer/oci-layout', '{"imageLayoutVersion": "2.0.0"}');
    await sandbox.write('damaged/oci-layout', '{"imageLayoutVersion": "1.0.0"}');
    await sandbox.write('damaged/index.json', '{');
    symlinkSync('nowhere', sandbox.path('link'));
  });
  afterAll(() => sandbox.close());

  it.each<[string, string, RegExp]>([
    ['a file where a layout goes', 'oci:file', /file exists and is not a folder/],
    [
      'a folder of something else where a layout goes',
      'oci:folder',
      /folder exists and is not an OCI layout/,
    ],
    ['a layout of a newer version', 'oci:newer', /newer exists and is not an OCI layout of version 1/],
    ['a damaged layout', 'oci:damaged', /damaged exists and is .*damaged index\.json/],
    ['a link that leads nowhere', 'oci:link', /link exists and is a link that leads nowhere/],
    ['a file that is no archive', 'oci-archive:file', /file exists and is not an image archive/],
    ['a folder where an archive goes', 'docker-archive:folder', /folder exists and is not an image archive/],
    ['a layout where an archive goes', 'oci-archive:images', /images exists and is not an image archive/],
  ])('that is %s is left alone', (_what, location, message) =>
    expectHarmless(sandbox, () => sandbox.build(['-o', location]), {
      code: 'OUTPUT_EXISTS',
      message,
      hint: /another path/,
    }),
  );

  it.each<[string, string]>([
    ['below a file', 'oci:file/images'],
    ['in an archive below a file', 'oci-archive:file/images.tar'],
    ['where no folder can be', 'oci:/proc/pith/images'],
    ['in an archive where no file can be', 'docker-archive:/proc/images.tar'],
  ])('%s cannot be written', (_what, location) =>
    expectHarmless(sandbox, () => sandbox.build(['-o', location]), {
      code: 'OUTPUT_FAILED',
      message: new RegExp(location.split(':')[1] ?? ''),
      hint: /path/,
    }),
  );

  it('that cannot be written keeps the others from being written', async () => {
    for (const others of [
      ['-o', 'oci:other', '-o', 'oci-archive:file'],
      ['-o', 'oci-archive:other.tar', '-o', 'oci:folder'],
    ])
      await expectHarmless(sandbox, () => sandbox.build(others), {
        code: 'OUTPUT_EXISTS',
        message: /exists/,
        hint: /another path/,
      });
  });

  it.skipIf(isRoot)('in a folder of somebody else cannot be written', async () => {
    mkdirSync(sandbox.path('theirs'));
    chmodSync(sandbox.path('theirs'), 0o555);
    await expectHarmless(sandbox, () => sandbox.build(['-o', 'oci:theirs/images']), {
      code: 'OUTPUT_FAILED',
      message: /theirs\/images.*permission denied/,
      hint: /owner and mode/,
    });
  });
});

describe('an engine', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await createSandbox();
    expect(await sandbox.build()).toMatchObject({ code: 0 });
    mkdirSync(sandbox.path('bin'));
  });
  afterAll(() => sandbox.close());

  const engine = async (script: string): Promise<void> => {
    for (const name of ['podman', 'docker'])
      chmodSync(await sandbox.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  };

  it.each<[string, string, string]>([
    ['podman', 'containers-storage:app:1', 'oci-archive'],
    ['docker', 'docker-daemon:app:1', 'docker-archive'],
    ['ctr', 'containerd:app:1', 'oci-archive'],
  ])('%s that is missing is told, and nothing else is written', async (name, location, instead) => {
    const empty = { PATH: sandbox.path('empty') };
    const failure: Failure = {
      code: 'ENGINE_MISSING',
      message: new RegExp(`${name} is not installed`),
      hint: new RegExp(instead),
    };
    await expectHarmless(
      sandbox,
      () => sandbox.build(['./pith.yaml:latest', '-o', location], empty),
      failure,
    );
    await expectHarmless(sandbox, () => sandbox.build(['-o', 'oci:other', '-o', location], empty), failure);
  });

  it.each<[string, string, RegExp]>([
    [
      'that fails',
      'cat >/dev/null; echo "no space left in the storage" >&2; exit 125',
      /failed \(125\).*no space left/,
    ],
    [
      'that is not running',
      'echo "Cannot connect to the daemon" >&2; exit 1',
      /Cannot connect to the daemon/,
    ],
    ['that dies', 'kill -9 $$', /SIGKILL/],
  ])('%s is told with what it said', async (_what, script, message) => {
    await engine(script);
    for (const location of ['containers-storage:app:1', 'docker-daemon:app:1'])
      await expectHarmless(
        sandbox,
        () =>
          sandbox.build(['-o', location], { PATH: `${sandbox.path('bin')}:${process.env['PATH'] ?? ''}` }),
        { code: 'ENGINE_FAILED', message, hint: /info/ },
      );
  });
});

describe.skipIf(!isRoot || process.platform !== 'linux')('a full disk', () => {
  let sandbox: Sandbox;
  const large = {
    packages: [GOOD.packages[0]!, packageOf('beta', [{ path: 'usr/share/beta', content: noise(2_500_000) }])],
  };
  beforeEach(async () => {
    sandbox = await createSandbox(large);
    mkdirSync(sandbox.path('small'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'pith-test', sandbox.path('small')]);
  });
  afterEach(async () => {
    execFileSync('umount', [sandbox.path('small')]);
    await sandbox.close();
  });

  it('of the cache', async () => {
    const cache = sandbox.path('small/cache');
    const failed = await sandbox.build(['--cache-dir', cache]);
    expectFailure(failed, {
      code: 'DISK_FULL',
      message: /small\/cache.*the disk is full/,
      hint: /cache prune/,
    });
    expect(contentOf(sandbox.path('images')).size).toBe(0);
    expect(readdirSync(`${cache}/v1/tmp`)).toEqual([]);
    expect(await sandbox.run(['cache', 'verify', '--cache-dir', cache])).toMatchObject({ code: 0 });
    execFileSync('mount', ['-o', 'remount,size=30m', sandbox.path('small')]);
    await expectHealed(sandbox, ['--cache-dir', cache]);
  });

  it.each([
    ['a layout', 'oci:small/images'],
    ['an OCI archive', 'oci-archive:small/images.tar'],
    ['a Docker archive', 'docker-archive:small/images.tar'],
  ])('of %s', async (_what, location) => {
    await sandbox.write('small/filler', noise(1_000_000));
    const failed = await sandbox.build(['-o', location]);
    expectFailure(failed, {
      code: 'DISK_FULL',
      message: /small\/images.*the disk is full/,
      hint: /[Ff]ree some space/,
    });
    expect([...contentOf(sandbox.path('small')).keys()]).toEqual(['filler']);
    await expectSound(sandbox);
    execFileSync('mount', ['-o', 'remount,size=30m', sandbox.path('small')]);
    expect(await sandbox.build(['-o', location])).toMatchObject({ code: 0 });
  });

  it('of the lockfile', async () => {
    await expect(sandbox.write('small/filler', noise(4 << 20))).rejects.toThrow('ENOSPC');
    const args = [
      'lock',
      './pith.yaml',
      '--platform',
      'linux/amd64',
      '--lockfile',
      'small/pith.lock',
      ...sandbox.flags(),
    ];
    expectFailure(await sandbox.run(args), {
      code: 'DISK_FULL',
      message: /small\/pith\.lock/,
      hint: /[Ff]ree/,
    });
    expect(readdirSync(sandbox.path('small')).filter((name) => name.includes('lock'))).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('standard output', () => {
  const pith = `"${process.execPath}" "${fileURLToPath(new URL('../../../dist/pith.js', import.meta.url))}"`;
  const shell = (command: string): { status: number | null; stderr: string } =>
    spawnSync('bash', ['-c', command], { encoding: 'utf8' });

  it('on a full disk is told', () => {
    const { status, stderr } = shell(`${pith} ls --json > /dev/full`);
    expect(status).toBe(7);
    expect(stderr).toMatch(
      /^pith: error: cannot write the result: the disk is full \[DISK_FULL\]\npith: hint: .*\n$/,
    );
  });

  it('whose reader has seen enough is no failure', () => {
    const { status, stderr } = shell(
      `set -o pipefail; ${pith} ls --json | true; ${pith} ls --json 2>&1 | head -c 1`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
