import { lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ImageView, readImage } from '../../inspect/index.ts';
import { temporaryFolder } from '../../testing/commands.ts';
import { type LayerFiles, makeImage, makeLayer } from '../../testing/layered-image.ts';
import { stateOfFolder } from './folder-state.ts';
import { unpackImage } from './unpack-image.ts';

/** Milliseconds that the clock of a file system may take to go on. */
const CLOCK = 20;

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  await mkdir(join(folder, 'outside'));
});
afterEach(() => remove());

async function unpack(...layers: readonly LayerFiles[]): Promise<string> {
  const root = join(folder, 'root');
  const image = makeImage(layers.map((files) => makeLayer(files)));
  await unpackImage(new ImageView(await readImage(image, { readers: [], version: 0 })), root);
  return root;
}

const modeOf = async (path: string): Promise<string> => ((await lstat(path)).mode & 0o7777).toString(8);

it('unpacks what is left when all layers lie one on the other', async () => {
  const root = await unpack(
    {
      'a/gone': 'x',
      'a/kept': { content: 'old', mode: 0o600 },
      'bin/su': { content: 'su', mode: 0o4755 },
      'bin/link': '-> su',
      'bin/hard': { type: 'hardlink', linkName: 'bin/su' },
      tmp: { type: 'directory', mode: 0o1777 },
      closed: { type: 'directory', mode: 0o000 },
      'dev/sda': { type: 'block', mode: 0o660 },
      empty: '',
    },
    { 'a/.wh.gone': '', 'a/kept': { content: 'new', mode: 0o640 } },
  );
  expect((await readdir(root, { recursive: true })).sort()).toEqual(
    ['a', 'a/kept', 'bin', 'bin/hard', 'bin/link', 'bin/su', 'closed', 'dev', 'empty', 'proc', 'tmp'].sort(),
  );
  expect(await readFile(join(root, 'a/kept'), 'utf8')).toBe('new');
  expect(await readlink(join(root, 'bin/link'))).toBe('su');
  expect((await lstat(join(root, 'bin/hard'))).ino).toBe((await lstat(join(root, 'bin/su'))).ino);
  expect(await modeOf(join(root, 'a/kept'))).toBe('640');
  expect(await modeOf(join(root, 'bin/su'))).toBe('755');
  expect(await modeOf(join(root, 'tmp'))).toBe('1777');
  expect(await modeOf(join(root, 'closed'))).toBe('700');
});

it.each<[string, (outside: string) => LayerFiles[]]>([
  ['a link of a layer below', (outside) => [{ etc: `-> ${outside}` }, { 'etc/file': 'x' }]],
  ['a link of the same layer', (outside) => [{ etc: `-> ${outside}`, 'etc/file': 'x' }]],
  ['a link that climbs', (outside) => [{ etc: `-> ../../../../../../${outside}` }, { 'etc/file': 'x' }]],
  ['a path that climbs', () => [{ '../outside/file': 'x' }]],
  ['an absolute path', (outside) => [{ [`${outside}/file`]: 'x' }]],
  ['a file in place of a link', (outside) => [{ file: `-> ${outside}/file` }, { file: 'x' }]],
  [
    'a hard link to a link',
    (outside) => [{ one: `-> ${outside}/file`, two: { type: 'hardlink', linkName: 'one' } }, { two: 'x' }],
  ],
])('writes nothing through %s', async (_, layersOf) => {
  const outside = join(folder, 'outside');
  await unpack(...layersOf(outside));
  expect(await readdir(outside)).toEqual([]);
});

it('does not look beyond links when it sees whether something changed', async () => {
  const outside = join(folder, 'outside');
  const root = await unpack({ 'a/b': 'x', link: `-> ${outside}`, loop: '-> .' });
  const state = await stateOfFolder(root);
  await sleep(CLOCK);
  await writeFile(join(outside, 'file'), 'x');
  expect(await stateOfFolder(root)).toBe(state);
});

it('sees every change of what was unpacked, and nothing else', async () => {
  const root = await unpack({ 'a/b': 'x' });
  const state = await stateOfFolder(root);
  expect(await stateOfFolder(root)).toBe(state);
  await readFile(join(root, 'a/b'));
  expect(await stateOfFolder(root)).toBe(state);
  for (const change of [
    () => writeFile(join(root, 'a/b'), 'y'),
    () => writeFile(join(root, 'a/c'), ''),
    () => rm(join(root, 'a/c')),
  ]) {
    const before = await stateOfFolder(root);
    await sleep(CLOCK);
    await change();
    expect(await stateOfFolder(root)).not.toBe(before);
  }
});
