import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PITH, pith, pithBuild, run, SHARED_CACHE, type Outcome } from '../../testing/commands.ts';
import { createContainerStorage } from '../../testing/containers.ts';
import { startDocker } from '../../testing/docker.ts';
import { describeWith, SEARCH_PATH, unlessRoot } from '../../testing/tools.ts';

const DEBUG = 'static-debian13:debug';
const NONROOT = 'static-debian13:debug-nonroot';
const INSTEAD = ' as 65532, not as root (--user 0 does that)';

/** An engine of a test's own that runs containers, as the environment tells it to `pith run`. */
interface RunningEngine {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function startPodman(): Promise<RunningEngine> {
  const storage = await createContainerStorage();
  const limits = '--ulimit nofile=1024:1024 --ulimit nproc=1024:1024';
  const args = `--runtime runc --network none ${limits}`;
  const env = { ...storage.env, PITH_ENGINE_ARGS: args };
  return { folder: storage.folder, env, stop: () => storage.remove() };
}

async function startDockerRunner(): Promise<RunningEngine | string> {
  const engine = await startDocker();
  if (typeof engine === 'string') return engine;
  const env = { ...engine.env, PITH_ENGINE_ARGS: '--network none' };
  return { folder: engine.folder, env, stop: () => engine.stop() };
}

const engines = [
  { name: 'podman', tools: ['podman', 'runc', 'script'], start: startPodman },
  { name: 'docker', tools: ['dockerd', 'containerd', 'runc', 'docker', 'script'], start: startDockerRunner },
] as const;

describe.each(engines)('`pith run`', ({ name: engine, tools, start }) => {
  describeWith(`in ${engine}`, { tools, unless: unlessRoot() }, () => {
    let runner: RunningEngine | undefined;
    let reason: string | undefined;

    const folder = (...parts: string[]): string => join(runner?.folder ?? '', ...parts);
    const environment = (): Record<string, string> => ({ ...runner?.env });
    const pithRun = (args: readonly string[], input = ''): Promise<Outcome> =>
      pith(['run', '--engine', engine, ...args], { cwd: folder(), env: environment(), input });
    const shell = (script: string, ...flags: string[]): Promise<Outcome> =>
      pithRun([DEBUG, '-q', ...flags, '--', '-c', script]);

    beforeAll(async () => {
      const started = await start();
      if (typeof started === 'string') {
        reason = started;
        return;
      }
      runner = started;
      const outputs = ['oci:images', 'docker-archive:images.tar'].flatMap((output) => ['-o', output]);
      await pithBuild(['static-debian13', ...outputs], { cwd: folder() });
    });
    beforeEach(({ skip }) => {
      skip(reason !== undefined, reason);
    });
    afterAll(async () => {
      if (runner) await run(engine, ['rm', '--force', 'pith-run-test'], { env: environment() });
      await runner?.stop();
    });

    it('confines a container: no root, no capabilities, nothing to write to but /tmp', async () => {
      const script = [
        'id -u; id -g',
        'grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status | tr -d "\\t"',
        'touch /file; touch /home/nonroot/file; touch /tmp/file && ls /tmp',
        'cp /busybox/busybox /tmp/sh; /tmp/sh true || echo not executable',
      ].join('\n');
      const { code, stdout, stderr } = await pithRun([DEBUG, '--', '-c', script]);
      expect({ code, lines: stdout.trimEnd().split('\n') }).toEqual({
        code: 0,
        lines: [
          ...['65532', '65532'],
          ...['CapEff:0000000000000000', 'CapBnd:0000000000000000', 'NoNewPrivs:1'],
          ...['file', 'not executable'],
        ],
      });
      expect(stderr).toContain(`pith: ${engine} runs localhost/pith/${DEBUG}${INSTEAD}\n`);
      expect(stderr).toContain('/file: Read-only file system');
      expect(stderr).toContain('/home/nonroot/file: Read-only file system');
    });

    it("leaves an image its own user, and takes the user's choice", async () => {
      const own = await pithRun([NONROOT, '--', '-c', 'id -un; pwd']);
      expect(own).toMatchObject({ code: 0, stdout: 'nonroot\n/home/nonroot\n' });
      expect(own.stderr).toContain(`pith: ${engine} runs localhost/pith/${NONROOT}\n`);
      for (const [user, id] of [
        ['0', '0:0'],
        ['nobody', '65534:65534'],
        ['1000:1001', '1000:1001'],
      ] as const)
        expect(await shell('echo $(id -u):$(id -g)', '--user', user)).toEqual({
          code: 0,
          stdout: `${id}\n`,
          stderr: '',
        });
    });

    it('does not run as root by another name', async () => {
      await writeFile(
        folder('toor.yaml'),
        [
          'name: toor',
          'extends: static-debian13',
          'files: [{ to: /etc/passwd, content: "toor:x:0:0::/:/x\\napp:x:1000:1000::/:/x\\n" }]',
          'user: toor',
          'variants: { debug: { user: toor }, app: { extends: [debug], user: app } }',
        ].join('\n'),
      );
      const toor = await pithRun(['./toor.yaml:debug', '--', '-c', 'id -u']);
      expect(toor).toMatchObject({ code: 0, stdout: '65532\n' });
      expect(toor.stderr).toContain(`runs localhost/pith/toor:debug${INSTEAD}\n`);
      expect(await pithRun(['./toor.yaml:app', '-q', '--', '-c', 'id -u'])).toEqual({
        code: 0,
        stdout: '1000\n',
        stderr: '',
      });
    });

    it('hands on what engines know: variables, volumes, folder, program, writable', async () => {
      await mkdir(folder('shared'), { recursive: true });
      await writeFile(folder('shared', 'file'), 'of the host\n');
      await writeFile(folder('a.env'), 'C=3\n');
      const flags = ['-e', 'A=1 2', '--env', 'B', '--env-file', 'a.env', '--workdir', '/srv'];
      const volume = ['-v', `${folder('shared')}:/srv:ro`];
      const args = [DEBUG, '-q', ...flags, ...volume, '--writable', '--entrypoint', '/busybox/sh'];
      const { code, stdout, stderr } = await pith(
        ['run', '--engine', engine, ...args, '--', '-c', 'echo "$A|$B|$C"; cat file; touch ~/made && ls ~'],
        { cwd: folder(), env: { ...environment(), B: 'of pith' } },
      );
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: '1 2|of pith|3\nof the host\nmade\n',
        stderr: '',
      });
    });

    it('takes a volume at /tmp in place of its own', async () => {
      await mkdir(folder('tmp'), { recursive: true });
      await writeFile(folder('tmp', 'file'), '');
      expect(await shell('ls /tmp', '-v', `${folder('tmp')}:/tmp`)).toMatchObject({
        code: 0,
        stdout: 'file\n',
      });
    });

    it.each([0, 1, 7, 125, 255])('ends with the exit code %i of the program', async (code) => {
      expect(await shell(`exit ${code}`)).toEqual({ code, stdout: '', stderr: '' });
    });

    it.each([
      ['has no such program', 127, ['--entrypoint', '/nothing']],
      ['has an option that the engine does not know', 125, ['--engine-arg', '--no-such-option']],
    ])(
      'ends with the exit code of the engine where it %s, with no error of pith',
      async (_what, code, flags) => {
        const outcome = await shell('true', ...flags);
        expect(outcome).toMatchObject({ code, stdout: '' });
        expect(outcome.stderr).not.toBe('');
        expect(outcome.stderr).not.toContain('pith: error');
      },
    );

    it('passes standard input on, whole', async () => {
      const input = Array.from({ length: 100_000 }, (_line, i) => `line ${i}\n`).join('');
      const counted = await pithRun([DEBUG, '-q', '--', '-c', 'wc -c; test -t 0 || echo no terminal'], input);
      expect(counted).toEqual({ code: 0, stdout: `${input.length}\nno terminal\n`, stderr: '' });
    });

    it('keeps standard output and standard error apart', async () => {
      expect(await shell('echo out; echo err >&2')).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' });
    });

    it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes %s on to the program', async (signal) => {
      const script = `trap 'echo got ${signal}; exit 9' ${signal.slice(3)}; echo ready; while :; do sleep 0.1; done`;
      const { child, until, ended } = startProcess(
        process.execPath,
        [...[PITH, 'run', '-q', '--engine', engine, DEBUG, '--', '-c', script]],
        environment(),
      );
      await until('ready');
      child.kill(signal);
      expect(await ended).toEqual({ code: 9, stdout: `ready\ngot ${signal}\n`, stderr: '' });
    });

