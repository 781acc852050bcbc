import type { Fact } from './facts.ts';
import type { FileScanner } from './model.ts';

const FIRST_SIZE = 16 << 10;

/**
 * Collects a file and has all of it read at its end.
 * @param limit bytes; of a larger file nothing is kept and nothing is said
 * @param read what the content says; whatever it throws means that the content says nothing. The bytes are its own to keep.
 */
export function wholeFile(
  limit: number,
  read: (bytes: Buffer) => readonly Fact[] | Promise<readonly Fact[]>,
): FileScanner {
  let buffer: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    write(piece) {
      const end = size + piece.length;
      if (end > buffer.length && size <= limit) buffer = grown(buffer, size, end, limit);
      if (end <= limit) buffer.set(piece, size);
      size = end;
    },
    async finish() {
      if (size > limit) return [];
      try {
        return await read(buffer.subarray(0, size));
      } catch {
        return [];
      }
    },
  };
}

/** Twice as large, so that a file is copied once on average; empty for what turns out to be too large. */
function grown(buffer: Buffer, size: number, end: number, limit: number): Buffer {
  if (end > limit) return Buffer.alloc(0);
  const larger = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(end, buffer.length * 2, FIRST_SIZE)));
  buffer.copy(larger, 0, 0, size);
  return larger;
}
