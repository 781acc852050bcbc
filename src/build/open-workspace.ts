import { existsSync } from 'node:fs';
import { arch, availableParallelism, homedir, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execPath, getuid, kill, pid } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { systemCode } from '../core/index.ts';
import type { LocationContext, RegistrySettings } from '../location/index.ts';
import { parsePlatform } from '../oci/index.ts';
import { Store } from '../store/index.ts';
import { Bases } from './bases.ts';
import { Catalogue } from './catalogue.ts';
import type { ArchiveOptions, Progress, Workspace } from './workspace.ts';

/** Seconds for which the state of a suite is taken as current without asking the archive. */
const MAX_AGE = 300;
/** Architectures as Node.js names them, where it is not as images do. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

export interface WorkspaceOptions {
  /** The environment: proxies, mirrors, where the cache is. Nothing else is read from the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The cache folder; default: $PITH_CACHE_DIR, else $XDG_CACHE_HOME/pith, else ~/.cache/pith. */
  readonly cacheFolder?: string;
  /** Where relative paths of definitions start; default: the current folder. */
  readonly workingFolder?: string;
  /** Worker threads; default: one a processor. */
  readonly jobs?: number;
  readonly archive?: Partial<ArchiveOptions>;
  /** How registries are talked to. */
  readonly registry?: RegistrySettings;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: Progress) => void;
  /** Folder with dist/ and catalogue/; default: that of pith itself. */
  readonly packageFolder?: string;
}

/** A workspace with the defaults of the command line for whatever is not said. */
export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  const { env = {}, workingFolder = resolve('.'), jobs = availableParallelism() } = options;
  const root = options.packageFolder ?? findPackage(dirname(fileURLToPath(import.meta.url)));
  const store = Store.open(resolve(options.cacheFolder ?? defaultCacheFolder(env)));
  const onProgress = options.onProgress ?? ((): void => undefined);
  const locations: LocationContext = {
    environment: env,
    writer: { pid, host: hostname(), isAlive },
    registry: registrySettings(options.registry, onProgress),
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const bases = new Bases(store, locations, options.archive?.offline ?? false);
  return {
    store,
    catalogue: new Catalogue(join(root, 'catalogue'), workingFolder, store, (location, digest) =>
      bases.inspect(location, digest),
    ),
    bases,
    workingFolder,
    execPath,
    machineRoot: '/',
    keysFolder: join(root, 'catalogue', 'keys'),
    workerUrl: pathToFileURL(join(root, 'dist', 'worker.js')),
    platform: parsePlatform(MACHINES[arch()] ?? arch()),
    jobs,
    env,
    locations,
    now: Date.now,
    archive: {
      mirrors: {},
      keyrings: [],
      offline: false,
      maxAge: MAX_AGE,
      checkValidUntil: true,
      allowOlder: false,
      skipUnavailable: false,
      ...options.archive,
    },
    ...(options.signal ? { signal: options.signal } : {}),
    onProgress,
  };
}

function registrySettings(
  told: RegistrySettings = {},
  onProgress: (event: Progress) => void,
): RegistrySettings {
  const uid = getuid?.();
  return {
    ...(uid === undefined ? {} : { uid }),
    onBytes: (bytes) => {
      onProgress({ kind: 'moved', bytes });
    },
    onRetry: ({ url, reason, pause }) => {
      onProgress({
        kind: 'note',
        what: `${url}: ${reason}; trying again in ${Math.round(pause / 100) / 10} s`,
      });
    },
    ...told,
  };
}

/** The folder of package.json: above dist/ in a package, above src/ in a checkout. */
function findPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) || folder === dirname(folder)
    ? folder
    : findPackage(dirname(folder));
}

function defaultCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const { PITH_CACHE_DIR: named = '', XDG_CACHE_HOME: base = '' } = env;
  if (named !== '') return named;
  return join(base === '' ? join(homedir(), '.cache') : base, 'pith');
}

function isAlive(id: number): boolean {
  try {
    return kill(id, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