    it('gives the program a terminal where it has one itself, and Ctrl-C with it', async () => {
      const script =
        "trap 'echo got INT; exit 9' INT; test -t 0 && test -t 1 && tty && echo ready; while :; do sleep 0.1; done";
      const command = [process.execPath, PITH, 'run', '-q', '--engine', engine, DEBUG, '--', '-c', script];
      const { child, until, ended } = startProcess(
        'script',
        [
          '--quiet',
          '--return',
          '--command',
          command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '),
          '/dev/null',
        ],
        environment(),
      );
      await until('ready');
      child.stdin.write('\x03');
      const { code, stdout } = await ended;
      expect(code).toBe(9);
      expect(stdout.replaceAll('\r', '')).toMatch(/^\/dev\/\S+\nready\n(\^C)?got INT\n$/);
    });

    it('leaves a container running, and says which', async () => {
      const started = await pithRun([
        ...[DEBUG, '-q', '--detach', '--name', 'pith-run-test'],
        ...['--', '-c', 'echo hello; while :; do sleep 0.1; done'],
      ]);
      expect(started).toMatchObject({ code: 0, stderr: '' });
      expect(started.stdout).toMatch(/^[0-9a-f]{64}\n$/);
      const env = environment();
      const found = await run(engine, ['inspect', '--format', '{{.State.Running}}', 'pith-run-test'], {
        env,
      });
      expect(found.stdout).toBe('true\n');
      await run(engine, ['kill', 'pith-run-test'], { env });
      while ((await run(engine, ['inspect', 'pith-run-test'], { env })).code === 0) await sleep(100);
    });

