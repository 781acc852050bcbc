import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPith } from '../../testing/cli.ts';
import { expectFailure, expectHarmless, expectHealed, type Failure } from '../../testing/failure.ts';
import { createSandbox, DEFINITION, type Sandbox } from '../../testing/sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  expect(await sandbox.build()).toMatchObject({ code: 0 });
});
afterAll(() => sandbox.close());

it('the sandbox works, and nothing leaves it', async () => {
  await expectHealed(sandbox);
  expect(sandbox.wall.requests).toEqual([]);
});

describe('an unknown name', () => {
  it.each<[string, string[], Failure]>([
    [
      'of an image',
      ['build', 'statik-debian13'],
      { code: 'UNKNOWN_IMAGE', message: /no image "statik-debian13"/, hint: /static-debian13/ },
    ],
    [
      'of an image to show',
      ['show', 'base-debian31'],
      { code: 'UNKNOWN_IMAGE', message: /no image "base-debian31"/, hint: /base-debian1[23]/ },
    ],
    [
      'of an abstract definition',
      ['build', 'debian13'],
      { code: 'UNKNOWN_IMAGE', message: /debian13 is no image/, hint: /pith ls/ },
    ],
    [
      'of a definition file',
      ['build', './none.yaml'],
      { code: 'UNKNOWN_IMAGE', message: /none\.yaml/, hint: /path of a definition/ },
    ],
    [
      'of an image of a registry',
      ['run', 'r.example:5000/team/app:1'],
      {
        code: 'UNKNOWN_IMAGE',
        message: /r\.example:5000\/team\/app/,
        hint: /written as docker:\/\/r\.example:5000\/team\/app/,
      },
    ],
    [
      'of a tag',
      ['build', 'static-debian13:nonrot'],
      { code: 'UNKNOWN_VARIANT', message: /no variant "nonrot"/, hint: /nonroot/ },
    ],
    [
      'of a platform',
      ['build', 'static-debian13', '--platform', 'linux/sparc'],
      { code: 'UNKNOWN_PLATFORM', message: /linux\/sparc/, hint: /linux\/amd64/ },
    ],
    [
      'that is no platform',
      ['build', 'static-debian13', '--platform', '../etc'],
      { code: 'UNKNOWN_PLATFORM', message: /\.\.\/etc/, hint: /linux\/amd64/ },
    ],
    [
      'of a kind of location',
      ['build', 'static-debian13', '-o', 'ocy:images'],
      { code: 'BAD_LOCATION', message: /ocy/, hint: /oci:/ },
    ],
    [
      'of an archive',
      ['build', 'static-debian13', '--mirror', 'debain=http://127.0.0.1:1'],
      { code: 'USAGE', message: /debain/, hint: /debian/ },
    ],
    [
      'of a file of keys',
      ['build', 'static-debian13', '--keyring', 'none.asc'],
      { code: 'KEYRING_INVALID', message: /none\.asc/, hint: /./ },
    ],
  ])('%s', (_what, args, failure) =>
    expectHarmless(sandbox, () => sandbox.run([...args, '--cache-dir', sandbox.cacheDir]), failure),
  );

  it.each<[string, string[], RegExp]>([
    ['of a command', ['bild'], /bild/],
    ['of an option', ['build', '--platfrom', 'linux/amd64'], /--platfrom/],
    ['of a compression', ['build', 'static-debian13', '--compression', 'lz4'], /lz4/],
    ['and a number that is none', ['build', 'static-debian13', '--max-layers', 'many'], /many/],
  ])('%s', async (_what, args, message) => {
    expectFailure(await sandbox.run(args), { code: 'USAGE', message, hint: /help|Did you mean|Allowed/ });
  });

  it('is told as JSON where scripts read along', async () => {
    for (const [args, code] of [
      [['build', 'statik-debian13', '--json'], 'UNKNOWN_IMAGE'],
      [['build', '--json', '--platfrom'], 'USAGE'],
    ] as const) {
      const { code: exit, stdout, stderr } = await sandbox.run(args);
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
      expect(JSON.parse(stderr)).toMatchObject({ error: { code, hint: expect.any(String) as string } });
    }
  });
});

