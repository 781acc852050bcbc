import type { Fact } from '../facts.ts';
import type { FileEntry, FileReader } from '../model.ts';

/** What a reader finds in a file that comes in pieces of so many bytes. */
export async function readFacts(
  reader: FileReader,
  path: string,
  content: string | Uint8Array,
  { pieces = 1 << 16, mode = 0o644 }: { readonly pieces?: number; readonly mode?: number } = {},
): Promise<readonly Fact[]> {
  const bytes = Buffer.from(content);
  const file: FileEntry = {
    path,
    type: 'file',
    mode,
    uid: 0,
    gid: 0,
    size: bytes.length,
    mtime: 0,
    linkName: '',
  };
  const scanner = reader.open(file, bytes.subarray(0, 4096));
  if (!scanner) return [];
  for (let at = 0; at < bytes.length; at += pieces)
    scanner.write(Buffer.from(bytes.subarray(at, at + pieces)));
  return scanner.finish();
}
