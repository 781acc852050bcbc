import { readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { context, filesBelow, inTemporaryFolder } from '../fixtures.ts';
import { takeLock } from './lock.ts';

const { writer } = context;
const lockOf = (pid: number, host: string): string => JSON.stringify({ pid, host, id: 'x' });
const DEAD = 2 ** 22 + 1; // over the largest process id of Linux

const inFolder = (work: (lock: string, folder: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder((folder) => work(join(folder, 'lock'), folder));

describe('a lock', () => {
  it('is held by one at a time', () =>
    inFolder(async (path, folder) => {
      let holders = 0;
      let most = 0;
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const lock = await takeLock(path, { writer });
          most = Math.max(most, ++holders);
          await sleep(2);
          await lock.check();
          holders--;
          await lock.release();
        }),
      );
      expect(most).toBe(1);
      expect(await filesBelow(folder)).toEqual([]);
    }));

  it('of a dead process is broken by exactly one of those who wait', () =>
    inFolder(async (path, folder) => {
      await writeFile(path, lockOf(DEAD, hostname()));
      const order: number[] = [];
      await Promise.all(
        [1, 2, 3, 4].map(async (n) => {
          const lock = await takeLock(path, { writer });
          order.push(n);
          await sleep(2);
          await lock.check();
          order.push(n);
          await lock.release();
        }),
      );
      expect(order.filter((_n, i) => i % 2 === 0)).toEqual(order.filter((_n, i) => i % 2 === 1));
      expect(await filesBelow(folder)).toEqual([]);
    }));

  it.each([
    ['another host', lockOf(DEAD, 'elsewhere')],
    ['a process that lives', lockOf(process.pid, hostname())],
    ['nobody that can be told', ''],
  ])('of %s is respected as long as it shows a sign of life, and not longer', (_who, text) =>
    inFolder(async (path) => {
      await writeFile(path, text);
      let taken = false;
      const taking = takeLock(path, { writer }, 300).then((lock) => {
        taken = true;
        return lock;
      });
      for (let i = 1; i <= 10; i++) {
        await sleep(60);
        expect(taken).toBe(false);
        await utimes(path, i, i);
      }
      const lock = await taking;
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
      await lock.release();
    }),
  );

  it('that was taken over is neither trusted nor removed', () =>
    inFolder(async (path) => {
      const lock = await takeLock(path, { writer });
      await writeFile(path, lockOf(1, 'elsewhere'));
      await expect(lock.check()).rejects.toThrow(expect.objectContaining({ code: 'OUTPUT_FAILED' }));
      await lock.release();
      expect(await readFile(path, 'utf8')).toBe(lockOf(1, 'elsewhere'));
    }));
});
