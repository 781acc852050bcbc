import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isTarball, parseLockfile } from '../resolve/index.ts';
import { Store } from '../store/index.ts';
import { pith, pithBuild, SHARED_CACHE } from './commands.ts';

/** A lockfile with everything that it names in a mirror on this machine: builds with it need no network. */
export interface LockedWorld {
  /** `--locked`, the lockfile, and the mirrors. */
  readonly flags: readonly string[];
}

/**
 * Locks images against the live archive.
 * @param args names and `--platform`
 */
export async function lockWorld(folder: string, args: readonly string[]): Promise<LockedWorld> {
  const path = join(folder, 'pith.lock');
  const { code, stderr } = await pith(['lock', ...args, '--skip-unavailable', '--lockfile', path]);
  if (code !== 0) throw new Error(`pith lock ended with ${code}:\n${stderr}`);
  await pithBuild([...args, '--locked', '--lockfile', path, '-o', `oci:${join(folder, 'first')}`]);
  const { packages } = await parseLockfile(await readFile(path, 'utf8'), path);
  const store = Store.open(SHARED_CACHE);
  for (const each of Object.values(packages)) {
    if (isTarball(each)) continue;
    const target = join(folder, 'mirror', each.archive, each.path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(store.pathOf(each.digest), target);
  }
  const mirrors = ['debian', 'debian-security'].flatMap((archive) => [
    '--mirror',
    `${archive}=file://${join(folder, 'mirror', archive)}`,
  ]);
  return { flags: ['--locked', '--lockfile', path, ...mirrors] };
}
