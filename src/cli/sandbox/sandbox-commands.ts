import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageView } from '../../inspect/index.ts';
import { runInSandbox } from '../../location/index.ts';
import type { Commands, ContainerRunOptions, Variables } from '../../structure/index.ts';
import { stateOfFolder } from './folder-state.ts';
import { unpackImage } from './unpack-image.ts';

/** Of a millisecond. */
const NANOSECONDS = 1_000_000;
/** What engines set where an image does not. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Commands in a sandbox, and how to remove what was unpacked for them. */
export interface SandboxCommands {
  readonly commands: Commands;
  readonly remove: () => Promise<void>;
}

/**
 * Runs commands of an image in sandboxes of bubblewrap. Each test finds the files as they are in the image: they are unpacked
 * for the first one, and again after one that has changed something. They belong to the command's user.
 * @param outerVariables those that a test takes from this machine
 */
export async function openSandbox(
  view: ImageView,
  outerVariables: (options: ContainerRunOptions) => Promise<Variables>,
  signal?: AbortSignal,
): Promise<SandboxCommands> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-test-'));
  const root = join(folder, 'root');
  let state: string | undefined;
  const freshen = async (): Promise<void> => {
    if (state !== undefined && state === (await stateOfFolder(root))) return;
    await rm(root, { recursive: true, force: true });
    await unpackImage(view, root, signal);
    state = await stateOfFolder(root);
  };
  const { Env = [], User, WorkingDir } = view.image.config.config ?? {};
  const commands: Commands = {
    async run({ setup, command, env, options }) {
      const missing = beyond(options);
      if (missing !== undefined) return { skipped: `${missing} needs an engine` };
      const user = userOf(options.user ?? User ?? '', view);
      if (!user) return { skipped: `the image does not know the user ${options.user ?? User}` };
      await freshen();
      const run = {
        root,
        ...user,
        env: {
          PATH: DEFAULT_PATH,
          HOME: user.home,
          ...variablesOf(Env),
          ...(await outerVariables(options)),
          ...env,
        },
        workdir: WorkingDir === undefined || WorkingDir === '' ? '/' : WorkingDir,
        volumes: options.bindMounts,
      };
      const context = { environment: process.env, ...(signal ? { signal } : {}) };
      const setupCodes: number[] = [];
      for (const step of setup)
        setupCodes.push((await runInSandbox({ ...run, command: step }, context)).code);
      const start = performance.now();
      const { code, stdout, stderr } = await runInSandbox({ ...run, command }, context);
      const duration = Math.round((performance.now() - start) * NANOSECONDS);
      return { exitCode: code, stdout, stderr, setupCodes, duration };
    },
  };
  return { commands, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** What a sandbox has not. */
function beyond({ privileged, allocateTty, capabilities }: ContainerRunOptions): string | undefined {
  if (privileged) return 'privileged';
  if (allocateTty) return 'allocateTty';
  return capabilities.length > 0 ? 'capabilities' : undefined;
}

interface SandboxUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Whom `config.User` means (OCI image-spec 1.1, config.md); nothing if the image does not know it. */
function userOf(text: string, view: ImageView): SandboxUser | undefined {
  const [user = '', group = ''] = text.split(':');
  const accounts = view.found('accounts').find(({ path }) => path === 'etc/passwd')?.fact.accounts ?? [];
  const groups = view.found('groups').find(({ path }) => path === 'etc/group')?.fact.groups ?? [];
  const uid = user === '' ? 0 : numberOf(user);
  const account = accounts.find((one) => (uid === undefined ? one.name === user : one.uid === uid));
  const known = groups.find(({ name }) => name === group)?.gid;
  const gid = group === '' ? (account?.gid ?? 0) : (numberOf(group) ?? known);
  const id = uid ?? account?.uid;
  return id === undefined || gid === undefined ? undefined : { uid: id, gid, home: account?.home ?? '/' };
}

function numberOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function variablesOf(entries: readonly string[]): Variables {
  return Object.fromEntries(
    entries.map((entry) => {
      const [name = '', ...value] = entry.split('=');
      return [name, value.join('=')];
    }),
  );
}
