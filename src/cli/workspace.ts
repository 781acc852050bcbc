import { availableParallelism, homedir, hostname } from 'node:os';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Catalogue, type Workspace } from '../build/index.ts';
import { PithError } from '../core/index.ts';
import type { LocationContext } from '../location/index.ts';
import { parsePlatform } from '../oci/index.ts';
import { Store } from '../store/index.ts';
import type { ArchiveFlags, CommonOptions } from './flags.ts';
import { createReporter, type Reporter } from './progress.ts';

/** Seconds for which the state of a suite is taken as current without asking the archive. */
const MAX_AGE = 300;

/** The package's own folder: the parent of dist/, where the bundle runs from. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

export function openStore({ cacheDir }: CommonOptions): Store {
  const { env } = process;
  const base =
    [env['XDG_CACHE_HOME'], join(homedir(), '.cache')].find(
      (folder) => folder !== undefined && folder !== '',
    ) ?? '';
  return Store.open(resolve(cacheDir ?? env['PITH_CACHE_DIR'] ?? join(base, 'pith')));
}

export function openCatalogue(store: Store): Catalogue {
  return new Catalogue(join(ROOT, 'catalogue'), process.cwd(), store);
}

/** Runs work with a workspace made of the flags and the environment; Ctrl-C ends it and leaves nothing behind. */
export async function withWorkspace<Result>(
  flags: ArchiveFlags,
  work: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const reporter = createReporter({
    quiet: flags.quiet ?? false,
    stream: process.stderr,
    isCI: Boolean(process.env['CI']),
  });
  const store = openStore(flags);
  const interrupted = (): void => {
    reporter.stop();
    store.removeTemporary();
    process.stderr.write('pith: interrupted\n');
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await work(makeWorkspace(flags, store, reporter));
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    reporter.stop();
  }
}

function makeWorkspace(flags: ArchiveFlags, store: Store, reporter: Reporter): Workspace {
  return {
    store,
    catalogue: openCatalogue(store),
    machineRoot: '/',
    keysFolder: join(ROOT, 'catalogue', 'keys'),
    workerUrl: new URL('./worker.js', import.meta.url),
    platform: parsePlatform(MACHINES[process.arch] ?? process.arch),
    jobs: flags.jobs ?? availableParallelism(),
    env: process.env,
    now: Date.now,
    archive: {
      mirrors: parseMirrors(flags.mirror ?? []),
      keyrings: (flags.keyring ?? []).map((file) => resolve(file)),
      offline: flags.offline ?? false,
      maxAge: flags.refresh ? 0 : MAX_AGE,
      checkValidUntil: flags.checkValidUntil ?? true,
      allowOlder: flags.allowOlder ?? false,
    },
    onProgress: reporter.report,
  };
}

/** Architectures as Node.js names them, where it is not as images do. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** `URL` is the main archive, `ARCHIVE=URL` any. */
function parseMirrors(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const [, archive = 'debian', url = ''] = /^(?:([a-z-]+)=)?(.+)$/.exec(value) ?? [];
      if (/^(https?|file):\/\//.test(url)) return [archive, url] as const;
      throw new PithError('USAGE', `${JSON.stringify(value)} is no mirror`, {
        hint: 'Write an http, https or file address, or ARCHIVE=ADDRESS.',
      });
    }),
  );
}

export function locationContext(): LocationContext {
  return {
    environment: process.env,
    writer: {
      pid: process.pid,
      host: hostname(),
      isAlive: (pid) => {
        try {
          process.kill(pid, 0);
          return true;
        } catch (error) {
          return (error as NodeJS.ErrnoException).code === 'EPERM';
        }
      },
    },
  };
}

/** The definition file of the current folder, if there is one. */
export function localDefinition(): string | undefined {
  return existsSync('pith.yaml') ? './pith.yaml' : undefined;
}
