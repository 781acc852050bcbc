import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { context } from '../../location/fixtures.ts';
import { openSink, parseLocation, whyNoSandbox } from '../../location/index.ts';
import { assembleIndex } from '../../oci/index.ts';
import { type Outcome, pith, pithBuild, run, temporaryFolder } from '../../testing/commands.ts';
import { createContainerStorage } from '../../testing/containers.ts';
import { startDocker } from '../../testing/docker.ts';
import { expectFailure } from '../../testing/failure.ts';
import { makeImage, makeLayer } from '../../testing/layered-image.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const FILES = {
  'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\n',
  'usr/bin/app': { content: 'app', mode: 0o755 },
  tmp: { type: 'directory', mode: 0o1777 },
} as const;
const CONFIG = { Entrypoint: ['/usr/bin/app'], Env: ['WHERE=/etc'], User: '65532' };
const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

const GOOD = `schemaVersion: 2.0.0
fileExistenceTests: [{name: passwd, path: $WHERE/passwd, permissions: -rw-r--r--, uid: 0, gid: 0}]
fileContentTests: [{name: root, path: /etc/passwd, expectedContents: ['^root']}]
metadataTest: {user: 65532, cmd: []}
`;
const OLD = 'schemaVersion: 1.0.0\nfileExistenceTests: [{name: none, path: /none, shouldExist: true}]\n';
const COMMAND = 'schemaVersion: 2.0.0\ncommandTests: [{name: run, command: app}]\n';

const { folder, remove } = temporaryFolder();
const pithTest = (...args: readonly string[]): Promise<Outcome> =>
  pith(['test', ...args], { cwd: folder, env: { PATH: join(folder, 'no-engines') } });
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

beforeAll(async () => {
  const index = assembleIndex(
    PLATFORMS.map((platform) => makeImage([makeLayer(FILES)], { platform, config: CONFIG })),
  );
  const [single] = index.images;
  if (!single) throw new Error('the index is empty');
  for (const [location, artifact] of [
    [`oci:${folder}/images:app`, index],
    [`oci-archive:${folder}/app.oci.tar`, index],
    [`docker-archive:${folder}/app.tar:app:latest`, single],
  ] as const)
    await openSink(parseLocation(location), context).write([{ names: ['app'], artifact }]);
  await mkdir(join(folder, 'no-engines'));
  await write('good.yaml', GOOD);
  await write('old.yaml', OLD);
  await write('command.yaml', COMMAND);
});
afterAll(remove);

describe('`pith test`', () => {
  it.each(['oci:images:app', 'oci-archive:app.oci.tar', 'docker-archive:app.tar', 'app.tar', 'app'])(
    'tests %s',
    async (name) => {
      const { code, stdout, stderr } = await pithTest(name, '-c', 'good.yaml', '--platform', 'linux/amd64');
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\n=+\n=+ Test file: good\.yaml =+\n/);
      expect(stdout).toMatch(/Passes: {6}3\nFailures: {4}0\nDuration: {4}0s\nTotal tests: 3\n\nPASS\n$/);
    },
  );

  it('tests every platform, unless told', async () => {
    const all = await pithTest('app', '-c', 'good.yaml', '--output', 'json');
    const report = JSON.parse(all.stdout) as { Total: number; Results: { Platform: string }[] };
    expect(report.Total).toBe(6);
    expect([...new Set(report.Results.map(({ Platform }) => Platform))]).toEqual(PLATFORMS);
    const one = await pithTest('app', '-c', 'good.yaml', '--json', '--platform', 'linux/arm64');
    expect(JSON.parse(one.stdout)).toMatchObject({ Total: 3 });
  });

  it('fails with an exit code of its own, both schemas in one run', async () => {
    const result = await pithTest('app.tar', '-c', 'good.yaml', '-c', 'old.yaml', '--output', 'junit');
    expect(result.stdout).toContain('<testsuites failures="1" tests="4" time="0">');
    expect(result.stdout).toContain('<failure>File /none should exist but does not</failure>');
    expect(result.stderr).toContain('pith: error: 1 of 4 tests failed [CHECK_FAILED]');
    expect(result.code).toBe(8);
  });

  it.each([
    ['text', /^\{"Pass":3,/],
    ['json', /^\{"Pass":3,/],
    ['junit', /^<\?xml version="1\.0"/],
  ])('writes a report besides its %s', async (output, expected) => {
    const { code, stdout } = await pithTest(
      'app.tar',
      '-c',
      'good.yaml',
      '-o',
      output,
      '--test-report',
      'report',
    );
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'report'), 'utf8')).toMatch(expected);
    expect(stdout).toContain(output === 'text' ? 'PASS' : 'File Existence Test: passwd');
  });

  it('skips commands by name where no engine is, and does not call that a pass', async () => {
    const alone = await pithTest('app.tar', '-c', 'command.yaml');
    expect(alone.stdout).toContain('=== RUN: Command Test: run\n--- SKIP\n');
    expect(alone.stderr).toContain('no test ran: 1 was skipped [CHECK_FAILED]');
    expect(alone.code).toBe(8);
    const among = await pithTest('app.tar', '-c', 'command.yaml', '-c', 'good.yaml');
    expect(among.stdout).toContain('Passes:      3\nFailures:    0\nSkipped:     1\n');
    expect(among.code).toBe(0);
  });

  it('writes first tests, which pass', async () => {
    const first = await pithTest('--init', 'app');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    await write('first.yaml', first.stdout);
    const { code, stdout } = await pithTest('app', '-c', 'first.yaml');
    expect(stdout).toMatch(/Failures: {4}0\n/);
    expect(code).toBe(0);
  });
});

