import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../oci/index.ts';
import { fakeRunner, faultsOf, runYaml, testedImage, testFile } from '../testing/structure-tests.ts';
import { runTests } from './run-tests.ts';
import type { TestedImage } from './tested-image.ts';

const ENV = ['PATH=/usr/bin:/bin', 'HOME_OF=/home/app', 'EMPTY=', 'ODD'];
const LAYERS = [
  {
    '.': { type: 'directory', mode: 0o755 },
    tmp: { type: 'directory', mode: 0o1777 },
    'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\n',
    'etc/secret': { content: 'x', mode: 0o600, uid: 1000, gid: 1001 },
    'usr/bin/app': { content: 'app', mode: 0o755 },
    'usr/bin/su': { content: 'su', mode: 0o4755 },
    'usr/bin/wall': { content: 'wall', mode: 0o2755 },
    'usr/bin/mine': { content: 'mine', mode: 0o700 },
    'usr/bin/ours': { content: 'ours', mode: 0o670 },
    'usr/bin/same': { type: 'hardlink', linkName: 'usr/bin/su' },
    bin: '-> usr/bin',
    'absolute/bin': '-> /usr/bin',
    'etc/alias': '-> /etc/passwd',
    'etc/loop': '-> loop',
    'etc/escape': '-> ../../../../etc/passwd',
    'etc/nothing': '-> ./none',
    'dev/null': { type: 'character', mode: 0o666, deviceMajor: 1, deviceMinor: 3 },
    'dev/disk': { type: 'block', mode: 0o660 },
    'run/pipe': { type: 'fifo', mode: 0o644 },
    'home/app/file': '',
    'etc/gone': 'here',
    'etc/odd\nname': 'x',
  },
  { 'etc/.wh.gone': '', 'etc/added': 'v2.10\nnext line\n' },
] as const;

async function image(config: RunConfig = {}): Promise<TestedImage> {
  return await testedImage(LAYERS, { Env: ENV, ...config });
}

const exists = (rest: string): string => `fileExistenceTests: [{name: t, ${rest}}]`;

describe('file existence', () => {
  it.each([
    ['/'],
    ['/etc/passwd'],
    ['etc/passwd'],
    ['/etc//passwd'],
    ['/etc/../etc/passwd'],
    ['/bin/../etc/passwd'],
    ['/usr/bin/'],
    ['/bin/app'],
    ['/absolute/bin/app'],
    ['/etc/escape'],
    ['/etc/nothing'],
    ['/etc/loop'],
    ['/etc/loop/'],
    ['/etc/added'],
    ['$HOME_OF/file'],
    ['${HOME_OF}/file'],
  ])('finds %s', async (path) => {
    expect(await faultsOf(exists(`path: '${path}'`), await image())).toEqual([]);
    expect(await faultsOf(exists(`path: '${path}', shouldExist: false`), await image())).toEqual([
      `File ${path} should not exist but does`,
    ]);
  });

  it.each([
    ['/none'],
    ['/etc/gone'],
    ['/etc/passwd/x'],
    ['/etc/nothing/x'],
    ['/etc/loop/x'],
    ['/etc/.wh.gone'],
    ['/$NONE/none'],
  ])('does not find %s', async (path) => {
    expect(await faultsOf(exists(`path: '${path}', shouldExist: false`), await image())).toEqual([]);
    expect(await faultsOf(exists(`path: '${path}'`), await image())).toEqual([
      `File ${path} should exist but does not`,
    ]);
  });

  it.each([
    ['/', 'drwxr-xr-x'],
    ['/tmp', 'dtrwxrwxrwx'],
    ['/usr', 'drwxr-xr-x'],
    ['/etc/passwd', '-rw-r--r--'],
    ['/usr/bin/su', 'urwxr-xr-x'],
    ['/usr/bin/same', 'urwxr-xr-x'],
    ['/usr/bin/wall', 'grwxr-xr-x'],
    ['/etc/alias', 'Lrwxrwxrwx'],
    ['/bin', 'Lrwxrwxrwx'],
    ['/dev/null', 'Dcrw-rw-rw-'],
    ['/dev/disk', 'Drw-rw----'],
    ['/run/pipe', 'prw-r--r--'],
  ])('sees the permissions of %s as %s', async (path, permissions) => {
    expect(await faultsOf(exists(`path: ${path}, permissions: ${permissions}`), await image())).toEqual([]);
    expect(await faultsOf(exists(`path: ${path}, permissions: '?'`), await image())).toEqual([
      `${path} has incorrect permissions. Expected: ?, Actual: ${permissions}`,
    ]);
  });

  it.each<[string, string, boolean]>([
    ['/usr/bin/app', 'any', true],
    ['/usr/bin/app', 'other', true],
    ['/usr/bin/mine', 'owner', true],
    ['/usr/bin/mine', 'any', true],
    ['/usr/bin/mine', 'group', false],
    ['/usr/bin/ours', 'group', true],
    ['/usr/bin/ours', 'owner', false],
    ['/usr/bin/ours', 'other', false],
    ['/etc/passwd', 'any', false],
  ])('asks whether %s is executable by %s', async (path, who, expected) => {
    const faults = await faultsOf(exists(`path: ${path}, isExecutableBy: ${who}`), await image());
    expect(faults.length === 0).toBe(expected);
  });

  it.each<[string, string, number]>([
    ['/etc/secret', 'uid: 1000, gid: 1001', 0],
    ['/etc/secret', 'uid: 0', 1],
    ['/etc/secret', 'uid: 0, gid: 0', 2],
    ['/etc/secret', 'uid: -1, gid: -1', 0],
    ['/etc/passwd', 'uid: 0, gid: 0', 0],
  ])('asks for the owners of %s: %s', async (path, owners, faults) => {
    expect(await faultsOf(exists(`path: ${path}, ${owners}`), await image())).toHaveLength(faults);
  });

  it('asks for nothing else of what must not be there', async () => {
    const yaml = exists("path: /none, shouldExist: false, permissions: 'x', uid: 5, isExecutableBy: any");
    expect(await faultsOf(yaml, await image())).toEqual([]);
  });

  it('takes variables of the whole file, which may use those of the image', async () => {
    const yaml = `globalEnvVars: [{key: HERE, value: '$HOME_OF/file'}]\n${exists("path: '$HERE'")}`;
    expect(await faultsOf(yaml, await image())).toEqual([]);
  });
});

