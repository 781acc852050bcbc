import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, PITH, pith, run, SHARED_CACHE, temporaryFolder } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { createContainerStorage } from '../../testing/containers.ts';
import { startDocker } from '../../testing/docker.ts';
import { describeWith, SEARCH_PATH, unlessRoot } from '../../testing/tools.ts';

/** An engine of a test's own. */
interface RunningEngine {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function startPodman(): Promise<RunningEngine> {
  const storage = await createContainerStorage();
  const args = '--runtime runc --ulimit nofile=1024:1024 --ulimit nproc=1024:1024';
  return { env: { ...storage.env, PITH_ENGINE_ARGS: args }, stop: () => storage.remove() };
}

const engines = [
  { name: 'podman', tools: ['gcc', 'podman', 'runc'], start: startPodman },
  { name: 'docker', tools: ['gcc', 'dockerd', 'containerd', 'runc', 'docker'], start: startDocker },
] as const;

/** pith as it watches. */
interface Watching {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Outcome>;
  /** Waits until it has said something, on either stream, since it was asked last. */
  readonly until: (text: string | RegExp) => Promise<void>;
}

function watch(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Watching {
  const child = spawn(process.execPath, [PITH, 'pack', '--watch', ...args], {
    cwd,
    env: { ...process.env, PATH: SEARCH_PATH, PITH_CACHE_DIR: SHARED_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  let seen = { stdout: 0, stderr: 0 };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (piece: Buffer) => (said[stream] += piece.toString()));
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal ?? 'no status', ...said });
    });
  });
  const until = async (text: string | RegExp): Promise<void> => {
    const streams = ['stdout', 'stderr'] as const;
    while (!streams.some((stream) => said[stream].slice(seen[stream]).search(text) >= 0)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it has ended: ${said.stdout}${said.stderr}`);
      await sleep(20);
    }
    seen = { stdout: said.stdout.length, stderr: said.stderr.length };
  };
  return { child, ended, until };
}

describe.each(engines)('`pith pack --run`', ({ name: engine, tools, start }) => {
  describeWith(`in ${engine}`, { tools, unless: unlessRoot() }, () => {
    const { folder, remove } = temporaryFolder();
    const project = join(folder, 'project');
    const server = join(project, 'server');
    const flags = ['--run', '--engine', engine, '--network', 'none'];
    let runner: RunningEngine | undefined;
    let reason: string | undefined;
    let watching: Watching | undefined;

    /** Builds the program, and puts it where it is packed, in one step or as linkers do. */
    const make = async (text: string, ...more: string[]): Promise<void> => {
      const made = await compile('watched.c', folder, 'made', ['-static', `-DTEXT="${text}"`, ...more]);
      await rename(made, server);
    };
    const begin = (...more: string[]): Watching =>
      (watching = watch(['server', ...flags, ...more], project, runner?.env));
    const containers = async (): Promise<string> =>
      (await run(engine, ['ps', '--all', '--quiet'], { env: { ...runner?.env } })).stdout;

    beforeAll(async () => {
      const started = await start();
      if (typeof started === 'string') reason = started;
      else runner = started;
    });
    beforeEach(async ({ skip }) => {
      skip(reason !== undefined, reason);
      await mkdir(project);
    });
    afterEach(async () => {
      watching?.child.kill();
      await watching?.ended;
      watching = undefined;
      await rm(project, { recursive: true, force: true });
    });
    afterAll(async () => {
      await runner?.stop();
      await remove();
    });

    it('packs and runs, with the arguments and the exit code of the program', async () => {
      await make('one', '-DCODE=7');
      const args = ['pack', 'server', ...flags, '--', 'a', '--json'];
      const { code, stdout, stderr } = await pith(args, { cwd: project, env: { ...runner?.env } });
      expect({ code, stdout }).toEqual({ code: 7, stdout: 'one by 65532 a --json\n' });
      expect(stderr).toContain(`pith: ${engine} runs localhost/pith/server:latest\n`);
      expect(existsSync(join(project, 'images'))).toBe(false);
    });

    it('runs what is new in place of the old, and keeps that where nothing new can be packed', async () => {
      await make('one');
      const { child, until, ended } = begin('--', 'a');
      await until(/one by 65532 a\n/);
      await make('two');
      await until(/server changed: packed in .*, loaded in .*, stopped in .*, started after /);
      await until('two by');
      await writeFile(server, 'echo no program of its own');
      await until('pith: waiting for a change');
      expect(await containers()).toMatch(/^\w+\n$/);
      await make('three');
      await until('three by');
      child.kill('SIGINT');
      const { code, stdout, stderr } = await ended;
      expect({ code, stdout }).toEqual({
        code: 130,
        stdout: ['one', 'two', 'three'].map((text) => `${text} by 65532 a\nend of ${text}\n`).join(''),
      });
      expect(stderr.match(/pith: error: /g)).toHaveLength(1);
      expect(await containers()).toBe('');
    });

    it('tells that the program has ended by itself, and runs it again after a change', async () => {
      await make('one', '-DCODE=3');
      const { child, until, ended } = begin('--name', 'pith-watched');
      await until('pith: the program ended with exit code 3; waiting for a change');
      await make('two');
      await until('two by');
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 130 });
      expect(await containers()).toBe('');
    });

    it('kills a program that does not end, after a time, and says so', async () => {
      await make('one', '-DSTUBBORN');
      const { child, until, ended } = begin('--stop-timeout', '1');
      await until('one by');
      await make('two', '-DSTUBBORN');
      await until('the program did not end within 1 s and was killed');
      await until('two by');
      child.kill('SIGHUP');
      expect(await ended).toMatchObject({ code: 130 });
      expect(await containers()).toBe('');
    });

    it('kills the container when it is told to end twice', async () => {
      await make('one', '-DSTUBBORN');
      const { child, until, ended } = begin('--stop-timeout', '600');
      await until('one by');
      child.kill('SIGINT');
      await sleep(300);
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 130 });
      while ((await containers()) !== '') await sleep(100);
    });
  });
});

describe('`pith pack --watch`', () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  it('writes what is new, but is not set off by what it writes itself', async () => {
    await writeFile(join(folder, 'page.html'), '1\n');
    const { child, until, ended } = watch(['--kind', 'files'], folder);
    await until('oci:./images@sha256:');
    await sleep(500);
    await appendFile(join(folder, 'page.html'), '2\n');
    await until('page.html changed: packed in');
    await writeFile(join(folder, 'page.html'), '1\n');
    await until('page.html changed: packed in');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    const lines = stdout.trimEnd().split('\n');
    expect(code).toBe(130);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe(lines[0]);
    expect(lines[1]).not.toBe(lines[0]);
    expect(stderr).not.toContain('error');
  });

  it.each<[string[], string]>([
    [['--watch', '--explain'], '--explain packs nothing that could be watched'],
    [['--run', '--dockerfile'], '--dockerfile packs nothing that could be run'],
    [['--stop-timeout', '3'], '--stop-timeout is for --watch --run'],
    [['--watch', '--stop-timeout', '3'], '--stop-timeout is for --watch --run'],
    [['--run', '--watch', '--stop-timeout', 'x'], '"x" is no whole number from 0 to 3600'],
    [['--engine-arg', '--init'], '--engine-arg is for --run'],
    [['--watch', '--publish', '1'], '--publish is for --run'],
    [['--', 'x'], 'arguments of the program are for --run'],
    [['.', 'x'], 'one application is packed at a time, not 2'],
    [['--run', '--platform', 'all'], 'a container has one platform'],
    [['./nowhere', '--watch'], 'there is nothing at ./nowhere'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await pith(['pack', ...args], { cwd: folder });
    expect({ code, stdout }, stderr).toEqual({ code: args.includes('./nowhere') ? 6 : 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