    it.each([
      ['an OCI layout', `oci:images:${DEBUG}`, DEBUG],
      ['a docker-archive', `docker-archive:images.tar:${DEBUG}`, DEBUG],
    ])('runs an image of %s without building', async (_what, location, name) => {
      const { code, stdout, stderr } = await pithRun([
        ...[location, '--cache-dir', folder('no-cache'), '--offline'],
        ...['--', '-c', 'echo hello'],
      ]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' });
      expect(stderr).toBe(`pith: ${engine} runs localhost/pith/${name}${INSTEAD}\n`);
    });

    it('gives an image without a name one of its digest', async () => {
      const { images } = await pithBuild([DEBUG, '-o', 'oci:one'], { cwd: folder() });
      const { code, stderr } = await pithRun(['oci:one', '--', '-c', 'true']);
      expect(code, stderr).toBe(0);
      const [, hex = ''] = images[0]?.digest.split(':') ?? [];
      expect(stderr).toContain(`runs localhost/pith/image:${hex.slice(0, 12)} `);
    });

    it('runs the variant `latest` of ./pith.yaml where nothing is named', async () => {
      await mkdir(folder('project'), { recursive: true });
      await writeFile(
        folder('project', 'pith.yaml'),
        [
          'name: registry.example/team/app',
          'extends: static-debian13',
          'variants: { latest: { extends: [debug], entrypoint: [/busybox/sh, -c, echo "$@", sh] } }',
        ].join('\n'),
      );
      const { code, stdout, stderr } = await pith(
        ['run', '--engine', engine, '-q', '--', 'a', '--json', '--', 'b'],
        { cwd: folder('project'), env: environment() },
      );
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'a --json -- b\n', stderr: '' });
    });

    it('does not run an image that is not there', async () => {
      const { code, stdout, stderr } = await pithRun(['oci:images:statik', '--', 'x']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^pith: error: .*statik.*\[UNKNOWN_IMAGE\]\npith: hint: /);
    });

    it('does not load what the engine has, and loads what is new', async () => {
      const bin = folder('bin');
      await mkdir(bin);
      const log = folder('calls');
      await writeFile(
        join(bin, engine),
        `#!/bin/sh\necho "$@" >> '${log}'\nPATH='${SEARCH_PATH}' exec ${engine} "$@"\n`,
        { mode: 0o755 },
      );
      const calls = async (target: string, date?: string): Promise<string[]> => {
        await writeFile(log, '');
        const env = { ...environment(), PATH: `${bin}:${SEARCH_PATH}`, SOURCE_DATE_EPOCH: date };
        const args = ['run', '-q', '--engine', engine, target, '--', '-c', 'true'];
        const outcome = await pith(args, { env, cwd: folder() });
        expect(outcome).toMatchObject({ code: 0, stdout: '' });
        return (await readFile(log, 'utf8'))
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[0] ?? '');
      };
      await run(engine, ['rmi', '--force', `localhost/pith/${DEBUG}`], { env: environment() });
      expect(await calls(DEBUG)).toEqual(['image', 'load', 'run']);
      expect(await calls(DEBUG)).toEqual(['image', 'run']);
      expect(await calls(`oci:images:${DEBUG}`)).toEqual(['image', 'run']);
      expect(await calls(DEBUG, '86400')).toEqual(['image', 'load', 'run']);
      expect(await calls(DEBUG)).toEqual(['image', 'load', 'run']);
    });
  });
});

