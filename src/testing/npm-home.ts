import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NpmRegistry, type NpmOptions } from '../distro/index.ts';
import { createTestCache, type TestCache } from './cache.ts';

/** A machine for npm's configuration: a user's home, a project and a node program, all in a temporary folder. */
export interface NpmHome {
  readonly folder: string;
  readonly cache: TestCache;
  /** What the registry told, in order. */
  readonly notes: string[];
  readonly options: NpmOptions;
  /** Writes `~/.npmrc`, unless another path of the folder is told. */
  npmrc(text: string, path?: string): Promise<void>;
  /** A registry of a run that begins now. */
  open(more?: Partial<NpmOptions>): NpmRegistry;
  remove(): Promise<void>;
}

/** Quick, few tries, so that tests of faults do not wait. */
export const QUICK = 'fetch-retries=1\nfetch-retry-mintimeout=1\n';

export function createNpmHome(): NpmHome {
  const folder = mkdtempSync(join(tmpdir(), 'pith-npm-'));
  const cache = createTestCache();
  const notes: string[] = [];
  const options: NpmOptions = {
    env: { HOME: join(folder, 'home') },
    workingFolder: join(folder, 'project'),
    execPath: join(folder, 'usr/bin/node'),
    cache,
    offline: false,
    maxAge: 300,
    now: () => Date.UTC(2026, 5, 1),
    onNote: (note) => notes.push(note),
  };
  return {
    folder,
    cache,
    notes,
    options,
    npmrc: async (text, path = 'home/.npmrc') => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    open: (more = {}) => new NpmRegistry({ ...options, ...more }),
    remove: async () => {
      await cache.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
