import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { makeElf } from '../../testing/elf.ts';
import { rejectionOf } from '../../testing/thrown.ts';
import type { FileToRead } from '../disk-facts.ts';
import { Pool } from '../pool.ts';
import { isMuch, readMany } from './read-many.ts';

const WORKER = pathToFileURL(fileURLToPath(new URL('../../../dist/worker.js', import.meta.url)));
const COUNT = 1203;
const LARGE = Buffer.alloc((3 << 20) + 1, 'large');

let folder: string;
let files: FileToRead[];
const contents = new Map<number, string | Buffer>([
  [0, ''],
  [5, LARGE],
  [700, makeElf({ soname: 'lib.so.1' })],
]);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-read-many-'));
  files = Array.from({ length: COUNT }, (_, index) => {
    const path = join(folder, `${index}`);
    const content = contentOf(index);
    writeFileSync(path, content);
    return { source: { path, name: `${index}` }, size: Buffer.byteLength(content) };
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function contentOf(index: number): string | Buffer {
  return contents.get(index) ?? `content ${index}`;
}

describe('very many files', () => {
  it.each([1, 2, 3])('are read by a pool of %i, and stay in their order', async (size) => {
    const pool = new Pool(WORKER, size);
    const found = await readMany(files, pool);
    await pool.close();
    expect(found.map(({ digest }) => digest)).toEqual(files.map((_, index) => digestOf(contentOf(index))));
    expect(found.flatMap(({ elf }, index) => (elf ? [[index, elf.soname]] : []))).toEqual([
      [700, 'lib.so.1'],
    ]);
  });

  it('are none if one of them has changed', async () => {
    const pool = new Pool(WORKER, 2);
    appendFileSync(join(folder, '900'), 'x');
    const error = await rejectionOf(readMany(files, pool));
    await pool.close();
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID', message: '900 changed while it was read' });
  });

  it.each([
    [1, 1, false],
    [5000, 1, true],
    [1, 100 << 20, true],
  ])('are worth threads: %i files of %i bytes: %s', (count, size, isWorth) => {
    const one = { source: { path: '/a', name: 'a' }, size };
    expect(isMuch(Array.from({ length: count }, () => one))).toBe(isWorth);
  });
});
