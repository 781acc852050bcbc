import type { Fact } from '../facts.ts';
import type { FileEntry, FileReader } from '../model.ts';
import type { FoundPackage } from './model.ts';

const HEAD_SIZE = 4096;
const PIECE_SIZE = 1000;

/** What a reader says of a file, which passes by in small pieces that are overwritten afterwards. */
export async function factsOf(
  reader: FileReader,
  path: string,
  content: Uint8Array | string,
): Promise<readonly Fact[]> {
  const bytes = Buffer.from(content);
  const file: FileEntry = {
    path,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes.length,
    mtime: 0,
    linkName: '',
  };
  const scanner = reader.open(file, bytes.subarray(0, HEAD_SIZE));
  if (!scanner) return [];
  const piece = Buffer.alloc(PIECE_SIZE);
  for (let at = 0; at < bytes.length; at += PIECE_SIZE) {
    const length = bytes.copy(piece, 0, at, at + PIECE_SIZE);
    scanner.write(piece.subarray(0, length));
  }
  piece.fill(0);
  return scanner.finish();
}

/** The packages that a reader finds in a file. */
export async function packagesIn(
  reader: FileReader,
  path: string,
  content: Uint8Array | string,
): Promise<readonly FoundPackage[]> {
  const facts = await factsOf(reader, path, content);
  return facts.flatMap((fact) => (fact.kind === 'packages' ? fact.packages : []));
}
