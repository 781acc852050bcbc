import { mkdir, open, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PithError, systemCode, toPithError } from '../core/index.ts';

/** Turns a fault of the machine while `path` is written into OUTPUT_FAILED or DISK_FULL; other errors stay. */
export function outputError(error: unknown, path: string): PithError {
  const known = toPithError(error);
  if (error instanceof PithError || systemCode(error) === undefined) return known;
  const code = known.code === 'INTERNAL' ? 'OUTPUT_FAILED' : known.code;
  const reason =
    known.code === 'INTERNAL' ? known.message : (known.message.split(': ').at(-1) ?? known.message);
  const hint = known.code === 'INTERNAL' ? 'Check the path, or choose another one.' : known.hint;
  return new PithError(code, `cannot write ${path}: ${reason}`, {
    path,
    cause: error,
    ...(hint ? { hint } : {}),
  });
}

/**
 * Writes a file that is complete or absent: under a temporary name, synced, then renamed.
 * @returns the number of bytes
 */
export async function writeDurably(
  temporary: string,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<number> {
  try {
    const file = await open(temporary, 'wx', 0o644);
    let size = 0;
    try {
      for await (const piece of bytes) {
        await writeFully(file, piece);
        size += piece.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return size;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes renames in a folder last over a loss of power; where folders cannot be synced there is nothing to do. */
export async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await folder?.close();
  }
}

/** The result, or undefined where there is no such file or folder. */
export async function orAbsent<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes a folder and those above it. (Node's own recursive mkdir never ends where the kernel says ENOENT for a folder
 * in one that exists, as in /proc.)
 * @returns the topmost folder that was made, undefined if all were there
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  try {
    return await makeFolder(path);
  } catch (error) {
    const above = dirname(resolve(path));
    if (systemCode(error) !== 'ENOENT' || above === resolve(path)) throw error;
    const top = await makeFolders(above);
    const made = await makeFolder(path);
    return top ?? made;
  }
}

async function makeFolder(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return undefined;
    throw error;
  }
}

/** Removes the folders from `path` up to `top`, as far as they are empty. */
export async function removeFolders(path: string, top: string): Promise<void> {
  for (let at = resolve(path); at.length >= resolve(top).length; at = dirname(at)) await removeIfEmpty(at);
}

/** Removes a folder if it is empty; nothing is said if it cannot be removed, since it does no harm. */
async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined);
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}