describe('file contents', () => {
  const contents = (path: string, expected: readonly string[], excluded: readonly string[] = []): string =>
    `fileContentTests: [${JSON.stringify({ name: 't', path, expectedContents: expected, excludedContents: excluded })}]`;

  it.each<[string, string[], string[]]>([
    ['/etc/passwd', ['root:x:0', '^root', ':/sbin/nologin\\n$'], ['bash', '^nobody']],
    ['/etc/alias', ['root'], []],
    ['/etc/escape', ['root'], []],
    ['/etc/added', ['v2\\.\\d+', '(?m)^next', '(?s)v.*next'], ['^next', 'v.*next', 'gone']],
    ['/usr/bin/same', ['^su$'], []],
    ['/home/app/file', ['^$'], ['.']],
  ])('of %s are looked at', async (path, expected, excluded) => {
    expect(await faultsOf(contents(path, expected, excluded), await image())).toEqual([]);
    const inverse = await faultsOf(contents(path, excluded, expected), await image());
    expect(inverse).toHaveLength(expected.length + excluded.length);
  });

  it.each([
    ['/none', 'it is not there'],
    ['/etc', 'it is a folder'],
    ['/dev/null', 'it is no regular file'],
    ['/etc/loop', 'it is not there'],
    ['/etc/gone', 'it is not there'],
  ])('of %s cannot be read', async (path, why) => {
    expect(await faultsOf(contents(path, ['x']), await image())).toEqual([`Failed to open ${path}: ${why}`]);
    expect(await faultsOf(contents(path, [], ['x']), await image())).toHaveLength(1);
  });
});

