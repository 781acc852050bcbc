import { mapConcurrent } from '../../core/index.ts';
import type { ReadFile } from '../digest-memory.ts';
import type { FileToRead } from '../disk-facts.ts';
import type { Pool } from '../pool.ts';

/** So many files or bytes are worth the start of threads. */
const MANY = 2000;
const MUCH = 32 << 20;
/** Files and bytes that go to one worker at once. */
const BATCH = 500;
const LARGE = 8 << 20;
/** Batches under way: no worker waits for its next one. */
const AT_ONCE = 16;

/** Whether files are worth the start of threads. */
export function isMuch(files: readonly FileToRead[]): boolean {
  return files.length >= MANY || files.reduce((sum, { size }) => sum + size, 0) >= MUCH;
}

/**
 * Reads files for their digests on all processors.
 * @returns in the order of the files
 * @throws PithError as readSource
 */
export async function readMany(files: readonly FileToRead[], pool: Pool): Promise<ReadFile[]> {
  const found = await mapConcurrent(batchesOf(files), AT_ONCE, (batch) => pool.read(batch));
  return found.flat();
}

function batchesOf(files: readonly FileToRead[]): FileToRead[][] {
  const batches: FileToRead[][] = [];
  let batch: FileToRead[] = [];
  let size = 0;
  for (const file of files) {
    if (batch.length === 0) batches.push(batch);
    batch.push(file);
    size += file.size;
    if (batch.length < BATCH && size < LARGE) continue;
    batch = [];
    size = 0;
  }
  return batches;
}
