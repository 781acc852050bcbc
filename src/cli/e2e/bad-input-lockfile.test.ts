import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectHarmless, expectHealed, type Failure } from '../../testing/failure.ts';
import { createSandbox, DEFINITION, type Sandbox } from '../../testing/sandbox.ts';

let sandbox: Sandbox;
let good: string;
beforeAll(async () => {
  sandbox = await createSandbox();
  const locked = await sandbox.run(['lock', './pith.yaml', '--platform', 'linux/amd64', ...sandbox.flags()]);
  expect(locked).toMatchObject({ code: 0 });
  good = readFileSync(sandbox.path('pith.lock'), 'utf8');
  expect(await sandbox.build(['--locked'])).toMatchObject({ code: 0 });
});
afterAll(() => sandbox.close());

describe('a lockfile', () => {
  it.each<[string, (text: string) => string, Failure]>([
    [
      'that was edited by hand',
      (text) => text.replaceAll('"1.0"', '"1.1"'),
      { code: 'LOCKFILE_EDITED', message: /wrong\.lock.*changed by hand/, hint: /pith lock/ },
    ],
    [
      'whose digests were exchanged',
      (text) => text.replace(/("digest":"sha256:)[0-9a-f]{8}/, '$100000000'),
      { code: 'LOCKFILE_EDITED', message: /wrong\.lock/, hint: /pith lock/ },
    ],
    [
      'of a newer format',
      (text) => text.replace('"lockfileVersion": 2', '"lockfileVersion": 99'),
      { code: 'LOCKFILE_NEWER', message: /format 99.*reads 2/, hint: /release of pith/ },
    ],
    [
      'with conflict marks of git',
      (text) => `<<<<<<< HEAD\n${text}`,
      { code: 'LOCKFILE_INVALID', message: /not JSON/, hint: /pith lock/ },
    ],
    [
      'that is cut short',
      (text) => text.slice(0, text.length / 2),
      { code: 'LOCKFILE_INVALID', message: /not JSON/, hint: /pith lock/ },
    ],
    ['that is empty', () => '', { code: 'LOCKFILE_INVALID', message: /not JSON/, hint: /pith lock/ }],
    [
      'whose paths leave the archive',
      (text) => text.replaceAll('"pool/', '"../../pool/'),
      { code: 'LOCKFILE_INVALID', message: /path.*below the archive/, hint: /pith lock/ },
    ],
    [
      'with a huge size',
      (text) => text.replace(/"size":\d+/, '"size":1e300'),
      { code: 'LOCKFILE_INVALID', message: /size/, hint: /pith lock/ },
    ],
    ['that is a list', () => '[]', { code: 'LOCKFILE_INVALID', message: /wrong\.lock/, hint: /pith lock/ }],
  ])('%s', async (_what, edit, failure) => {
    expect(edit(good)).not.toBe(good);
    await sandbox.write('wrong.lock', edit(good));
    await expectHarmless(sandbox, () => sandbox.build(['--locked', '--lockfile', 'wrong.lock']), failure);
  });

  it('of another definition', async () => {
    await sandbox.write('other.yaml', DEFINITION.replace('[alpha, beta]', '[beta]'));
    await expectHarmless(
      sandbox,
      () =>
        sandbox.run(['build', './other.yaml', '--platform', 'linux/amd64', '--locked', ...sandbox.flags()]),
      {
        code: 'LOCKFILE_MISMATCH',
        message: /another definition of app/,
        hint: /`pith lock \/.*\/other\.yaml`/,
      },
    );
  });

  it('without the image', async () => {
    await sandbox.write('other.yaml', DEFINITION.replace('name: app', 'name: other'));
    await expectHarmless(
      sandbox,
      () => sandbox.run(['build', './other.yaml', '--locked', ...sandbox.flags()]),
      {
        code: 'LOCKFILE_MISMATCH',
        message: /does not hold the image other/,
        hint: /`pith lock \/.*\/other\.yaml`/,
      },
    );
  });

  it('without the platform', () =>
    expectHarmless(sandbox, () => sandbox.build(['--locked', '--platform', 'linux/arm64']), {
      code: 'LOCKFILE_MISMATCH',
      message: /linux\/arm64/,
      hint: /pith lock/,
    }));

  it('that is not there', () =>
    expectHarmless(sandbox, () => sandbox.build(['--locked', '--lockfile', 'none.lock']), {
      code: 'LOCKFILE_MISSING',
      message: /none\.lock/,
      hint: /pith lock/,
    }));

  it('that is a folder', async () => {
    await sandbox.write('folder.lock/x', '');
    await expectHarmless(sandbox, () => sandbox.build(['--locked', '--lockfile', 'folder.lock']), {
      code: 'LOCKFILE_INVALID',
      message: /folder\.lock/,
      hint: /./,
    });
  });

  it('that cannot be written', async () => {
    await expectHarmless(
      sandbox,
      () =>
        sandbox.run([
          'lock',
          './pith.yaml',
          '--platform',
          'linux/amd64',
          '--lockfile',
          'none/pith.lock',
          ...sandbox.flags(),
        ]),
      { code: 'OUTPUT_FAILED', message: /none\/pith\.lock/, hint: /./ },
    );
  });
});

it('a good lockfile still builds the same', () => expectHealed(sandbox, ['--locked']));
