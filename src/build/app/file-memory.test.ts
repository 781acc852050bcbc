import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { ElfScanner } from '../../rootfs/index.ts';
import { Store } from '../../store/index.ts';
import { makeElf } from '../../testing/elf.ts';
import type { ReadFile } from '../digest-memory.ts';
import { FileMemory } from './file-memory.ts';

const COUNT = 100;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-file-memory-'));
  for (const key of KEYS) writeFileSync(join(folder, key), key);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const KEYS = Array.from({ length: COUNT }, (_, index) => `file ${index}`);

function memoryOf(ahead = 60, of = folder): FileMemory {
  return new FileMemory(Store.open(join(folder, 'store')), of, Date.now() + ahead * 1000);
}

function elfInfo(): ReadFile['elf'] {
  const bytes = makeElf({ soname: 'lib.so.1' });
  const scanner = new ElfScanner(bytes.length);
  scanner.write(bytes);
  return scanner.finish();
}

function readOf(key: string): ReadFile {
  const elf = key === 'file 7' ? elfInfo() : undefined;
  return { digest: digestOf(key), ...(elf ? { elf } : {}) };
}

/** Reads all files as a run of its own would. @returns those that were not remembered */
async function runWith(memory: FileMemory, keys = KEYS): Promise<string[]> {
  const read: string[] = [];
  for (const key of keys) {
    const state = statSync(join(folder, key));
    const known = memory.recall(key, state);
    if (known) expect(known).toEqual(readOf(key));
    else {
      read.push(key);
      memory.note(key, state, readOf(key));
    }
  }
  await memory.save();
  return read;
}

describe('what was read of the files of a folder', () => {
  it('is known in the next run, in any order, with what else was read of them', async () => {
    expect(await runWith(memoryOf())).toEqual(KEYS);
    expect(await runWith(memoryOf())).toEqual([]);
    expect(await runWith(memoryOf(), [...KEYS].reverse())).toEqual([]);
  });

  it.each<[string, () => void]>([
    [
      'its content',
      () => {
        writeFileSync(join(folder, 'file 3'), 'other');
      },
    ],
    [
      'its content, though its size and time are the same',
      () => {
        const { atime, mtime } = statSync(join(folder, 'file 3'));
        writeFileSync(join(folder, 'file 3'), 'FILE 3');
        utimesSync(join(folder, 'file 3'), atime, mtime);
      },
    ],
    [
      'its time',
      () => {
        utimesSync(join(folder, 'file 3'), 1, 1);
      },
    ],
    [
      'it for another one',
      () => {
        writeFileSync(join(folder, 'other'), 'file 3');
        renameSync(join(folder, 'other'), join(folder, 'file 3'));
      },
    ],
  ])('is not known of a file after a change of %s, but of the others', async (_what, change) => {
    await runWith(memoryOf());
    change();
    expect(await runWith(memoryOf())).toEqual(['file 3']);
  });

  it('is that of the folder', async () => {
    await runWith(memoryOf());
    expect(await runWith(memoryOf(60, join(folder, 'elsewhere')))).toEqual(KEYS);
  });

  it('is not remembered of files that were just written: they may change within the same moment', async () => {
    await runWith(memoryOf(1));
    expect(await runWith(memoryOf(1))).toEqual(KEYS);
  });

  it('is not remembered of a few small files', async () => {
    const few = KEYS.slice(0, 3);
    await runWith(memoryOf(), few);
    expect(await runWith(memoryOf(), few)).toEqual(few);
  });

  it('is forgotten of files that are gone', async () => {
    await runWith(memoryOf());
    utimesSync(join(folder, 'file 0'), 1, 1);
    const more = Array.from({ length: COUNT }, (_, index) => `more ${index}`);
    for (const key of more) writeFileSync(join(folder, key), key);
    await runWith(memoryOf(), more);
    expect(await runWith(memoryOf(), [...KEYS, ...more])).toEqual(KEYS);
  });

  it('is read again if the record is of another release', async () => {
    const store = Store.open(join(folder, 'store'));
    await runWith(memoryOf());
    const [record] = store.list().filter(({ name }) => name.startsWith('disk-files/'));
    const key = record?.name.split('/')[1] ?? '';
    await store.writeRecord('disk-files', key, { version: 0 });
    expect(memoryOf().isKnown).toBe(false);
    expect(await runWith(memoryOf())).toEqual(KEYS);
  });
});
