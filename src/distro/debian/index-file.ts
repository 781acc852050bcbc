import { open } from 'node:fs/promises';
import { decompress, type Compression } from '../../archive/index.ts';
import { buildIndex } from './package-index.ts';

const READ_SIZE = 256 * 1024;

/**
 * Builds the index of a Packages file on disk whose digest has been verified; the first bytes tell its compression.
 *
 * @throws PithError as `buildIndex`, and ARCHIVE_INVALID
 */
export async function buildIndexOfFile(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0);
    const stream = file.createReadStream({ start: 0, highWaterMark: READ_SIZE, autoClose: false });
    return await buildIndex(
      decompress(compressionOf(buffer.subarray(0, bytesRead)), stream, 'the package index'),
    );
  } finally {
    await file.close();
  }
}

/** Magic numbers: RFC 1952, 2.3.1, and the .xz file format, 2.1.1.1. */
function compressionOf(start: Uint8Array): Compression {
  const hex = Buffer.from(start).toString('hex');
  if (hex === 'fd377a585a00') return 'xz';
  return hex.startsWith('1f8b') ? 'gzip' : 'none';
}
