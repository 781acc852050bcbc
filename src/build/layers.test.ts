import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END_OF_ARCHIVE, type LayerCompression } from '../archive/index.ts';
import { digestOf } from '../core/index.ts';
import { regularFile, writeFiles } from '../rootfs/index.ts';
import { Store } from '../store/index.ts';
import { groupSegments, isLayerStored, makeLayer, type NamedSegment, openLayer } from './layers.ts';
import { Pool } from './pool.ts';
import { type Segment, Segments } from './segments.ts';

function sized(...sizes: number[]): NamedSegment[] {
  return sizes.map((blobSize, index) => ({
    segment: { blobSize } as Segment,
    level: 'a',
    createdBy: String(index),
  }));
}

const shape = (groups: readonly NamedSegment[][]): string =>
  groups.map((group) => group.map(({ createdBy }) => createdBy).join('')).join(' ');

describe('grouping segments', () => {
  it.each<[number, string]>([
    [9, '0 1 2 3 4'],
    [4, '0 1 2 34'],
    [3, '01 2 34'],
    [2, '01 234'],
    [1, '01234'],
  ])('into at most %s layers joins the smallest neighbours', (limit, expected) => {
    expect(shape(groupSegments(sized(10, 20, 100, 5, 1), limit))).toBe(expected);
  });

  it.each<[number, string]>([
    [4, '0 1 2 34'],
    [3, '0 1 234'],
    [2, '01 234'],
    [1, '01234'],
  ])('into at most %s layers leaves the lower levels as they are, if it can', (limit, expected) => {
    const segments = sized(1, 1, 100, 100, 50).map((one, index) => ({
      ...one,
      level: index < 2 ? 'low' : 'top',
    }));
    expect(shape(groupSegments(segments, limit))).toBe(expected);
  });

  it('keeps every segment and their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (sizes, limit) => {
          const groups = groupSegments(sized(...sizes), limit);
          expect(groups.flat().map(({ createdBy }) => Number(createdBy))).toEqual(
            sizes.map((_size, index) => index),
          );
          expect(groups.length).toBe(Math.min(limit, sizes.length));
        },
      ),
    );
  });
});

describe.each<LayerCompression>(['gzip', 'zstd'])('a layer of several segments (%s)', (compression) => {
  it('is their concatenation, in both forms, without the inner ends of archive', async () => {
    const store = Store.open(mkdtempSync(join(tmpdir(), 'pith-layers-')));
    const segments = new Segments(store, new Pool(new URL('file:///unused'), 1), compression);
    const parts = ['a', 'b', 'c'].map((name) =>
      writeFiles([regularFile(name, name.repeat(2_000_000), 't')], new Set()),
    );
    const made = await Promise.all(parts.map(({ bytes, listing }) => segments.ofBytes(bytes, listing)));
    const record = await makeLayer(
      made.map((segment, index) => ({ segment, level: 'a', createdBy: String(index) })),
      store,
      compression,
    );
    const whole = Buffer.concat([...parts.map(({ bytes }) => bytes), END_OF_ARCHIVE]);
    expect(record.diffId).toBe(digestOf(whole));
    expect(record.unpacked).toBe(whole.length);
    const layer = openLayer(record, store, compression);
    const pieces: Uint8Array[] = [];
    for await (const piece of layer.blob.open()) pieces.push(piece);
    const blob = Buffer.concat(pieces);
    expect(digestOf(blob)).toBe(layer.descriptor.digest);
    expect(blob.length).toBe(layer.descriptor.size);
    if (compression === 'gzip') expect(gunzipSync(blob).equals(whole)).toBe(true);
    expect(isLayerStored(record, store)).toBe(true);
    await store.removeBlob(made[1]?.blob ?? digestOf(''));
    expect(isLayerStored(record, store)).toBe(false);
  });
});