describe('metadata', () => {
  const config: RunConfig = {
    User: '65532',
    WorkingDir: '/app',
    Entrypoint: ['/app/server', '--port', '80'],
    ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
    Volumes: { '/data': {} },
    Labels: { vendor: 'ACME Incorporated', build: '2026-01-31' },
  };

  it.each([
    ['envVars: [{key: HOME_OF, value: /home/app}, {key: EMPTY, value: ""}]'],
    ["envVars: [{key: PATH, value: '(^|:)/bin', isRegex: true}]"],
    ['unboundEnvVars: [{key: NONE}]'],
    ["labels: [{key: vendor, value: ACME Incorporated}, {key: build, value: '^\\d{4}', isRegex: true}]"],
    ['entrypoint: [/app/server, --port, 80]'],
    ['cmd: []'],
    ['exposedPorts: [8080, 53, 8080/tcp, 53/udp]'],
    ['unexposedPorts: [80, 8080/udp]'],
    ['volumes: [/data]'],
    ['unmountedVolumes: [/dat, /data/]'],
    ['workdir: /app'],
    ['user: 65532'],
  ])('passes: %s', async (line) => {
    const results = await runYaml(`metadataTest:\n  ${line}`, await image(config));
    expect(results).toEqual([{ name: 'Metadata Test', outcome: 'pass', errors: [], duration: 0 }]);
  });

  it.each([
    ['envVars: [{key: HOME_OF, value: /home}]'],
    ['envVars: [{key: NONE, value: ""}]'],
    ["envVars: [{key: HOME_OF, value: '/home/.*'}]"],
    ['unboundEnvVars: [{key: EMPTY}]'],
    ['labels: [{key: vendor, value: ACME}]'],
    ['labels: [{key: toString, value: x}]'],
    ['entrypoint: []'],
    ['entrypoint: [/app/server]'],
    ['cmd: [x]'],
    ['exposedPorts: [80]'],
    ['unexposedPorts: [8080]'],
    ['volumes: [/]'],
    ['unmountedVolumes: [/data]'],
    ['workdir: /'],
    ['user: root'],
  ])('fails: %s', async (line) => {
    const [result] = await runYaml(`metadataTest:\n  ${line}`, await image(config));
    expect(result).toMatchObject({ outcome: 'fail', errors: [expect.any(String)] });
  });

  it('tells an empty list from none', async () => {
    const empty = await testedImage(LAYERS, { Entrypoint: [], Cmd: [] });
    expect(await faultsOf('metadataTest: {entrypoint: [], cmd: []}', empty)).toEqual([]);
  });

  it.each([['{}'], [''], ['{envVars: [], workdir: "", user: }']])(
    'of nothing is no test: %s',
    async (value) => {
      expect(await runYaml(`metadataTest: ${value}`, await image())).toEqual([]);
    },
  );
});

describe('licences', () => {
  const doc = 'usr/share/doc';
  it.each<[string, Record<string, string>, number]>([
    ['good ones', { [`${doc}/a/copyright`]: 'License: GPL-2+', [`${doc}/b/copyright`]: 'MIT' }, 0],
    ['a refused one', { [`${doc}/a/copyright`]: 'License: AGPL-3' }, 1],
    ['a refused one in small letters', { [`${doc}/a/copyright`]: 'the wtfpl' }, 1],
    ['a package without a copyright file', { [`${doc}/a/README`]: '' }, 1],
    ['the exempt package', { [`${doc}/libgnutls30/copyright`]: 'AGPL' }, 0],
    ['a link to another package', { [`${doc}/a/copyright`]: 'MIT', [`${doc}/b`]: '-> none' }, 0],
    [
      'a copyright file that is a link',
      { [`${doc}/a/copyright`]: '-> ../b/copyright', [`${doc}/b/copyright`]: 'AGPL' },
      2,
    ],
    ['a file among the folders', { [`${doc}/README`]: 'AGPL', [`${doc}/a/copyright`]: 'MIT' }, 0],
    ['no documentation at all', { 'etc/x': '' }, 1],
  ])('of Debian: %s', async (_, files, faults) => {
    expect(await faultsOf('licenseTests: [{debian: true}]', await testedImage([files]))).toHaveLength(faults);
  });

  it('of files that are named', async () => {
    const tested = await testedImage([{ LICENSE: 'AGPL', COPYING: 'BSD' }]);
    expect(
      await faultsOf('licenseTests: [{debian: false, files: [/LICENSE, /COPYING, /none]}]', tested),
    ).toEqual([
      'Invalid license for /LICENSE, license contains AGPL',
      'Error reading license file /none: it is not there',
    ]);
  });
});

