import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../core/index.ts';
import { blobOfBytes, type Layer } from '../oci/index.ts';
import { makeTar } from '../testing/deb.ts';
import { makeImage, makeLayer } from '../testing/layered-image.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { decodeLayer, encodeLayer } from './encode-layer.ts';
import type { FileReader } from './model.ts';
import { readImage, type LayerMemory } from './read-image.ts';
import { readLayer } from './read-layer.ts';

const what = 'layer 1 of the image';

/** Says how many bytes a script has. */
const scripts: FileReader = {
  open: (_, head) => {
    if (head[0] !== 0x23) return undefined;
    let size = 0;
    return {
      write: (piece) => (size += piece.length),
      finish: () => [{ kind: 'script', interpreter: String(size) }],
    };
  },
};

function layerOf(tar: Uint8Array, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): Layer {
  const bytes = mediaType.endsWith('gzip') ? gzipSync(tar) : tar;
  const blob = blobOfBytes(bytes);
  return { descriptor: { mediaType, digest: blob.digest, size: blob.size }, diffId: digestOf(tar), blob };
}

describe('a layer', () => {
  const content = `#!${'x'.repeat(300_000)}`;
  const layer = makeLayer({
    a: 'folder',
    'a/run': { content, mode: 0o4755, uid: 7, gid: 8 },
    'a/link': '-> run',
    './/a/./b/../odd': 'x',
    '../../out': 'y',
  });

  it('is told entry by entry, with digests of contents and of the whole', async () => {
    const read = await readLayer(layer, { readers: [], what });
    expect(read.diffId).toBe(layer.diffId);
    const entries = Array.from({ length: read.entries.length }, (_, at) => read.entries.get(at));
    expect(entries.map(({ path, type }) => [path, type])).toEqual([
      ['a', 'directory'],
      ['a/run', 'file'],
      ['a/link', 'symlink'],
      ['a/odd', 'file'],
      ['out', 'file'],
    ]);
    expect(entries[1]).toMatchObject({
      mode: 0o4755,
      uid: 7,
      gid: 8,
      size: content.length,
      digest: digestOf(content),
    });
    expect(entries[2]?.linkName).toBe('run');
    expect(read.entries.md5Hex(3)).toBe('9dd4e461268c8034f5c8564e155c67a6');
  });

  it('shows each file to the readers that want it, whole', async () => {
    const read = await readLayer(layer, { readers: [scripts], what });
    expect([...read.facts]).toEqual([[1, [{ kind: 'script', interpreter: String(content.length) }]]]);
  });

  it('comes back from its bytes as it was', async () => {
    const read = await readLayer(layer, { readers: [scripts], what });
    expect(decodeLayer(encodeLayer(read))).toEqual(read);
    const bytes = encodeLayer(read);
    for (const size of [0, 4, 8, bytes.length - 8])
      expect(decodeLayer(bytes.subarray(0, size))).toBeUndefined();
  });

  it.each([
    ['is encrypted', 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted'],
    ['which is no layer of files', 'application/vnd.example.thing'],
    ['which is no layer of files', 'application/vnd.in-toto+json'],
  ])('%s: %s', async (message, mediaType) => {
    const error = await rejectionOf(readLayer(layerOf(makeTar([]), mediaType), { readers: [], what }));
    expect(error).toMatchObject({ code: 'IMAGE_INVALID' });
    expect(error.message).toContain(message);
    expect(error.message).toContain(mediaType);
  });

  it.each([
    ['text', Buffer.from('this is not a tar archive'.repeat(100))],
    ['an archive that is cut', makeTar([{ path: 'a', content: 'x'.repeat(5000) }]).subarray(0, 2000)],
  ])('that is %s fails', async (_, bytes) => {
    expect(await rejectionOf(readLayer(layerOf(bytes), { readers: [], what }))).toMatchObject({
      code: 'ARCHIVE_INVALID',
    });
  });

  it('of a path that no system takes fails', async () => {
    const tar = makeTar([{ path: `${'a/'.repeat(2100)}b`, content: '' }]);
    expect(await rejectionOf(readLayer(layerOf(tar), { readers: [], what }))).toMatchObject({
      code: 'ARCHIVE_UNSAFE',
    });
  });

  it('that unpacks to a thousand times its size is a bomb', async () => {
    const tar = makeTar([{ path: 'zeros', content: Buffer.alloc(200 << 20) }]);
    const small = layerOf(tar);
    const lying = { ...small, blob: { ...small.blob, size: 1000 } };
    expect(await rejectionOf(readLayer(lying, { readers: [], what }))).toMatchObject({
      code: 'ARCHIVE_TOO_LARGE',
    });
  });
});

describe('an image', () => {
  it('is read layer by layer, equal ones once, known ones not again', async () => {
    const opened: string[] = [];
    const watch = (layer: Layer): Layer => ({
      ...layer,
      blob: { ...layer.blob, open: () => (opened.push(layer.blob.digest), layer.blob.open()) },
    });
    const [a, b] = [makeLayer({ a: '1' }), makeLayer({ b: '2' })].map(watch);
    if (!a || !b) throw new Error('no layers');
    const known = new Map<string, Buffer>();
    const memory: LayerMemory = {
      read: (key) => Promise.resolve(known.get(key)),
      write: (key, bytes) => Promise.resolve(void known.set(key, bytes)),
    };
    const reading = { readers: [], version: 1, memory };
    const image = { ...makeImage([a, b, a]), layers: [a, b, a] };
    const first = await readImage(image, reading);
    expect(first.layers.map(({ entries }) => entries.path(0))).toEqual(['a', 'b', 'a']);
    expect(opened.sort()).toEqual([a.blob.digest, b.blob.digest].sort());
    expect(await readImage(image, reading)).toEqual(first);
    expect(opened).toHaveLength(2);
    await readImage(image, { ...reading, version: 2 });
    expect(opened).toHaveLength(4);
  });

  it('tells how far it is', async () => {
    const layers = [makeLayer({ a: '1' }), makeLayer({ b: '2' })];
    const told: { layers: number; bytes: number }[] = [];
    await readImage(makeImage(layers), { readers: [], version: 1, onProgress: (at) => told.push(at) });
    expect(told.at(-1)).toEqual({ layers: 2, bytes: layers.reduce((sum, { blob }) => sum + blob.size, 0) });
  });
});
