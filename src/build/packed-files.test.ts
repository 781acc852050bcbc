import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import type { DiskFile } from './disk-segment.ts';
import { packFiles, unpackFiles } from './packed-files.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const number = fc.nat();
const base = { mode: number, uid: number, gid: number, mtime: number };
const fixed = { deviceMajor: fc.constant(0), deviceMinor: fc.constant(0) };
const member = fc.record({
  start: number,
  size: number,
  compressedSize: number,
  isDeflated: fc.boolean(),
  crc32: number,
});

const regular: fc.Arbitrary<DiskFile> = fc.record({
  file: fc.record({
    path: text,
    type: fc.constant('file' as const),
    size: number,
    linkName: fc.constant(''),
    digest: text.map(digestOf),
    ...base,
    ...fixed,
  }),
  source: fc.oneof(
    fc.record({ path: fc.string({ minLength: 1 }), name: text }),
    fc.record({ path: fc.string({ minLength: 1 }), name: text, member }),
  ),
});
const other: fc.Arbitrary<DiskFile> = fc.record({
  file: fc.record({
    path: text,
    type: fc.constantFrom('directory' as const, 'symlink' as const, 'hardlink' as const),
    size: fc.constant(0),
    linkName: text,
    ...base,
    ...fixed,
  }),
});

describe('files on their way to another thread', () => {
  it('are the same there, whatever their names hold', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(regular, other)), (files) => {
        expect([...unpackFiles(structuredClone(packFiles(files)))]).toEqual(files);
      }),
    );
  });

  it('match no content if they have no digest', () => {
    const file = {
      path: 'a',
      type: 'file',
      mode: 0,
      uid: 0,
      gid: 0,
      size: 0,
      mtime: 0,
      linkName: '',
    } as const;
    const wanted = { file: { ...file, deviceMajor: 0, deviceMinor: 0 }, source: { path: '/a', name: 'a' } };
    const [found] = unpackFiles(packFiles([wanted]));
    expect(found?.file.digest).toBe(`sha256:${'0'.repeat(64)}`);
  });
});
