import { randomUUID } from 'node:crypto';
import { chown, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../../core/index.ts';
import type { LocationContext } from '../../contract.ts';
import { makeFolders, orAbsent, outputError, syncFolder, writeDurably } from '../../files.ts';
import { takeLock } from '../../layout/lock.ts';
import { configFault, NOTHING, type AuthConfig } from './config.ts';
import { editAuths, type AuthsChange } from './edit.ts';
import type { AuthFile } from './places.ts';
import { readPlace, type AuthText } from './read-place.ts';

/** For nobody but the user: the files hold passwords. */
const MODE = { file: 0o600, folder: 0o700 };

/**
 * Changes the entries of an auth file, alone among processes of pith, and in one step for everybody else. A link is
 * followed, and what it leads to is changed; an owner stays.
 * @param change gives what to change in what is there, undefined for nothing
 * @returns whether there was something to change
 * @throws CREDENTIALS_FAILED for a file that cannot be read, which stays as it is; OUTPUT_FAILED, DISK_FULL, INTERRUPTED
 */
export async function changePlace(
  file: AuthFile,
  context: Pick<LocationContext, 'writer' | 'signal'>,
  change: (config: AuthConfig) => AuthsChange | undefined,
): Promise<boolean> {
  try {
    const path = await followLinks(file.path);
    await makeFolders(dirname(path), MODE.folder);
    const lock = await takeLock(`${path}.pith-lock`, context);
    try {
      const { text, config } = await readForChange({ ...file, path });
      const changes = change(config);
      if (!changes) return false;
      const bytes = Buffer.from(editAuths(text, changes));
      const owner = await orAbsent(stat(path));
      await lock.check();
      await writeDurably(`${path}.${randomUUID()}`, path, [bytes], MODE.file);
      if (owner) await keepOwner(path, owner);
      await syncFolder(dirname(path));
      return true;
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw outputError(error, file.shown);
  }
}

async function readForChange(file: AuthFile): Promise<AuthText> {
  const read = await readPlace({ ...file, isRequired: false });
  if ('text' in read) return read;
  if (!read.isAbsent) throw configFault(file, read.reason);
  return { text: '', config: NOTHING };
}

/** Where a file is or would be: a link may lead to what is not there yet. */
async function followLinks(path: string): Promise<string> {
  const real = await orAbsent(realpath(path));
  if (real !== undefined) return real;
  const link = await orAbsent(readlink(path));
  return link === undefined ? path : await followLinks(resolve(dirname(path), link));
}

/** Under `sudo` the file of a user would become one of root's, which the user could not read again. */
async function keepOwner(path: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const now = await stat(path);
  if (now.uid === uid && now.gid === gid) return;
  try {
    await chown(path, uid, gid);
  } catch (error) {
    if (systemCode(error) !== 'EPERM') throw error;
  }
}