describe('`pith test` refuses', () => {
  it.each<[string, string[], string, Parameters<typeof expectFailure>[1]]>([
    ['no file', [], '', { code: 'USAGE', message: /no file of tests was named/, hint: /--init/ }],
    [
      'a file that is not there',
      ['-c', 'none.yaml'],
      '',
      {
        code: 'DEFINITION_INVALID',
        message: /none\.yaml: cannot be read \(ENOENT\)/,
        hint: /Check the path/,
      },
    ],
    [
      'a folder',
      ['-c', '.'],
      '',
      { code: 'DEFINITION_INVALID', message: /cannot be read \(EISDIR\)/, hint: /Check the path/ },
    ],
    [
      'what is not YAML',
      ['-c', 'bad.yaml'],
      'a: [',
      { code: 'DEFINITION_INVALID', message: /bad\.yaml:\d+:\d+: is not YAML/, hint: /docs\/testing\.md/ },
    ],
    [
      'another schema',
      ['-c', 'bad.yaml'],
      'schemaVersion: 2.1.0',
      {
        code: 'DEFINITION_INVALID',
        message: /bad\.yaml:1:1: `schemaVersion` must be "1\.0\.0" or "2\.0\.0"/,
        hint: /docs\/testing\.md/,
      },
    ],
    [
      'an unknown key',
      ['-c', 'good.yaml', '-c', 'bad.yaml'],
      `${GOOD}metaDataTest: {}`,
      {
        code: 'DEFINITION_INVALID',
        message: /bad\.yaml:5:1: there is no key `metaDataTest`; did you mean `metadataTest`\?/,
        hint: /Write `metadataTest`/,
      },
    ],
    [
      'a broken expression',
      ['-c', 'bad.yaml'],
      GOOD.replace('^root', '(?<=a)b'),
      {
        code: 'DEFINITION_INVALID',
        message: /bad\.yaml:3:.*is no expression of RE2/,
        hint: /RE2 has neither/,
      },
    ],
    [
      'tests beside --init',
      ['--init', '-c', 'good.yaml'],
      '',
      { code: 'USAGE', message: /--init writes tests/, hint: /Leave -c/ },
    ],
    [
      'an engine that is not installed',
      ['-c', 'command.yaml', '--engine', 'docker'],
      '',
      { code: 'ENGINE_MISSING', message: /docker is not installed/, hint: /Install it/ },
    ],
    [
      'a platform that is not there',
      ['-c', 'good.yaml', '--platform', 'linux/s390x'],
      '',
      { code: 'UNKNOWN_PLATFORM', message: /s390x/, hint: /./ },
    ],
  ])('%s', async (_, args, bad, failure) => {
    await write('bad.yaml', bad);
    expectFailure(await pithTest('oci:images:app', ...args), failure);
  });

  it.each([
    ['no image', 'good.yaml', /good\.yaml/],
    ['nothing at all', './none.tar', /none\.tar/],
    ['no such name', 'oci:images:none', /none/],
  ])('%s', async (_, name, message) => {
    const result = await pithTest(name, '-c', 'good.yaml');
    expect(result.code).not.toBe(0);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(/^pith: error: .* \[[A-Z_]+\]\npith: hint: .+\n$/);
    expect(result.stderr).toMatch(message);
  });

  it('zero tests', async () => {
    await write('zero.yaml', 'schemaVersion: 2.0.0\nmetadataTest: {}\ncommandTests:\n');
    const { code, stdout, stderr } = await pithTest('app', '-c', 'zero.yaml');
    expect(stdout).toContain('No tests run!');
    expect(stderr).toContain('no test ran: the files hold none [CHECK_FAILED]');
    expect(code).toBe(8);
  });
});

