import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { type Compression, decompress, limitExpansion } from '../../archive/index.ts';
import { NamelessFile } from '../nameless-file.ts';
import type { FileTree } from '../file-tree.ts';
import { tarTree } from './tar-tree.ts';

/** How files begin (RFC 1952, 2.3.1; RFC 8878, 3.1.1; the .xz file format, 2.1.1.1). */
const MAGIC: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.of(0x1f, 0x8b)],
  ['zstd', Buffer.of(0x28, 0xb5, 0x2f, 0xfd)],
  ['xz', Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)],
];

/** What was unpacked, by file, as long as somebody has it: what says what an archive is and what reads it unpack it once. */
const unpacked = new Map<string, WeakRef<Promise<FileTree>>>();

/**
 * As tarTree, of an archive that may be compressed, as `docker save | gzip` makes it: one that is, is unpacked to a temporary
 * file without a name.
 * @throws as tarTree; ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, DISK_FULL, OUTPUT_FAILED
 */
export async function archiveTree(path: string): Promise<FileTree> {
  const compression = await compressionOf(path);
  if (compression === undefined) return await tarTree(path);
  const { dev, ino, size, mtimeMs } = await stat(path);
  const key = [dev, ino, size, mtimeMs].join(' ');
  const known = unpacked.get(key)?.deref();
  if (known) return await known;
  const tree = unpack(path, compression, size);
  unpacked.set(key, new WeakRef(tree));
  return await tree;
}

async function unpack(path: string, compression: Compression, size: number): Promise<FileTree> {
  const pieces = decompress(compression, createReadStream(path), path);
  const file = await NamelessFile.create(limitExpansion(pieces, size, path));
  return await file.tree(path);
}

/** What a file is compressed with, by how it begins; undefined for what is not there or is no file. */
async function compressionOf(path: string): Promise<Compression | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  const file = await open(path, 'r');
  try {
    const start = Buffer.alloc(8);
    await file.read(start, 0, start.length, 0);
    return MAGIC.find(([, magic]) => start.subarray(0, magic.length).equals(magic))?.[0];
  } finally {
    await file.close();
  }
}
