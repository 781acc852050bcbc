import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A pipe in the place of a file must not keep anybody waiting. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Bytes of a regular file.
 * @returns undefined if there is none, if it cannot be read, or if more than `limit` bytes were asked for
 * @param range what is read of it; what lies behind its end is left out
 */
export function readSmall(
  path: string,
  limit: number,
  range?: { readonly start: number; readonly length: number },
): Buffer | undefined {
  try {
    const file = openSync(path, FLAGS);
    try {
      const stat = fstatSync(file);
      const { start, length } = range ?? { start: 0, length: stat.size };
      if (!stat.isFile() || length > limit) return undefined;
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, stat.size - start)));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
