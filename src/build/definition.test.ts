import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '../core/index.ts';
import { failureOf, rejectionOf } from '../testing/thrown.ts';
import { Catalogue } from './catalogue.ts';
import { definitionJsonSchema } from './definition.ts';
import { parseDefinition } from './definition-file.ts';
import { DEFINITION_FORMAT } from './read-definition.ts';
import { parseTarget, platformsOf, variantsOf } from './plan.ts';

const CATALOGUE = fileURLToPath(new URL('../../catalogue', import.meta.url));

describe('a definition with a fault says where and what', () => {
  it.each<[string, string, string]>([
    [
      'a misspelt key',
      'name: a\nentrypiont: [x]\n',
      'pith.yaml:2:1: there is no key `entrypiont`; did you mean `entrypoint`?',
    ],
    [
      'a misspelt key of a package',
      'name: a\npackages:\n  - name: libc6\n    contnets: {}\n',
      'pith.yaml:4:5: `packages.0` has no key `contnets`; did you mean `contents`?',
    ],
    [
      'a misspelt key of a variant',
      'name: a\nvariants:\n  debug: {pakages: []}\n',
      '`variants.debug` has no key `pakages`; did you mean `packages`?',
    ],
    ['an unknown key', 'name: a\nzzzzzzzz: 1\n', 'pith.yaml:2:1: there is no key `zzzzzzzz`'],
    ['no name', 'packages: []\n', 'the key `name` is missing'],
    ['a wrong type', 'name: a\npackages: libc6\n', 'pith.yaml:2:1: `packages` must be a list'],
    ['a wrong name', 'name: Not A Name\n', 'pith.yaml:1:1: `name` must be an image name'],
    [
      'a variable that has no name',
      'name: a\nenv: {"A-B": x}\n',
      'pith.yaml:2:7: `env.A-B` must be a variable name',
    ],
    ['a variant that is no tag', 'name: a\nvariants: {Foo: {}}\n', '`variants.Foo` must be a tag'],
    ['a bound that Debian does not have', 'name: a\npackages: ["libc6<2.40"]\n', '(<< <= = >= >>)'],
    ...['99999999999', '1:99999999999', 'a:b:c', ':0', 'a:'].map((user): [string, string, string] => [
      `the user ${user}`,
      `name: a\nuser: "${user}"\n`,
      'pith.yaml:2:1: `user` must be a user by name or number up to 2147483647',
    ]),
    ...['FOO', '0', '65', 'SIGRTMIN+'].map((signal): [string, string, string] => [
      `the signal ${signal}`,
      `name: a\nstopSignal: "${signal}"\n`,
      '`stopSignal` must be a signal such as SIGTERM',
    ]),
    ['a port out of range', 'name: a\nports: ["http"]\n', '`ports.0` must be a port'],
    [
      'a mode without quotes',
      'name: a\nfiles: [{to: /x, content: "", mode: 0644}]\n',
      '`files.0.mode` must be text (put it in quotes)',
    ],
    ['a relative path', 'name: a\nfiles: [{to: x, content: ""}]\n', '`files.0.to` must be an absolute path'],
    ...(
      [
        ['{to: /x}', '`files.0` needs exactly one of from, content, link and folder'],
        ['{to: /x, content: "", link: y}', '`files.0` needs exactly one of from, content, link and folder'],
        ['{to: /x, from: a, folder: true}', '`files.0` needs exactly one of from, content, link and folder'],
        ['{from: a}', '`files.0` needs `to`, the path in the image'],
        ['{content: x, certificate: true}', '`files.0` needs `to`, the path in the image'],
        ['{to: /etc/, content: x}', '`files.0.to` needs the name of the file at its end'],
        ['{to: /x/, link: y}', '`files.0.to` needs the name of the file at its end'],
        ['{to: /x, link: y, certificate: true}', '`files.0.certificate` goes with from or content alone'],
        ['{to: /x, content: y, ignore: [z]}', '`files.0.ignore` goes with from alone'],
        ['{to: /x, content: y, time: source}', '`files.0.time` can be `source` with from alone'],
        ['{to: /x, link: ../y}', '`files.0.link` leads out of the root'],
        ['{to: /x, from: ""}', '`files.0.from` is too small or empty'],
        [
          '{to: /x, from: a, time: "2026"}',
          '`files.0.time` must be a time such as 2026-01-31T12:00:00Z, or source',
        ],
        ['{to: /x, from: a, time: "2026-02-30"}', '`files.0.time` must be a time'],
        ['{to: /x, from: a, time: "1969-12-31"}', '`files.0.time` must be a time'],
        ['{to: /x, from: a, time: "2026-01-01T25:00:00Z"}', '`files.0.time` must be a time'],
        ['{to: /x, from: a, mode: "0888"}', '`files.0.mode` must be octal digits in quotes'],
        [
          '{to: /x, from: a, owner: Nobody}',
          '`files.0.owner` must be UID:GID in quotes or the name of a user',
        ],
      ] as const
    ).map(([file, message]): [string, string, string] => [
      `the file ${file}`,
      `name: a\nfiles:\n  - ${file}\n`,
      message,
    ]),
    ['broken YAML', 'name: [a\n', 'is not YAML'],
    ['a key twice', 'name: a\nname: b\n', 'is not YAML: Map keys must be unique'],
    ['no map', '- a\n', 'the definition must be a map of keys and values'],
    ['nothing', '', 'the definition must be a map of keys and values'],
    [
      'a bomb of aliases',
      `name: a\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map(
          (c, i) =>
            `${c}: &${c} [${Array(9)
              .fill(`*${'abcdefg'[i] ?? ''}`)
              .join(',')}]`,
        )
        .join('\n')}\n`,
      'alias',
    ],
  ])('%s', (_what, text, message) => {
    const failure = failureOf(() => parseDefinition(text, 'pith.yaml'));
    expect(failure.code).toBe('DEFINITION_INVALID');
    expect(failure.message).toContain(message);
    expect(failure.path).toBe('pith.yaml');
  });
});