const COMMANDS = `schemaVersion: 2.0.0
globalEnvVars: [{key: GREETING, value: 'in $PATH'}]
commandTests:
- {name: output, command: echo, args: [hello], expectedOutput: ["^hello\\n$"], excludedOutput: [bye]}
- {name: shell, command: sh, args: [-c, 'echo "$GREETING"; echo bad >&2; exit 3'], exitCode: 3, expectedOutput: [^in /], expectedError: [^bad]}
- {name: set-up, setup: [[sh, -c, 'echo a > /tmp/made'], [sh, -c, 'echo b >> /tmp/made']], command: cat, args: [/tmp/made], expectedOutput: ["^a\\nb\\n$"]}
- {name: fresh, command: cat, args: [/tmp/made], exitCode: 1, expectedError: [No such file]}
- {name: user, command: id, args: [-u], expectedOutput: ["^1000\\n$"]}
- {name: mount, command: cat, args: [/mnt/variables], expectedOutput: [FROM_FILE]}
- {name: variables, command: sh, args: [-c, env], envVars: [{key: OWN, value: $GREETING!}], expectedOutput: ['(?m)^OWN=in /.*!$', '(?m)^FROM_FILE=quoted value$', '(?m)^OUTER=outer$']}
- {name: absent, command: no-such-program, exitCode: 127}
- {name: wrong, setup: [['false']], command: 'true', exitCode: 1}
containerRunOptions: {user: 1000, envFile: variables, envVars: [OUTER], bindMounts: ['FOLDER:/mnt']}
`;

const engines = [
  {
    engine: 'podman',
    tools: ['podman', 'runc'],
    start: async () => {
      const storage = await createContainerStorage();
      const limits = '--ulimit nofile=1024:1024 --ulimit nproc=1024:1024';
      const env = { ...storage.env, PITH_ENGINE_ARGS: `--runtime runc --network none ${limits}` };
      return { env, stop: () => storage.remove() };
    },
  },
  {
    engine: 'bwrap',
    tools: ['bwrap'],
    start: async () => {
      const reason = await whyNoSandbox(process.env);
      if (reason !== undefined) return reason;
      const own = temporaryFolder();
      return { env: { TMPDIR: own.folder }, stop: own.remove };
    },
  },
  {
    engine: 'docker',
    tools: ['dockerd', 'containerd', 'runc', 'docker'],
    start: async () => {
      const docker = await startDocker();
      if (typeof docker === 'string') return docker;
      return { env: { ...docker.env, PITH_ENGINE_ARGS: '--network none' }, stop: () => docker.stop() };
    },
  },
] as const;

describe.each(engines)('`pith test` runs commands', ({ engine, tools, start }) => {
  describeWith(`in ${engine}`, { tools, unless: unlessRoot() }, () => {
    let started: Exclude<Awaited<ReturnType<typeof start>>, string> | undefined;
    let reason: string | undefined;

    beforeAll(async () => {
      const made = await start();
      if (typeof made === 'string') reason = made;
      else started = made;
      await pithBuild(['static-debian13:debug', '-o', 'oci:shell'], { cwd: folder });
      await mkdir(join(folder, 'mounted'), { recursive: true });
      await write('variables', 'export FROM_FILE="quoted value" # a note\n');
      await write('mounted/variables', 'FROM_FILE');
      await write('commands.yaml', COMMANDS.replace('FOLDER', join(folder, 'mounted')));
    });
    beforeEach(({ skip }) => {
      skip(reason !== undefined, reason);
    });
    afterAll(async () => started?.stop());

    it('and leaves nothing of its set-up behind', async () => {
      const env: Record<string, string> = { ...started?.env, OUTER: 'outer' };
      const args = ['oci:shell:static-debian13:debug', '-c', 'commands.yaml', '--engine', engine, '--json'];
      const { code, stdout } = await pith(['test', ...args], { cwd: folder, env });
      const { Results } = JSON.parse(stdout) as {
        Results: { Name: string; Pass: boolean; Errors?: string[]; Duration: number }[];
      };
      expect(Results.filter(({ Pass }) => !Pass)).toMatchObject([
        {
          Name: 'Command Test: wrong',
          Errors: [
            expect.stringContaining('Expected: 1, Actual: 0'),
            'Command 1 of the set-up had ended with 1',
          ],
        },
      ]);
      expect(Results).toHaveLength(9);
      expect(Results.every(({ Duration }) => Duration > 1_000_000)).toBe(true);
      expect(code).toBe(8);
      if (engine === 'bwrap') {
        expect(await readdir(env['TMPDIR'] ?? '')).toEqual([]);
        return;
      }
      const left = await run(engine, ['ps', '--all', '--quiet'], { env });
      const images = await run(engine, ['images', '--format', '{{.Repository}}'], { env });
      expect(left.stdout).toBe('');
      expect(images.stdout).not.toContain('pith/prepared');
    });
  });
});
