import type { Fact } from '../facts.ts';
import type { FileEntry, FileScanner } from '../model.ts';

/**
 * Has a file read at once, whatever pieces it comes in; one that comes in one piece, as most do, is not copied.
 * @param limit bytes; a larger file is not looked at
 * @param read what the content says; whatever it throws means that the content says nothing. The bytes are not valid after
 * the call.
 */
export function smallFile(
  { size }: Pick<FileEntry, 'size'>,
  limit: number,
  read: (bytes: Buffer) => readonly Fact[],
): FileScanner | undefined {
  if (size > limit) return undefined;
  let facts: readonly Fact[] = [];
  let whole: Buffer | undefined;
  let position = 0;
  const readSafely = (bytes: Buffer): void => {
    try {
      facts = read(bytes);
    } catch {
      facts = [];
    }
  };
  return {
    write(piece) {
      if (position === 0 && piece.length === size) {
        readSafely(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
        position = size;
        return;
      }
      whole ??= Buffer.allocUnsafeSlow(size);
      if (position + piece.length <= size) whole.set(piece, position);
      position += piece.length;
      if (position === size) readSafely(whole);
    },
    finish: () => facts,
  };
}