it.each([
  ['user', ['0', '65532', '65532:0', 'nonroot', 'nonroot:nonroot', '2147483647']],
  ['stopSignal', ['SIGTERM', 'sigterm', 'INT', '9', '64', 'SIGRTMIN+3', 'RTMAX-1']],
])('a definition may have as %s any of %j', (key, values) => {
  for (const value of values)
    expect(parseDefinition(`name: a\n${key}: "${value}"\n`, 'pith.yaml')).toMatchObject({ [key]: value });
});

describe('the published schema', () => {
  it('is the one that definitions are validated by', () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL('../../schema/definition.schema.json', import.meta.url), 'utf8'),
    );
    expect(published).toEqual(definitionJsonSchema());
  });

  it('has a number, under which valid definitions are remembered: raise it with every change', () => {
    const digest = digestOf(canonicalJson(definitionJsonSchema())).slice(0, 19);
    expect([DEFINITION_FORMAT, digest]).toEqual([9, 'sha256:4de9e68d0803']);
  });
});

describe('a catalogue', () => {
  let folder: string;
  let catalogue: Catalogue;
  const define = (name: string, text: string): void => {
    writeFileSync(join(folder, 'catalogue', `${name}.yaml`), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pith-catalogue-'));
    mkdirSync(join(folder, 'catalogue'));
    catalogue = new Catalogue(join(folder, 'catalogue'), folder);
    define(
      'base',
      'name: base\nabstract: true\nsuites: [{archive: debian, suite: trixie}]\nplatforms: [linux/amd64, linux/arm64]\npackages: [base-files]\nenv: {PATH: /bin, A: "1"}\nuser: "0"\nvariants: {nonroot: {user: "65532"}, debug: {packages: [busybox-static], env: {PATH: "${PATH}:/busybox"}}, both: {extends: [debug, nonroot]}}\n',
    );
    define('one', 'name: one\nextends: base\npackages: [tzdata]\nenv: {A: "${A}2"}\n');
    define('two', 'name: two\nextends: one\npackages: [libc6, busybox-static/sid]\n');
  });

  it('takes up what is abstract, and gives every other definition a level of its own', async () => {
    const image = await catalogue.image('two');
    expect(image.levels.map((level) => [level.name, level.packages.map(({ request }) => request)])).toEqual([
      ['one', ['base-files', 'tzdata']],
      ['two', ['libc6', 'busybox-static/sid']],
    ]);
  });

  it('expands what is inherited, and lets variants add levels and change the configuration', async () => {
    const image = await catalogue.image('two');
    expect(image.config).toMatchObject({ env: { PATH: '/bin', A: '12' }, user: '0' });
    const { both } = image.variants;
    expect(both?.levels.map(({ name }) => name)).toEqual(['two:both']);
    expect(both?.config).toMatchObject({ env: { PATH: '/bin:/busybox' }, user: '65532' });
  });

  it('lists its images in the order of their names', async () => {
    expect((await catalogue.images()).map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('knows definitions by path too, and these extend by name or path', async () => {
    writeFileSync(
      join(folder, 'pith.yaml'),
      'name: registry.example/team/app\nextends: ./lib.yaml\npackages: [libpq5]\n',
    );
    writeFileSync(join(folder, 'lib.yaml'), 'name: lib\nextends: one\n');
    expect((await catalogue.image('./pith.yaml')).levels.map(({ name }) => name)).toEqual([
      'one',
      'lib',
      'registry.example/team/app',
    ]);
  });

  it('names the images whose names go on where an unknown one ends', async () => {
    for (const name of ['two-debian12', 'two-debian13']) define(name, `name: ${name}\n`);
    const hintFor = async (name: string): Promise<string | undefined> =>
      (await rejectionOf(catalogue.image(name))).hint;
    expect(await hintFor('tow')).toBe('Did you mean two?');
    expect(await hintFor('two-debian14')).toBe('Did you mean two-debian12?');
    define('nodejs24-debian13', 'name: nodejs24-debian13\n');
    expect(await hintFor('nodejs24')).toBe('Did you mean nodejs24-debian13?');
    define('nodejs24-debian14', 'name: nodejs24-debian14\n');
    expect(await hintFor('nodejs24')).toBe('Did you mean nodejs24-debian13 or nodejs24-debian14?');
  });

  it('says where a definition is that is not one of its own', async () => {
    writeFileSync(join(folder, 'pith.yaml'), 'name: app\nextends: one\n');
    expect((await catalogue.image('./pith.yaml')).file).toBe(join(folder, 'pith.yaml'));
    expect((await catalogue.image('one')).file).toBeUndefined();
    expect((await catalogue.image(join(folder, 'catalogue/one.yaml'))).file).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['what it extends', 'name: two\nextends: two\n', 'the name two is that of what it extends'],
    ['what that extends', 'name: one\nextends: two\n', 'the name one is that of what it extends'],
    ['an abstract definition', 'name: base\nextends: two\n', 'the name base is that of what it extends'],
    [
      'a variant',
      'name: app\nextends: ./port.yaml\nvariants: {"80": {}}\n',
      'the name app:80 is that of what it extends',
    ],
  ])('takes no definition with the name of %s', async (_what, text, message) => {
    writeFileSync(join(folder, 'port.yaml'), 'name: app:80\n');
    writeFileSync(join(folder, 'pith.yaml'), text);
    const failure = await rejectionOf(catalogue.image('./pith.yaml'));
    expect(failure).toMatchObject({ code: 'DEFINITION_INVALID', path: join(folder, 'pith.yaml') });
    expect(failure.message).toContain(message);
  });

  it.each<[string, string, string, string]>([
    [
      'a name of a user',
      'users: [{name: app, uid: 1}, {name: me, uid: 2}, {name: app, uid: 3}]',
      '`users.2` (app) has the name app, which `users.0` (app) has already',
      'Leave one of the two out, or give one another name.',
    ],
    [
      'a number of a user',
      'users: [{name: app, uid: 1}, {name: me, uid: 1}]',
      '`users.1` (me) has the uid 1, which `users.0` (app) has already',
      'Leave one of the two out, or give one another uid.',
    ],
    [
      'a name of a group',
      'groups: [{name: app, gid: 1}, {name: app, gid: 2}]',
      '`groups.1` (app) has the name app, which `groups.0` (app) has already',
      'Leave one of the two out, or give one another name.',
    ],
    [
      'a number of a group',
      'groups: [{name: app, gid: 1}, {name: me, gid: 1}]',
      '`groups.1` (me) has the gid 1, which `groups.0` (app) has already',
      'Leave one of the two out, or give one another gid.',
    ],
    [
      'a user of what it extends',
      'extends: accounts\nusers: [{name: root, uid: 7}]',
      '`users.0` (root) has the name root, which `users.1` of FOLDER/catalogue/accounts.yaml (root) has already',
      'Leave one of the two out, or give one another name.',
    ],
    [
      'a number of what it extends extends',
      'extends: more\nusers: [{name: toor, uid: 0}]',
      '`users.0` (toor) has the uid 0, which `users.1` of FOLDER/catalogue/accounts.yaml (root) has already',
      'Leave one of the two out, or give one another uid.',
    ],
  ])('takes %s only once', async (_what, lines, message, hint) => {
    define('accounts', 'name: accounts\nusers: [{name: nobody, uid: 9}, {name: root, uid: 0}]\n');
    define('more', 'name: more\nextends: accounts\nusers: [{name: more, uid: 8, gid: 9}]\n');
    const path = join(folder, 'pith.yaml');
    writeFileSync(path, `name: app\n${lines}\n`);
    expect(await rejectionOf(catalogue.image('./pith.yaml'))).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: `${path}: ${message.replace('FOLDER', folder)}`,
      path,
      hint,
    });
  });

  it('lets a user and a group have one name and one number', async () => {
    define('app', 'name: app\nusers: [{name: app, uid: 1}]\ngroups: [{name: app, gid: 1}]\n');
    expect((await catalogue.image('app')).levels).toMatchObject([
      { users: [{ gid: 1 }], groups: [{ gid: 1 }] },
    ]);
  });

  it.each<[string, string, string, string]>([
    ['an unknown name', 'tow', 'UNKNOWN_IMAGE', 'Did you mean two?'],
    ['an abstract definition', 'base', 'UNKNOWN_IMAGE', 'pith ls'],
    ['a path that is not there', './nope.yaml', 'UNKNOWN_IMAGE', 'path'],
    ['a name that leads out of the folder', '../base', 'UNKNOWN_IMAGE', 'path'],
  ])('%s is said', async (_what, name, code, hint) => {
    const failure = await rejectionOf(catalogue.image(name));
    expect(failure.code).toBe(code);
    expect(failure.hint).toContain(hint);
  });

  it('says which definitions extend each other in a circle', async () => {
    define('a', 'name: a\nextends: b\n');
    define('b', 'name: b\nextends: c\n');
    define('c', 'name: c\nextends: a\n');
    const failure = await rejectionOf(catalogue.image('a'));
    expect(failure).toMatchObject({
      code: 'DEFINITION_CYCLE',
      message: expect.stringContaining('a.yaml → b.yaml → c.yaml → a.yaml') as string,
    });
  });

  it('says which variants extend each other in a circle, and which do not exist', async () => {
    define('a', 'name: a\nvariants: {x: {extends: [y]}, y: {extends: [x]}}\n');
    expect(await rejectionOf(catalogue.image('a'))).toMatchObject({ code: 'DEFINITION_CYCLE' });
    define('b', 'name: b\nvariants: {x: {extends: [latst]}}\n');
    expect(await rejectionOf(catalogue.image('b'))).toMatchObject({
      code: 'DEFINITION_INVALID',
      hint: 'Did you mean latest?',
    });
  });

  it('wants a file to be called as the image', async () => {
    define('wrong', 'name: right\n');
    expect((await rejectionOf(catalogue.image('wrong'))).message).toContain('names the image right');
  });

  it('says which variants and platforms there are', async () => {
    const image = await catalogue.image('one');
    expect(variantsOf(image, undefined)).toEqual(['latest', 'nonroot', 'debug', 'both']);
    expect(failureOf(() => variantsOf(image, 'debgu'))).toMatchObject({
      code: 'UNKNOWN_VARIANT',
      hint: 'Did you mean debug? The variants are latest, nonroot, debug, both.',
    });
    expect(failureOf(() => platformsOf(image, ['linux/s390x']))).toMatchObject({
      code: 'UNKNOWN_PLATFORM',
      hint: 'Its platforms are linux/amd64, linux/arm64.',
    });
    expect(failureOf(() => platformsOf({ ...image, platforms: [] }, ['linux/amd64']))).toMatchObject({
      code: 'DEFINITION_INVALID',
      message: 'one names no platforms',
    });
    expect(failureOf(() => platformsOf({ ...image, platforms: ['linux/mips'] }, ['all']))).toMatchObject({
      code: 'UNKNOWN_PLATFORM',
      message: 'one: in `platforms`, "linux/mips" is not a platform',
    });
    expect(platformsOf(image, ['all']).map(({ architecture }) => architecture)).toEqual(['amd64', 'arm64']);
  });
});

describe('targets', () => {
  it.each([
    ['static-debian13', { name: 'static-debian13' }],
    ['static-debian13:nonroot', { name: 'static-debian13', variant: 'nonroot' }],
    ['./my.yaml:debug', { name: './my.yaml', variant: 'debug' }],
    ['C:/x/y.yaml', { name: 'C:/x/y.yaml' }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });
});

/** The family as Google publishes it: names, platforms, packages. */
describe('the catalogue of pith', () => {
  const common = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x', 'linux/ppc64le'];
  const static12 = ['base-files', 'netbase', 'tzdata', 'media-types', 'ca-certificates'];
  const static13 = ['base-files', 'netbase', 'tzdata', 'tzdata-legacy', 'media-types', 'ca-certificates'];
  const cc13 = [
    ...static13,
    'libc6',
    'libssl3t64',
    'libzstd1',
    'zlib1g',
    'libgomp1',
    'libstdc++6',
    'libgcc-s1',
    'gcc-14-base',
  ];
  it.each<[string, string[], string[]]>([
    ['static-debian12', common, static12],
    ['static-debian13', [...common, 'linux/riscv64'], static13],
    ['base-nossl-debian12', common, [...static12, 'libc6']],
    ['base-nossl-debian13', [...common, 'linux/riscv64'], [...static13, 'libc6']],
    ['base-debian12', common, [...static12, 'libc6', 'libssl3']],
    [
      'base-debian13',
      [...common, 'linux/riscv64'],
      [...static13, 'libc6', 'libssl3t64', 'libzstd1', 'zlib1g'],
    ],
    [
      'cc-debian12',
      common,
      [...static12, 'libc6', 'libssl3', 'libgomp1', 'libstdc++6', 'libgcc-s1', 'gcc-12-base'],
    ],
    ['cc-debian13', [...common, 'linux/riscv64'], cc13],
    ['nodejs22-debian13', ['linux/amd64', 'linux/arm64'], [...cc13, 'npm:node-linux-{arch}@22']],
    ['nodejs24-debian13', ['linux/amd64', 'linux/arm64'], [...cc13, 'npm:node-linux-{arch}@24']],
    [
      'nodejs26-debian13',
      ['linux/amd64', 'linux/arm64'],
      [...cc13, 'libatomic1', 'npm:node-linux-{arch}@26'],
    ],
  ])('%s', async (name, platforms, packages) => {
    const image = await new Catalogue(CATALOGUE, '/').image(name);
    expect([...image.platforms]).toEqual(platforms);
    expect(image.levels.flatMap((level) => level.packages.map((wanted) => wanted.request))).toEqual(packages);
    expect(Object.keys(image.variants)).toEqual(['latest', 'nonroot', 'debug', 'debug-nonroot']);
    expect(image.variants['latest']?.config).toMatchObject({ user: '0', workdir: '/' });
    expect(image.variants['nonroot']?.config).toMatchObject({ user: '65532', workdir: '/home/nonroot' });
    expect(image.variants['debug-nonroot']?.config).toMatchObject({
      user: '65532',
      entrypoint: ['/busybox/sh'],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox',
        SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
      },
    });
  });

  it.each<[string, string[], string[], object]>([
    ['python3-debian12', ['amd64', 'arm64'], ['/usr/bin/python3.11'], { LANG: 'C.UTF-8' }],
    ['python3-debian13', ['amd64', 'arm64', 'riscv64'], ['/usr/bin/python3.13'], { LANG: 'C.UTF-8' }],
    [
      'java17-debian12',
      ['amd64', 'arm64', 's390x', 'ppc64le'],
      ['/usr/bin/java', '-jar'],
      { LANG: 'C.UTF-8' },
    ],
    ...['java21-debian13', 'java25-debian13'].map((name): [string, string[], string[], object] => [
      name,
      ['amd64', 'arm64', 's390x', 'ppc64le', 'riscv64'],
      ['/usr/bin/java', '-jar'],
      { LANG: 'C.UTF-8' },
    ]),
    ['nodejs24-debian13', ['amd64', 'arm64'], ['/nodejs/bin/node'], {}],
  ])('%s starts its runtime', async (name, platforms, entrypoint, env) => {
    const image = await new Catalogue(CATALOGUE, '/').image(name);
    expect([...image.platforms]).toEqual(platforms.map((one) => `linux/${one}`));
    expect(image.config).toMatchObject({ entrypoint, env });
    expect(image.variants['debug']?.config.entrypoint).toEqual(['/busybox/sh']);
  });
});