describe('`pith run`', () => {
  const fail = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
    const { code, stdout, stderr } = await pith(['run', ...args], { env });
    expect(stdout).toBe('');
    return `${code}\n${stderr}`;
  };

  it.each<[string, string[], RegExp]>([
    ['an engine that there is not', ['x', '--engine', 'rkt'], /^2\npith: error: .*--engine.*\[USAGE\]/],
    ['two images', ['a', 'b', '--', 'c'], /^2\npith: error: one image is run at a time.*\n.*-- b`/],
    ['two platforms', ['a', '--platform', 'all'], /^2\npith: error: a container has one platform/],
    ['no platform', ['a', '--platform', 'vax'], /^2\n.*UNKNOWN_PLATFORM/],
    ['nothing where there is no definition', [], /^2\npith: error: no image was named/],
    ['--privileged', ['x', '--privileged'], /^2\npith: error: unknown option '--privileged'/],
  ])('refuses %s', async (_what, args, message) => {
    expect(await fail(args)).toMatch(message);
  });

  it('says that no engine is there', async () => {
    expect(await fail([DEBUG], { PATH: '/nowhere' })).toMatch(
      /^7\npith: error: none of podman, docker, nerdctl is installed \[ENGINE_MISSING\]\npith: hint: /,
    );
    expect(await fail([DEBUG, '--engine', 'nerdctl'], { PATH: '/nowhere' })).toMatch(
      /^7\npith: error: nerdctl is not installed/,
    );
  });

  it('writes its own errors as JSON if that is asked of it, not of the program', async () => {
    const missing = { PATH: '/nowhere' };
    expect(await fail([DEBUG, '--json'], missing)).toMatch(/^7\n\{"error":/);
    expect(await fail([DEBUG, '--', '--json'], missing)).toMatch(/^7\npith: error: /);
  });
});

/** A process that is looked at while it runs. */
function startProcess(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): {
  child: ChildProcessWithoutNullStreams;
  until: (text: string) => Promise<void>;
  ended: Promise<Outcome>;
} {
  const child = spawn(program, args, {
    env: { ...process.env, PATH: SEARCH_PATH, PITH_CACHE_DIR: SHARED_CACHE, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal ?? 'no status', stdout, stderr });
    });
  });
  const until = async (text: string): Promise<void> => {
    while (!stdout.includes(text)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it has ended: ${stdout}${stderr}`);
      await sleep(50);
    }
  };
  return { child, until, ended };
}
