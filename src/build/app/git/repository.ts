import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readSmall } from './small-file.ts';

/** Where git keeps what it knows of a working tree (gitrepository-layout(5)). */
export interface Repository {
  /** `.git`, or what the file `.git` of a worktree or submodule leads to: HEAD is here. */
  readonly own: string;
  /** What all worktrees share: refs, objects, configuration. */
  readonly common: string;
}

const MAX_PATH = 8192;

/**
 * The repository that a folder is in, as git finds it: in the folder itself or the nearest one above, on the same file system.
 * @param folder absolute path
 */
export function findRepository(folder: string): Repository | undefined {
  const device = statOf(folder)?.dev;
  for (let place = folder; ; place = dirname(place)) {
    if (statOf(place)?.dev !== device) return undefined;
    const git = resolve(place, '.git');
    const stat = statOf(git);
    if (stat?.isFile()) return linkedRepository(git, place);
    const found = stat?.isDirectory() ? repositoryAt(git) : undefined;
    if (found || place === dirname(place)) return found;
  }
}

/** `gitdir: PATH`, as a worktree and a submodule have it in the place of a folder. */
function linkedRepository(file: string, folder: string): Repository | undefined {
  const path = /^gitdir: ([^\0\n]+?)\r?\n?$/.exec(readSmall(file, MAX_PATH)?.toString() ?? '')?.[1];
  return path === undefined ? undefined : repositoryAt(resolve(folder, path));
}

function repositoryAt(own: string): Repository | undefined {
  const shared = readSmall(resolve(own, 'commondir'), MAX_PATH)?.toString().trim();
  const common = shared === undefined || shared.includes('\0') ? own : resolve(own, shared);
  const isWhole = ['objects', 'refs'].every((name) => statOf(resolve(common, name))?.isDirectory());
  return isWhole ? { own, common } : undefined;
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
