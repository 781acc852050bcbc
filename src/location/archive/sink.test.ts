import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { context, inTemporaryFolder, tarOf } from '../fixtures.ts';
import { openSink, parseLocation } from '../index.ts';
import { image } from './fixtures.ts';

describe('an archive that is written', () => {
  it('has the same bytes every time, with nothing of the machine in it', () =>
    inTemporaryFolder(async (folder) => {
      for (const kind of ['oci-archive', 'docker-archive']) {
        const [one, two] = [join(folder, `${kind}.1`), join(folder, `${kind}.2`)];
        for (const path of [one, two])
          await openSink(parseLocation(`${kind}:${path}`), context).write([
            { names: ['x:1'], artifact: image },
          ]);
        expect(await readFile(one)).toEqual(await readFile(two));
      }
    }));

  it('removes what dead writers left, and nothing of the living', () =>
    inTemporaryFolder(async (folder) => {
      const prefix = join(folder, `.pith-${context.writer.host}-`);
      await writeFile(`${prefix}4194305-01234567`, 'dead');
      await writeFile(`${prefix}${process.pid}-01234567`, 'alive');
      await writeFile(`${prefix}4194305-other`, 'not ours');
      await openSink(parseLocation(`oci-archive:${folder}/out`), context).write([
        { names: ['x:1'], artifact: image },
      ]);
      const exists = (path: string): Promise<boolean> =>
        stat(path).then(
          () => true,
          () => false,
        );
      expect(
        await Promise.all(
          [`${prefix}4194305-01234567`, `${prefix}${process.pid}-01234567`, `${prefix}4194305-other`].map(
            exists,
          ),
        ),
      ).toEqual([false, true, true]);
    }));

  it('replaces an archive of images, but no other archive', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'out.tar');
      const write = (kind: string): Promise<unknown> =>
        openSink(parseLocation(`${kind}:${path}`), context).write([{ names: ['x:1'], artifact: image }]);
      await write('oci-archive');
      await write('docker-archive');
      await truncate(path, 1024);
      await write('oci-archive');
      await writeFile(path, tarOf([['precious', 'data']]));
      await expect(write('oci-archive')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS', path });
      expect(await readFile(path)).toEqual(tarOf([['precious', 'data']]));
    }));
});
