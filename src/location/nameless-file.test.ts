import { open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { collect, inTemporaryFolder, tarOf } from './fixtures.ts';
import { NamelessFile } from './nameless-file.ts';

const archive = tarOf([
  ['a', 'content of a'],
  ['large', Buffer.alloc(3_000_000, 'x')],
]);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A file that holds the archive, and what the folder held while it was written. */
async function create(folder: string): Promise<{ file: NamelessFile; seen: readonly string[] }> {
  let seen: readonly string[] = ['nothing'];
  const content = async function* (): AsyncGenerator<Uint8Array> {
    seen = await readdir(folder);
    yield archive;
  };
  const file = await NamelessFile.create(content(), join(folder, 'file'));
  return { file, seen };
}

/** What the descriptors of this process that lead into a folder stand for. */
async function openIn(folder: string): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((name) =>
    readlink(`/proc/self/fd/${name}`).catch(() => ''),
  );
  return (await Promise.all(links)).filter((target) => target.startsWith(folder));
}

describe.skipIf(process.platform !== 'linux')('a temporary file without a name', () => {
  it('is in no folder, not even while it is written, and can be read', () =>
    inTemporaryFolder(async (folder) => {
      const { file, seen } = await create(folder);
      expect([seen, await readdir(folder)]).toEqual([[], []]);
      const tree = await file.tree('x');
      expect((await collect(tree.open('a'))).toString()).toBe('content of a');
      expect(await collect(tree.open('large'))).toHaveLength(3_000_000);
    }));

  it('is closed at once where it cannot be written', () =>
    inTemporaryFolder(async (folder) => {
      const content = async function* (): AsyncGenerator<Uint8Array> {
        yield archive;
        await Promise.reject(new Error('no'));
      };
      const failing = NamelessFile.create(content(), join(folder, 'file'));
      await expect(failing).rejects.toThrow('no');
      expect(await openIn(folder)).toEqual([]);
    }));

  it('never takes the place of a file', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'file');
      await (await open(path, 'w')).close();
      const creating = NamelessFile.create(Readable.from([archive]), path);
      await expect(creating).rejects.toMatchObject({ code: 'OUTPUT_FAILED', path });
      expect(await readdir(folder)).toEqual(['file']);
    }));

  it('stays open while something of it is read', () =>
    inTemporaryFolder(async (folder) => {
      const content = await (async () => (await (await create(folder)).file.tree('x')).open('large'))();
      const reading = content[Symbol.asyncIterator]();
      let length = 0;
      for (let next = await reading.next(); next.done !== true; next = await reading.next()) {
        length += next.value.length;
        collectGarbage();
        await setImmediate();
      }
      expect(length).toBe(3_000_000);
    }));

  it('is closed when nothing can read it any more', () =>
    inTemporaryFolder(async (folder) => {
      await (async () => {
        await (await create(folder)).file.tree('x');
        expect(await openIn(folder)).toHaveLength(1);
      })();
      while ((await openIn(folder)).length > 0) {
        collectGarbage();
        await setImmediate();
      }
    }));
});
