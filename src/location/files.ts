import { mkdir, open, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PithError, systemCode, toPithError } from '../core/index.ts';

/** Bytes that are written at once. */
const BATCH_SIZE = 1 << 20;

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
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mode = 0o644,
): Promise<number> {
  try {
    const file = await open(temporary, 'wx', mode);
    let size: number;
    try {
      size = await writePieces(file, bytes);
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

/** Writes all pieces to an open file. @returns the number of bytes */
export async function writePieces(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const writer = new BatchWriter(file);
  try {
    for await (const piece of bytes) await writer.add(piece);
    await writer.flush();
    return writer.size;
  } finally {
    await writer.settle();
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
export async function makeFolders(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    return await makeFolder(path, mode);
  } catch (error) {
    const above = dirname(resolve(path));
    if (systemCode(error) !== 'ENOENT' || above === resolve(path)) throw error;
    const top = await makeFolders(above, mode);
    const made = await makeFolder(path, mode);
    return top ?? made;
  }
}

async function makeFolder(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, mode);
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

/** Writes pieces to a file in large batches, one of them while the next is gathered. A piece must not change once added. */
class BatchWriter {
  readonly #file: FileHandle;
  #batch: Uint8Array[] = [];
  #batchSize = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Bytes that were added. */
  size = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(piece: Uint8Array): Promise<void> {
    this.#batch.push(piece);
    this.#batchSize += piece.length;
    this.size += piece.length;
    if (this.#batchSize >= BATCH_SIZE) await this.#next();
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    await this.#next();
    await this.#writing;
  }

  /** Waits until nothing is written any more, whatever came of it. */
  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  async #next(): Promise<void> {
    await this.#writing;
    this.#writing = writeFully(this.#file, this.#batch);
    this.#writing.catch(() => undefined);
    this.#batch = [];
    this.#batchSize = 0;
  }
}

async function writeFully(file: FileHandle, batch: readonly Uint8Array[]): Promise<void> {
  let pieces = batch.filter((piece) => piece.length > 0);
  while (pieces.length > 0) {
    let { bytesWritten: written } = await file.writev(pieces);
    const rest: Uint8Array[] = [];
    for (const piece of pieces) {
      const done = Math.min(written, piece.length);
      written -= done;
      if (done < piece.length) rest.push(piece.subarray(done));
    }
    pieces = rest;
  }
}
