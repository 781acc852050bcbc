import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { Store } from '../store/index.ts';
import { DigestMemory, type ReadFile } from './digest-memory.ts';

const SIZE = 9 << 20;
const READ: ReadFile = { digest: digestOf('content') };

let folder: string;
let path: string;
let reads: number;
/** Seconds that the clock of the memory is ahead of the files. */
let ahead: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-memory-'));
  path = join(folder, 'large');
  make(path);
  reads = 0;
  ahead = 60;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function make(file: string, content = 'x'): void {
  const handle = openSync(file, 'a+');
  ftruncateSync(handle, 0);
  writeSync(handle, content);
  ftruncateSync(handle, SIZE);
  closeSync(handle);
}

/** Asks as a run of its own would. */
async function recall(size = SIZE, of = path): Promise<ReadFile> {
  const memory = new DigestMemory(Store.open(join(folder, 'store')), () => Date.now() + ahead * 1000);
  return memory.recall(of, size, () => {
    reads++;
    return Promise.resolve(READ);
  });
}

describe('the digest of a large file', () => {
  it('is known in the next run, with what else was read of it', async () => {
    expect(await recall()).toEqual(READ);
    expect(await recall()).toEqual(READ);
    expect(reads).toBe(1);
  });

  it.each<[string, () => void]>([
    [
      'its content',
      () => {
        make(path, 'y');
      },
    ],
    [
      'its content, though its time was set back',
      () => {
        const { atime, mtime } = statSync(path);
        make(path, 'y');
        utimesSync(path, atime, mtime);
      },
    ],
    [
      'its time',
      () => {
        utimesSync(path, 1, 1);
      },
    ],
    [
      'it for another one',
      () => {
        make(join(folder, 'other'));
        renameSync(join(folder, 'other'), path);
      },
    ],
  ])('is not known any more after a change of %s', async (_what, change) => {
    await recall();
    change();
    await recall();
    expect(reads).toBe(2);
  });

  it('is that of the path', async () => {
    make(join(folder, 'other'));
    await recall();
    await recall(SIZE, join(folder, 'other'));
    expect(reads).toBe(2);
  });

  it('is not remembered of a file that was just written: it may change within the same moment', async () => {
    ahead = 1;
    await recall();
    await recall();
    expect(reads).toBe(2);
  });

  it('is not remembered of a small file', async () => {
    await recall(SIZE >> 1);
    await recall(SIZE >> 1);
    expect(reads).toBe(2);
  });

  it('is not remembered if reading failed', async () => {
    const memory = new DigestMemory(Store.open(join(folder, 'store')), () => Date.now() + 60_000);
    await expect(memory.recall(path, SIZE, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await recall()).toEqual(READ);
    expect(reads).toBe(1);
  });
});
