import { expect, it } from 'vitest';
import type { Image, Layer } from '../oci/index.ts';
import { type LayerFiles, makeImage, makeLayer } from '../testing/layered-image.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { readFiles } from './read-files.ts';
import { readImage } from './read-image.ts';
import { ImageView } from './view.ts';

/** Layers that count how often they are opened. */
function counted(files: readonly LayerFiles[]): { image: Image; opened: number[] } {
  const opened = files.map(() => 0);
  const layers = files.map((some, index): Layer => {
    const layer = makeLayer(some);
    const { blob } = layer;
    const open = (): AsyncIterable<Uint8Array> => {
      opened[index] = (opened[index] ?? 0) + 1;
      return blob.open();
    };
    return { ...layer, blob: { ...blob, open } };
  });
  return { image: makeImage(layers), opened };
}

async function viewOf(image: Image): Promise<ImageView> {
  return new ImageView(await readImage(image, { readers: [], version: 0 }));
}

async function read(view: ImageView, ...paths: string[]): Promise<Record<string, string>> {
  const { tree, contents } = view;
  const ids = paths.map((path) => tree.contentOf(tree.find(path) ?? -1) ?? -1);
  const found = await readFiles(contents, tree, ids);
  return Object.fromEntries(
    paths.map((path, index) => [path, Buffer.from(found.get(ids[index] ?? -1) ?? 'absent').toString()]),
  );
}

const FILES: readonly LayerFiles[] = [
  { a: 'first a', b: 'b', empty: '', 'x/link': '-> ../a', hard: { type: 'hardlink', linkName: 'b' } },
  { a: 'second a', c: 'c' },
  { d: Buffer.alloc(300_000, 'd'), last: '' },
];

it('reads files of several layers, each layer once', async () => {
  const { image, opened } = counted(FILES);
  const view = await viewOf(image);
  expect(await read(view, 'a', 'b', 'hard', 'empty', 'last')).toEqual({
    a: 'second a',
    b: 'b',
    hard: 'b',
    empty: '',
    last: '',
  });
  expect((await read(view, 'd'))['d']).toBe('d'.repeat(300_000));
  expect(opened).toEqual([2, 2, 3]);
});

it('reads no layer without a wanted file', async () => {
  const { image, opened } = counted(FILES);
  const view = await viewOf(image);
  expect(await read(view)).toEqual({});
  expect(await read(view, 'c')).toEqual({ c: 'c' });
  expect(opened).toEqual([1, 2, 1]);
});

it.each([
  ['other contents', { a: 'x' }, /a of layer 1 of the image is not what it was/],
  ['fewer files', {}, /a is not in layer 1 of the image any more/],
])('refuses a layer that has %s the second time', async (_, files, message) => {
  const layer = makeLayer({ a: 'a' });
  const other = makeLayer(files);
  let isFirst = true;
  const open = (): AsyncIterable<Uint8Array> => {
    const { blob } = isFirst ? layer : other;
    isFirst = false;
    return blob.open();
  };
  const view = await viewOf(makeImage([{ ...layer, blob: { ...layer.blob, open } }]));
  const error = await rejectionOf(read(view, 'a'));
  expect(error.code).toBe('IMAGE_INVALID');
  expect(error.message).toMatch(message);
});

it('stops when it is told to', async () => {
  const { contents, tree } = await viewOf(counted(FILES).image);
  const error = await rejectionOf(readFiles(contents, tree, [tree.find('a') ?? 0], AbortSignal.abort()));
  expect(error.code).toBe('INTERRUPTED');
});
