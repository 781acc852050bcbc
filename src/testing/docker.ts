import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, succeed, temporaryFolder } from './commands.ts';
import { SEARCH_PATH } from './tools.ts';

/** A Docker daemon of a test's own: a private socket, no network, everything below a temporary folder. */
export interface DockerEngine {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  docker(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a daemon, or says why there is none. */
export async function startDocker(): Promise<DockerEngine | string> {
  const { folder, remove } = temporaryFolder();
  const socket = join(folder, 'sock');
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: join(folder, 'config') };
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const log = createWriteStream(join(folder, 'log'));
  const flags = ['--host', env.DOCKER_HOST, '--pidfile', join(folder, 'pid'), ...places, ...network];
  const daemon = spawn('dockerd', flags, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: SEARCH_PATH },
  });
  daemon.stdout.pipe(log, { end: false });
  daemon.stderr.pipe(log, { end: false });
  const stop = async (): Promise<void> => {
    await endDaemon(daemon);
    log.end();
    await run('umount', [join(folder, 'data')]);
    await remove();
  };
  while (daemon.exitCode === null && daemon.signalCode === null) {
    if ((await run('docker', ['version'], { env })).code === 0)
      return { folder, env, docker: (...args) => succeed('docker', args, { env }), stop };
    await sleep(200);
  }
  const said = await lastLine(join(folder, 'log'));
  await stop();
  return `dockerd does not start: ${said}`;
}

/** Ends a daemon, and waits until it has gone. */
export function endDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    daemon.once('close', () => {
      resolve();
    });
    daemon.kill();
  });
}

/** The last line of a log. */
export async function lastLine(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim().split('\n').at(-1) ?? '';
}