describe('commands', () => {
  const yaml = `
globalEnvVars: [{key: BASE, value: '/opt$HOME_OF'}, {key: PATH, value: '/venv:$PATH'}]
commandTests:
  - name: c
    setup: [[touch, a]]
    command: app
    args: ['\${BASE}/x', '$OWN', '$$', 'a$', '$NONE.']
    envVars: [{key: OWN, value: '$BASE!'}]
    exitCode: 2
    expectedOutput: ['^hello']
    excludedOutput: [bye]
    expectedError: [warn]
    excludedError: [panic]
containerRunOptions: {user: 1000, bindMounts: ['/a:/b']}
`;

  it('get variables, set-up and options of their file', async () => {
    const { commands, runs } = fakeRunner();
    await runYaml(yaml, await image(), commands);
    expect(runs).toEqual([
      {
        setup: [['touch', 'a']],
        command: ['app', '/opt/home/app/x', '/opt/home/app!', '', 'a$', '.'],
        env: { BASE: '/opt/home/app', PATH: '/venv:/usr/bin:/bin', OWN: '/opt/home/app!' },
        options: {
          user: '1000',
          privileged: false,
          allocateTty: false,
          envVars: [],
          capabilities: [],
          bindMounts: ['/a:/b'],
        },
      },
    ]);
  });

  it.each([
    ['all as expected', { exitCode: 2, stdout: 'hello', stderr: 'warning' }, 0],
    ['another exit code', { exitCode: 0, stdout: 'hello', stderr: 'warning' }, 1],
    ['an output that is not there', { exitCode: 2, stdout: '', stderr: 'warning' }, 1],
    ['an output that must not be there', { exitCode: 2, stdout: 'hello, bye', stderr: 'warning' }, 1],
    ['an error that must not be there', { exitCode: 2, stdout: 'hello', stderr: 'warning panic' }, 1],
    ['nothing as expected', { exitCode: 1, stdout: 'bye', stderr: 'panic' }, 5],
  ])('are judged: %s', async (_, outcome, faults) => {
    const [result] = await runYaml(yaml, await image(), fakeRunner(outcome).commands);
    expect(result?.errors).toHaveLength(faults);
    expect(result).toMatchObject({
      outcome: faults === 0 ? 'pass' : 'fail',
      stdout: outcome.stdout,
      stderr: outcome.stderr,
      duration: 1_500_000,
    });
  });

  it('say what their set-up ended with, if that may be why they failed', async () => {
    const good = { exitCode: 2, stdout: 'hello', stderr: 'warning', setupCodes: [0, 1] };
    const [passed] = await runYaml(yaml, await image(), fakeRunner(good).commands);
    expect(passed?.outcome).toBe('pass');
    const [failed] = await runYaml(yaml, await image(), fakeRunner({ ...good, exitCode: 3 }).commands);
    expect(failed?.errors.at(-1)).toBe('Command 2 of the set-up had ended with 1');
  });

  it('are skipped by name where nobody runs them', async () => {
    expect(await runYaml(yaml, await image(), { skipped: 'no engine' })).toEqual([
      { name: 'Command Test: c', outcome: 'skip', errors: ['no engine'], duration: 0 },
    ]);
  });
});

it('tests come in the order of kinds, then of their file, for each file', async () => {
  const kinds = await testFile(
    `schemaVersion: 2.0.0
metadataTest: {cmd: []}
licenseTests: [{files: [/etc/passwd]}]
fileExistenceTests: [{name: b, path: /}, {name: a, path: /}]
fileContentTests: [{name: c, path: /etc/passwd}]
commandTests: [{name: d, command: x}]`,
    'one.yaml',
  );
  const old = await testFile('schemaVersion: 1.0.0\nfileExistenceTests: [{name: e, path: /tmp}]', 'two.yaml');
  const done = await runTests([kinds, old], await image(), { skipped: 'no' });
  expect(
    done.map(({ file, platform, results }) => [file, platform, results.map(({ name }) => name)]),
  ).toEqual([
    [
      'one.yaml',
      'linux/amd64',
      [
        'Command Test: d',
        'File Content Test: c',
        'File Existence Test: b',
        'File Existence Test: a',
        'License Test',
        'Metadata Test',
      ],
    ],
    ['two.yaml', 'linux/amd64', ['File Existence Test: e']],
  ]);
});
