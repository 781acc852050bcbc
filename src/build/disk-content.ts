import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { PithError, systemCode } from '../core/index.ts';

const PIECE = 1 << 20;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const buffer = Buffer.allocUnsafeSlow(PIECE);

/** Whether {@link readWhole} takes a file of so many bytes. */
export function isSmallFile(size: number): boolean {
  return size < PIECE;
}

/**
 * The content of a small regular file, valid until something else is read in this thread.
 * @param name what the file is called in errors
 * @param size the bytes that it has to have
 * @throws PithError DEFINITION_INVALID if it cannot be read, or has another size or is no file any more
 */
export function readWhole(path: string, name: string, size: number): Uint8Array {
  const file = openFile(path, name);
  try {
    // One byte more than there should be: a file that has it has grown.
    for (let at = 0; ;) {
      const count = readSync(file, buffer, at, size + 1 - at, null);
      at += count;
      if (at > size || (count === 0 && at < size)) throw changedFile(path, name);
      if (at === size) return buffer.subarray(0, size);
    }
  } catch (error) {
    throw readingFailed(path, name, error);
  } finally {
    closeSync(file);
  }
}

/**
 * The content of a regular file, in pieces that are valid until the next one is taken by anybody in this thread.
 * @param name what the file is called in errors
 * @param size the bytes that it has to have
 * @throws PithError DEFINITION_INVALID if it cannot be read, or has another size or is no file any more
 */
export function* readContent(path: string, name: string, size: number): Generator<Uint8Array> {
  if (isSmallFile(size)) {
    yield readWhole(path, name, size);
    return;
  }
  const file = openFile(path, name);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size !== size) throw changedFile(path, name);
    for (let left = size; left > 0;) {
      const count = readSync(file, buffer, 0, Math.min(left, PIECE), null);
      if (count === 0) throw changedFile(path, name);
      left -= count;
      yield buffer.subarray(0, count);
    }
    if (readSync(file, buffer, 0, 1, null) > 0) throw changedFile(path, name);
  } finally {
    closeSync(file);
  }
}

/** Bytes of a regular file from `start` on, else like {@link readContent}. */
export function* readPart(path: string, name: string, start: number, size: number): Generator<Uint8Array> {
  const file = openFile(path, name);
  try {
    if (!fstatSync(file).isFile()) throw changedFile(path, name);
    for (let done = 0; done < size;) {
      const count = readSync(file, buffer, 0, Math.min(size - done, PIECE), start + done);
      if (count === 0) throw changedFile(path, name);
      done += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(file);
  }
}

function openFile(path: string, name: string): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    const code = systemCode(error);
    throw code === 'ENOENT' || code === 'ELOOP' ? changedFile(path, name) : unreadable(path, name, error);
  }
}

function readingFailed(path: string, name: string, error: unknown): unknown {
  if (error instanceof PithError) return error;
  return systemCode(error) === 'EISDIR' ? changedFile(path, name) : unreadable(path, name, error);
}

/** The error for a file of one's own that was not the same all the time. */
export function changedFile(path: string, name: string): PithError {
  return new PithError('DEFINITION_INVALID', `${name} changed while it was read`, {
    path,
    hint: 'Run the command again when nothing writes it.',
  });
}

/** The error for a file or folder of one's own that the system does not let read. */
export function unreadable(path: string, name: string, error: unknown): PithError {
  return new PithError(
    'DEFINITION_INVALID',
    `${name} cannot be read (${systemCode(error) ?? 'unknown fault'})`,
    {
      path,
      cause: error,
      hint: 'Check its owner and mode.',
    },
  );
}
