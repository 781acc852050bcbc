import { constants } from 'node:fs';
import { access, chmod, copyFile, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { Digester, PithError } from '../../core/index.ts';
import type { Blob } from '../../oci/index.ts';
import { checkDigester, verified } from '../blobs.ts';
import { writeDurably } from '../files.ts';

const BUFFER_SIZE = 1 << 20;

/**
 * Writes a blob under a temporary name, verifies it, syncs it and gives it its final name. A blob that is a file
 * already is cloned where the file system can (the bytes are then shared), and the copy is what is verified.
 */
export async function writeBlob(blob: Blob, temporary: string, target: string): Promise<void> {
  if (blob.path === undefined) {
    await writeDurably(temporary, target, verified(blob));
    return;
  }
  try {
    await copy(blob, blob.path, temporary);
    await chmod(temporary, 0o644);
    const file = await open(temporary, 'r+');
    try {
      checkDigester(blob, await digestFile(file, blob.size));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function copy(blob: Blob, path: string, temporary: string): Promise<void> {
  try {
    await copyFile(path, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  } catch (error) {
    const readable = await access(path, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (readable) throw error;
    throw new PithError('CACHE_CORRUPT', `the cached blob ${blob.digest} is gone or cannot be read`, {
      path,
      cause: error,
      hint: 'Run the command again: what is missing in the cache is made anew.',
    });
  }
}

async function digestFile(file: FileHandle, limit: number): Promise<Digester> {
  const digester = new Digester();
  const buffer = Buffer.allocUnsafe(Math.min(BUFFER_SIZE, limit + 1));
  while (digester.size <= limit) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, digester.size);
    if (bytesRead === 0) break;
    digester.update(buffer.subarray(0, bytesRead));
  }
  return digester;
}
