import { mkdir, lstat, stat, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { PithError } from '../../core/index.ts';
import { ask, capture, type Captured, type Command, isInstalled } from './command.ts';

const PROGRAM = 'bwrap';
const HINT = 'Install bubblewrap.';
/** What shells end with for a program that is not there, and for one that cannot be run. */
const NOT_FOUND = 127;
const NOT_RUN = 126;

/** A command in a folder that is its whole file system. */
export interface SandboxRun {
  /** The folder; what the command writes goes there. */
  readonly root: string;
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whom this process's user is in the sandbox. */
  readonly uid: number;
  readonly gid: number;
  readonly workdir: string;
  /** `SOURCE:TARGET[:OPTIONS]`, as engines take them; of the options `ro` counts. */
  readonly volumes: readonly string[];
}

/** Why commands cannot be run in a sandbox of bubblewrap here, if so. */
export async function whyNoSandbox(environment: Command['environment']): Promise<string | undefined> {
  if (!(await isInstalled({ program: PROGRAM, environment }))) return `${PROGRAM} is not installed`;
  const args = [
    '--unshare-all',
    '--unshare-user',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    'true',
  ];
  const { status, stderr } = await ask({ program: PROGRAM, args, environment, hint: HINT });
  return status === 0 ? undefined : `${PROGRAM} makes no sandbox here (${status}): ${stderr}`;
}

/**
 * Runs a command in a sandbox of bubblewrap: namespaces of its own for everything, no network, no capabilities, with a /dev and
 * a /proc of its own.
 * @throws PithError IMAGE_INVALID if something is to be mounted on a link, ENGINE_FAILED, INTERRUPTED, and what the file system says
 */
export async function runInSandbox(
  run: SandboxRun,
  { environment, signal }: { readonly environment: Command['environment']; readonly signal?: AbortSignal },
): Promise<Captured> {
  const { root, command, env, uid, gid, workdir } = run;
  const mounts: string[] = [];
  for (const [option, target] of [
    ['--dev', '/dev'],
    ['--proc', '/proc'],
  ] as const) {
    await makeMountPoint(root, target, true);
    mounts.push(option, target);
  }
  for (const volume of run.volumes) {
    const [source = '', target = '', options = ''] = volume.split(':');
    await makeMountPoint(root, target, (await stat(source)).isDirectory());
    mounts.push(options.split(',').includes('ro') ? '--ro-bind' : '--bind', source, target);
  }
  const variables = Object.entries(env).flatMap(([name, value = '']) => ['--setenv', name, value]);
  const args = [
    ...['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session'],
    ...['--bind', root, '/', ...mounts],
    ...['--uid', String(uid), '--gid', String(gid), '--cap-drop', 'ALL'],
    ...['--clearenv', ...variables, '--chdir', workdir, '--', ...command],
  ];
  const done = await capture({ program: PROGRAM, args, environment, hint: HINT }, signal);
  const [, fault] =
    /^bwrap: execvp .*: (No such file or directory|Permission denied)\n$/.exec(done.stderr) ?? [];
  if (done.code !== 1 || fault === undefined) return done;
  return { ...done, code: fault.startsWith('No') ? NOT_FOUND : NOT_RUN };
}

/** Makes the place where something is mounted. bubblewrap would follow links of the image, which may lead out of it. */
async function makeMountPoint(root: string, target: string, isFolder: boolean): Promise<void> {
  const parts = posix
    .normalize(`/${target}`)
    .split('/')
    .filter((part) => part !== '');
  for (let depth = 1; depth <= parts.length; depth++) {
    const path = join(root, ...parts.slice(0, depth));
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSymbolicLink())
      throw new PithError(
        'IMAGE_INVALID',
        `nothing can be mounted at ${target}: a part of it is a link in the image`,
        {
          hint: 'Mount at the path that the link leads to.',
        },
      );
    if (found) continue;
    if (depth === parts.length && !isFolder) await writeFile(path, '', { flag: 'wx' });
    else await mkdir(path);
  }
}
