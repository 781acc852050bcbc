import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, succeed, temporaryFolder } from './commands.ts';
import { endDaemon, lastLine } from './docker.ts';
import { SEARCH_PATH } from './tools.ts';

/** A containerd of a test's own: a private socket, everything below a temporary folder. */
export interface ContainerdEngine {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  ctr(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a daemon, or says why there is none. */
export async function startContainerd(): Promise<ContainerdEngine | string> {
  const { folder, remove } = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const env = { CONTAINERD_ADDRESS: path('sock') };
  await mkdir(path('root'));
  await writeFile(
    path('config.toml'),
    [
      'version = 2',
      `root = "${path('root')}"`,
      `state = "${path('state')}"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      '[grpc]',
      `address = "${env.CONTAINERD_ADDRESS}"`,
    ].join('\n'),
  );
  const log = createWriteStream(path('log'));
  const daemon = spawn('containerd', ['--config', path('config.toml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: SEARCH_PATH },
  });
  daemon.stdout.pipe(log, { end: false });
  daemon.stderr.pipe(log, { end: false });
  const stop = async (): Promise<void> => {
    await endDaemon(daemon);
    log.end();
    await remove();
  };
  while (daemon.exitCode === null && daemon.signalCode === null) {
    if ((await run('ctr', ['version'], { env })).code === 0)
      return { folder, env, ctr: (...args) => succeed('ctr', args, { env }), stop };
    await sleep(200);
  }
  const said = await lastLine(path('log'));
  await stop();
  return `containerd does not start: ${said}`;
}
