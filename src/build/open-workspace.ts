import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Bases } from './bases.ts';
import { Catalogue } from './catalogue.ts';
import { contextOf, machinePlatform, type LocationsOptions } from './open-locations.ts';
import { openStore } from './open-store.ts';
import type { ArchiveOptions, Workspace } from './workspace.ts';

/** Seconds for which the state of a suite is taken as current without asking the archive. */
const MAX_AGE = 300;

export interface WorkspaceOptions extends LocationsOptions {
  /** Where relative paths of definitions start; default: the current folder. */
  readonly workingFolder?: string;
  /** Worker threads; default: one a processor. */
  readonly jobs?: number;
  readonly archive?: Partial<ArchiveOptions>;
  /** Folder with dist/ and catalogue/; default: that of pith itself. */
  readonly packageFolder?: string;
}

/** A workspace with the defaults of the command line for whatever is not said. */
export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  const { env = {}, workingFolder = resolve('.'), jobs = availableParallelism() } = options;
  const root = options.packageFolder ?? findPackage(dirname(fileURLToPath(import.meta.url)));
  const store = openStore(options);
  const onProgress = options.onProgress ?? ((): void => undefined);
  const locations = contextOf(options, () => store);
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
    platform: machinePlatform(),
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

/** The folder of package.json: above dist/ in a package, above src/ in a checkout. */
function findPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) || folder === dirname(folder)
    ? folder
    : findPackage(dirname(folder));
}
