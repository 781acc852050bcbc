import { createHash, type Hash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A digest that is another one once anything in a folder was changed: each file has its inode and the time of its last change
 * (`st_ctime` of stat(2)), which nobody can set. No link is followed.
 */
export async function stateOfFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  await addFile(hash, folder, '.');
  await addFolder(hash, folder);
  return hash.digest('hex');
}

async function addFolder(hash: Hash, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await addFile(hash, path, entry.name);
    if (entry.isDirectory()) await addFolder(hash, path);
  }
}

async function addFile(hash: Hash, path: string, name: string): Promise<void> {
  const { ino, ctimeNs } = await lstat(path, { bigint: true });
  hash.update(`${name}\0${ino}\0${ctimeNs}\0`);
}
