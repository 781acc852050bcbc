import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFiles } from '../../inspect/index.ts';
import { viewOf } from '../../testing/inspected.ts';
import type { LayerFiles } from '../../testing/layered-image.ts';
import { extract, type Extracted } from './extract.ts';
import { relativeTarget } from './extract-links.ts';

describe('a link in a folder that is extracted', () => {
  it.each<[folder: string, link: string, target: string, made: string | undefined]>([
    ['usr', 'usr/lib/a.so', 'a.so.1', 'a.so.1'],
    ['usr', 'usr/lib/a.so', '../share/x', '../share/x'],
    ['usr', 'usr/lib/a.so', '/usr/share/x', '../share/x'],
    ['usr', 'usr/lib/a.so', '/usr', '..'],
    ['usr', 'usr/a', '.', '.'],
    ['usr', 'usr/a', '/etc/passwd', undefined],
    ['usr', 'usr/a', '../etc/passwd', undefined],
    ['usr', 'usr/a', '../usrx/passwd', undefined],
    ['usr', 'usr/a', '../../../../usr/b', 'b'],
    ['usr/lib', 'usr/lib/a', '../lib/../lib/b', 'b'],
    ['usr/lib', 'usr/lib/a', '..', undefined],
    ['.', 'a', '/etc/x', 'etc/x'],
    ['.', 'b/a', '../../../etc/x', '../etc/x'],
  ])('of %s, %s to %s becomes %j', (folder, link, target, made) => {
    expect(relativeTarget(folder, link, target)).toBe(made);
  });
});

describe('extracting', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pith-extract-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function extractFrom(
    layers: readonly LayerFiles[],
    path: string,
    name: string,
    replaces = false,
  ): Promise<Extracted> {
    const { contents, tree } = await viewOf(layers);
    const id = tree.find(path) ?? -1;
    const read = (ids: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>> =>
      readFiles(contents, tree, ids);
    return await extract({ tree, id, target: join(folder, name), replaces, read });
  }

  /** Everything below the folder; files with their mode, links with their target. */
  function found(): string[] {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => {
        const info = lstatSync(join(folder, path));
        if (info.isSymbolicLink()) return `${path} -> ${readlinkSync(join(folder, path))}`;
        return info.isDirectory() ? `${path}/` : `${path} ${(info.mode & 0o7777).toString(8)}`;
      })
      .sort();
  }

  it('gives a folder with files of several layers and links, without setuid', async () => {
    const layers: LayerFiles[] = [
      {
        'app/a': { content: 'a', mode: 0o4755 },
        'app/gone': 'x',
        'app/deep/b': { content: 'b', mode: 0o600 },
        'app/link': '-> /app/deep/b',
        'app/out': '-> /etc/passwd',
        'app/hard': { type: 'hardlink', linkName: 'app/a' },
        'app/pipe': { type: 'fifo' },
        'etc/passwd': 'root',
      },
      { 'app/.wh.gone': '', 'app/deep/c': { content: 'cc', mode: 0o444 } },
    ];
    expect(await extractFrom(layers, 'app', 'out')).toEqual({ files: 4, bytes: 5, leftOut: 2 });
    expect(found()).toEqual([
      'out/',
      'out/a 755',
      'out/deep/',
      'out/deep/b 600',
      'out/deep/c 644',
      'out/hard 755',
      'out/link -> deep/b',
    ]);
    expect(readFileSync(join(folder, 'out/link'), 'utf8')).toBe('b');
  });

  it('gives what a link leads to', async () => {
    await extractFrom([{ 'usr/lib/a.so.1': 'code', 'a.so': '-> /usr/lib/a.so.1' }], 'a.so', 'a.so');
    expect(readFileSync(join(folder, 'a.so'), 'utf8')).toBe('code');
  });

  it('keeps names that are not UTF-8', async () => {
    await extractFrom([{ 'a/x\udcff': 'x' }], 'a', 'a');
    expect(readdirSync(Buffer.from(join(folder, 'a')), { encoding: 'buffer' })).toEqual([
      Buffer.from([0x78, 0xff]),
    ]);
  });

  it('refuses what is there, unless it is a file and may be replaced', async () => {
    const layers = [{ 'a/b': 'new' }];
    writeFileSync(join(folder, 'b'), 'old');
    mkdirSync(join(folder, 'a'));
    await expect(extractFrom(layers, 'a/b', 'b')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(extractFrom(layers, 'a', 'a', true)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(extractFrom(layers, 'a/b', 'a', true)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(found()).toEqual(['a/', 'b 644']);
    await extractFrom(layers, 'a/b', 'b', true);
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('new');
  });

  it('replaces a link itself, not what it leads to', async () => {
    writeFileSync(join(folder, 'precious'), 'mine');
    symlinkSync('precious', join(folder, 'b'));
    await extractFrom([{ b: 'new' }], 'b', 'b', true);
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('mine');
    expect(lstatSync(join(folder, 'b')).isFile()).toBe(true);
  });

  it.each<[string, LayerFiles[]]>([
    ['a link to a folder, then a file below it', [{ 'a/d': '-> /tmp', 'a/x': 'x' }, { 'a/d/evil': 'evil' }]],
    ['a link out by way of another one', [{ 'a/up': '-> ..', 'a/over': '-> up/../../outside', 'a/x': 'x' }]],
    ['a link to itself', [{ 'a/me': '-> me', 'a/x': 'x' }]],
  ])('never leads out of the folder: %s', async (_, layers) => {
    await extractFrom(layers, 'a', 'made');
    for (const path of readdirSync(join(folder, 'made'))) {
      const place = join(folder, 'made', path);
      if (lstatSync(place).isSymbolicLink()) expect(readlinkSync(place)).not.toMatch(/^\/|\.\./);
    }
    expect(readFileSync(join(folder, 'made/x'), 'utf8')).toBe('x');
    expect(readdirSync(folder)).toEqual(['made']);
  });

  it('leaves nothing behind when it fails', async () => {
    const { tree } = await viewOf([{ 'a/b': 'x' }]);
    const read = (): Promise<never> => Promise.reject(new Error('no'));
    for (const path of ['a', 'a/b'])
      await expect(
        extract({ tree, id: tree.find(path) ?? -1, target: join(folder, 'x'), replaces: false, read }),
      ).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(folder) && statSync(folder).isDirectory()).toBe(true);
  });
});
