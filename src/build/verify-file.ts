import { createReadStream } from 'node:fs';
import { type Digest, Digester, PithError } from '../core/index.ts';

const READ_SIZE = 1 << 20;

/**
 * Reads a package file again before it is used: one that was good when it was fetched may have been damaged in the
 * cache since.
 * @throws PithError CACHE_CORRUPT
 */
export async function verifyFile(path: string, digest: Digest, what: string): Promise<void> {
  const digester = new Digester();
  for await (const piece of createReadStream(path, { highWaterMark: READ_SIZE }))
    digester.update(piece as Buffer);
  if (digester.digest() === digest) return;
  throw new PithError('CACHE_CORRUPT', `the package ${what} was damaged in the cache`, {
    path,
    hint: 'Run `pith cache verify` to remove what is damaged, then run the command again.',
  });
}