describe('a definition', () => {
  it.each<[string, string, Failure]>([
    [
      'with a misspelt key',
      DEFINITION.replace('packages', 'pakages'),
      { code: 'DEFINITION_INVALID', message: /wrong\.yaml:4:1.*`pakages`/, hint: /`packages`/ },
    ],
    [
      'with a misspelt key of a variant',
      `${DEFINITION}variants:\n  debug: {entrypont: [/bin/sh]}\n`,
      { code: 'DEFINITION_INVALID', message: /wrong\.yaml:6:11.*`entrypont`/, hint: /`entrypoint`/ },
    ],
    [
      'that is no YAML',
      'name: [app',
      { code: 'DEFINITION_INVALID', message: /wrong\.yaml:1:.*not YAML/, hint: /./ },
    ],
    [
      'that repeats a key',
      `${DEFINITION}name: other\n`,
      { code: 'DEFINITION_INVALID', message: /wrong\.yaml:5:1/, hint: /./ },
    ],
    [
      'whose aliases would fill the memory',
      `name: &a app\ncmd: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nentrypoint: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nlabels: {x: [*c,*c,*c,*c,*c,*c,*c,*c,*c]}\n`,
      { code: 'DEFINITION_INVALID', message: /wrong\.yaml/, hint: /./ },
    ],
    [
      'that extends itself',
      'name: wrong\nextends: ./wrong.yaml\n',
      { code: 'DEFINITION_CYCLE', message: /wrong\.yaml → wrong\.yaml/, hint: /extends/ },
    ],
    [
      'whose variants extend each other',
      `${DEFINITION}variants:\n  a: {extends: [b]}\n  b: {extends: [a]}\n`,
      { code: 'DEFINITION_CYCLE', message: /a → b → a/, hint: /extends/ },
    ],
    [
      'that extends nothing that exists',
      'name: wrong\nextends: base-debian31\n',
      {
        code: 'UNKNOWN_IMAGE',
        message: /base-debian31.*extended by .*wrong\.yaml/,
        hint: /base-debian1[23]/,
      },
    ],
    [
      'with a file that leaves the root',
      `${DEFINITION}files: [{to: /usr/../../etc/passwd, content: x}]\n`,
      {
        code: 'DEFINITION_INVALID',
        message: /wrong\.yaml:5:\d+: `files\.0\.to`.*without \.\./,
        hint: /definitions/,
      },
    ],
    [
      'with a link that leaves the root',
      `${DEFINITION}files: [{to: /etc/x, link: ../../../outside}]\n`,
      {
        code: 'DEFINITION_INVALID',
        message: /wrong\.yaml:5:\d+: `files\.0\.link`.*out of the root/,
        hint: /definitions/,
      },
    ],
    [
      'that moves a file out of the root',
      DEFINITION.replace('alpha', '{name: alpha, move: {usr/bin/alpha: ../../bin/alpha}}'),
      {
        code: 'DEFINITION_INVALID',
        message: /wrong\.yaml:4:\d+: `packages\.0\.move\.usr\/bin\/alpha`/,
        hint: /definitions/,
      },
    ],
    [
      'with a file below a file',
      `${DEFINITION}files: [{to: /etc/x, content: a}, {to: /etc/x/y, content: b}]\n`,
      { code: 'DEFINITION_INVALID', message: /\/?etc\/x/, hint: /./ },
    ],
    [
      'with a suite that leaves the archive',
      DEFINITION.replace('suite: trixie', 'suite: ../../trixie'),
      { code: 'DEFINITION_INVALID', message: /\.\.\/\.\.\/trixie/, hint: /[Ss]uites? / },
    ],
    [
      'that asks for a package that nobody has',
      DEFINITION.replace('beta', 'betta'),
      { code: 'PACKAGE_UNKNOWN', message: /betta/, hint: /beta/ },
    ],
    [
      'with a home folder that leaves the root',
      `${DEFINITION}users: [{name: me, uid: 1000, home: /home/../../me}]\n`,
      {
        code: 'DEFINITION_INVALID',
        message: /wrong\.yaml:5:\d+: `users\.0\.home`.*without \.\./,
        hint: /definitions/,
      },
    ],
  ])('%s', async (_what, text, failure) => {
    await sandbox.write('wrong.yaml', text);
    await expectHarmless(
      sandbox,
      () => sandbox.run(['build', './wrong.yaml', '--platform', 'linux/amd64', ...sandbox.flags()]),
      failure,
    );
  });

  it('in a circle of two', async () => {
    await sandbox.write('one.yaml', 'name: one\nextends: ./two.yaml\n');
    await sandbox.write('two.yaml', 'name: two\nextends: ./one.yaml\n');
    await expectHarmless(sandbox, () => sandbox.run(['build', './one.yaml', ...sandbox.flags()]), {
      code: 'DEFINITION_CYCLE',
      message: /one\.yaml → two\.yaml → one\.yaml/,
      hint: /extends/,
    });
  });

  it('that is a folder', async () => {
    await sandbox.write('folder.yaml/x', '');
    await expectHarmless(sandbox, () => sandbox.run(['build', './folder.yaml', ...sandbox.flags()]), {
      code: 'DEFINITION_INVALID',
      message: /folder\.yaml.*cannot be read/,
      hint: /path/,
    });
  });
});

it('after all that a build gives what it should', () => expectHealed(sandbox));

it.each([[[]], [['cache']]])('that no command is named in %j is said, behind the help', async (args) => {
  const result = await runPith(args, { env: process.env });
  expectFailure(result, { code: 'USAGE', message: /the command is missing/, hint: /pith help/ });
  expect(result.stderr).toMatch(/^Usage: pith .*command/);
});
