import { describe, expect, it } from 'vitest';
import { testPage } from '../../../src/testing/page.ts';
import { finish, loadTree } from '../testing.ts';
import { folderSource } from './folders.ts';
import { groupSource } from './groups.ts';
import { cellAt, layoutMap } from './layout.ts';
import type { MapItem, MapSource } from './source.ts';

const tree = loadTree(testPage({ files: 3000 }));
const sources: readonly (readonly [string, MapSource])[] = [
  ['folders', folderSource(tree, tree.bytes)],
  [
    'layers and packages',
    finish(
      groupSource(tree, tree.sizes, [
        { groups: tree.layers, label: (group) => `layer ${group}` },
        { groups: tree.packages, label: (group) => `package ${group}` },
      ]),
    ),
  ],
];

describe.each(sources)('a map of %s', (_name, source) => {
  it('loses no byte at any level, whatever is too small to tell apart', () => {
    const check = (item: MapItem, depth: number): void => {
      for (const least of [0, item.value / 50, item.value * 2]) {
        const children = source.children(item, least);
        expect(children.reduce((sum, { value }) => sum + value, 0)).toBe(item.value);
        expect(new Set(children.map(({ key }) => key)).size).toBe(children.length);
      }
      if (depth < 3)
        for (const child of source.children(item, 0)) if (child.isFolder) check(child, depth + 1);
    };
    expect(source.root.value).toBe(tree.bytes[0]);
    check(source.root, 0);
  });

  it('lays each cell into the one that it is in', () => {
    const cells = layoutMap(source, source.root, 800, 500);
    expect(cells.length).toBeGreaterThan(50);
    expect(cells.length).toBeLessThan(4500);
    for (const cell of cells) {
      const middle = cellAt(cells, cell.x + cell.width / 2, cell.y + cell.height / 2);
      if (!cell.isOpen) expect(middle?.item.key).toBe(cell.item.key);
      expect(cell.x).toBeGreaterThanOrEqual(-0.001);
      expect(cell.x + cell.width).toBeLessThanOrEqual(800.001);
    }
    expect(cellAt(cells, -5, 5)).toBeUndefined();
  });
});

it('folders with one folder in them are one item', () => {
  const [name] = folderSource(tree, tree.bytes)
    .children(folderSource(tree, tree.bytes).root, 0)
    .flatMap(({ label }) => (label.startsWith('var') ? [label] : []));
  expect(name).toBe('var/lib/dpkg/status.d');
});
