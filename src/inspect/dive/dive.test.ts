import { describe, expect, it } from 'vitest';
import { viewOf } from '../../testing/inspected.ts';
import type { LayerFiles } from '../../testing/layered-image.ts';
import { exportForDive } from './export.ts';
import { measureDive } from './measure.ts';

const of = (size: number): string => 'x'.repeat(size);
const OPAQUE = { content: '', mode: 0o755 };

/** An image that buildah 1.28 made of these changes, in the words of its layers. */
const REAL: readonly LayerFiles[] = [
  {
    empty: 'folder',
    etc: 'folder',
    'etc/conf': of(6),
    'etc/other': of(6),
    'etc/removed': of(4),
    usr: 'folder',
    'usr/bin': 'folder',
    'usr/bin/t3': '-> tool',
    'usr/bin/tool': { content: of(5000), mode: 0o4755 },
    'usr/bin/tool2': { type: 'hardlink', linkName: 'usr/bin/tool', mode: 0o4755 },
    'usr/share': 'folder',
    'usr/share/doc': 'folder',
    'usr/share/doc/a': 'folder',
    'usr/share/doc/a/one': of(3000),
    'usr/share/doc/a/two': of(2000),
    'usr/share/doc/b': 'folder',
    'usr/share/doc/b/three': of(100),
    'usr/share/doc/c': 'folder',
    var: 'folder',
    'var/cache': 'folder',
    'var/cache/x': 'folder',
    'var/cache/x/big': of(9000),
    'var/cache/x/y': 'folder',
    'var/cache/x/y/small': of(700),
  },
  {
    '.wh.empty': '',
    etc: 'folder',
    'etc/conf': of(12),
    'etc/other': { content: of(6), mode: 0o600 },
    'etc/.wh.removed': '',
    usr: 'folder',
    'usr/share': 'folder',
    'usr/share/doc': 'folder',
    'usr/share/doc/.wh.a': '',
    var: 'folder',
    'var/cache': 'folder',
    'var/cache/x': 'folder',
    'var/cache/x/.wh..wh..opq': OPAQUE,
    'var/cache/x/new': of(50),
  },
  {
    etc: 'folder',
    'etc/conf': of(6),
    'etc/removed': of(5),
    usr: 'folder',
    'usr/bin': 'folder',
    'usr/bin/.wh.tool2': '',
    'usr/share': 'folder',
    'usr/share/doc': 'folder',
    'usr/share/doc/.wh..wh..opq': OPAQUE,
    'usr/share/doc/a': 'folder',
    'usr/share/doc/a/one': of(2),
    var: 'folder',
    'var/cache': 'folder',
    'var/cache/.wh.x': '',
  },
];

describe('the figures of dive', () => {
  it('are those that dive 0.13.1 says of the same image', async () => {
    const { contents } = await viewOf(REAL);
    const figures = measureDive(contents.layers);
    expect(figures).toMatchObject({
      sizeBytes: 19897,
      userSizeBytes: 81,
      inefficientBytes: 3047,
      efficiencyScore: 0.912459953242705,
    });
    expect(figures.inefficientFiles.map(({ count, bytes, path }) => [count, bytes, path])).toEqual([
      [2, 3002, '/usr/share/doc/a/one'],
      [3, 24, '/etc/conf'],
      [2, 12, '/etc/other'],
      [3, 9, '/etc/removed'],
      [2, 0, '/empty'],
      [2, 0, '/usr/bin/tool2'],
    ]);
  });

  it.each<[string, readonly LayerFiles[], number, number]>([
    ['one layer wastes nothing', [{ a: of(10), b: of(5) }], 0, 1],
    ['nothing at all', [{ a: 'folder' }], 0, 1],
    ['a file that is replaced counts with both copies', [{ a: of(10) }, { a: of(30) }], 40, 10 / 40],
    [
      'a file that is removed counts, and its removal is a copy of nothing',
      [{ a: of(10) }, { '.wh.a': '' }],
      10,
      0,
    ],
    ['a folder that is removed is one copy', [{ d: 'folder', 'd/a': of(10) }, { '.wh.d': '' }], 0, 1],
    ['but not one that only the paths in it name', [{ 'd/a': of(10), b: of(1) }, { '.wh.d': '' }], 0, 1],
    [
      'a folder that is removed twice counts what was in it each time',
      [{ d: 'folder', 'd/a': of(10) }, { '.wh.d': '' }, { d: 'folder', 'd/b': of(6) }, { '.wh.d': '' }],
      16,
      (10 + 6 + 6) / (10 + 10 + 6 + 6),
    ],
    [
      'what an opaque folder hides is not seen',
      [{ 'd/a': of(10) }, { 'd/.wh..wh..opq': '', 'd/b': of(1) }],
      0,
      1,
    ],
  ])('%s', async (_, layers, bytes, score) => {
    const { contents } = await viewOf(layers);
    const { inefficientBytes, efficiencyScore } = measureDive(contents.layers);
    expect([inefficientBytes, efficiencyScore]).toEqual([bytes, score]);
  });

  it('have no share of the user where there is one layer', async () => {
    const one = await viewOf([{ a: of(10) }]);
    expect(measureDive(one.contents.layers).wastedUserPercent).toBeUndefined();
    const two = await viewOf([{ a: of(10) }, { a: of(30) }]);
    expect(measureDive(two.contents.layers).wastedUserPercent).toBe(40 / 30);
  });
});

describe("dive's form of JSON", () => {
  interface Exported {
    layer: {
      index: number;
      digestId: string;
      command: string;
      sizeBytes: number;
      fileList: { path: string }[];
    }[];
    image: Record<string, unknown>;
  }

  it('has the layers with their files, what is in a folder before it', async () => {
    const view = await viewOf(REAL, {
      history: [
        { created_by: '/bin/sh -c make' },
        { created_by: 'ENV A=b', empty_layer: true },
        { created_by: 'COPY . /' },
        {},
      ],
    });
    const { layer, image } = JSON.parse([...exportForDive(view.contents)].join('')) as Exported;
    expect(layer.map(({ command, sizeBytes }) => [command, sizeBytes])).toEqual([
      ['make', 19816],
      ['COPY . /', 68],
      ['', 13],
    ]);
    expect(layer[0]?.digestId).toBe(view.image.layers[0]?.diffId);
    expect(layer[1]?.fileList.map(({ path }) => path)).toEqual([
      '.wh.empty',
      'etc/.wh.removed',
      'etc/conf',
      'etc/other',
      'etc',
      'usr/share/doc/.wh.a',
      'usr/share/doc',
      'usr/share',
      'usr',
      'var/cache/x/new',
      'var/cache/x',
      'var/cache',
      'var',
    ]);
    expect(layer[0]?.fileList).toContainEqual({
      path: 'usr/bin/tool',
      typeFlag: 48,
      linkName: '',
      size: 5000,
      fileMode: 8389101,
      uid: 0,
      gid: 0,
      isDir: false,
    });
    expect(layer[0]?.fileList[0]).toMatchObject({
      path: 'empty',
      typeFlag: 53,
      fileMode: 2147484141,
      isDir: true,
    });
    expect(image).toMatchObject({ sizeBytes: 19897, inefficientBytes: 3047 });
  });

  it('has folders without an entry without values, and names that are not UTF-8 as Go writes them', async () => {
    const view = await viewOf([{ 'a/b/\udce9': 'x' }]);
    const { layer } = JSON.parse([...exportForDive(view.contents)].join('')) as Exported;
    expect(layer[0]?.fileList.map(({ path }) => path)).toEqual(['a/b/\ufffd', '', '']);
  });
});
