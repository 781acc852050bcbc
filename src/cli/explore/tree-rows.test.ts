import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Entries } from '../../inspect/index.ts';
import { viewOf } from '../../testing/inspected.ts';
import { changeFilter, NO_FILTER, openFiles } from './files-pane.ts';
import { ContentBits } from './content-kinds.ts';
import { type LayerTree, stackLayers } from './layer-tree.ts';
import {
  childrenOf,
  makeRows,
  rowCount,
  rowOf,
  rowsFrom,
  SHOWN,
  SORT_ORDERS,
  type TreeRows,
  withExpanded,
  withFolder,
  withSort,
} from './tree-rows.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const files = fc.uniqueArray(path, { minLength: 1, maxLength: 25 });

async function treeOf(paths: readonly string[]): Promise<LayerTree> {
  const layer = Object.fromEntries(paths.map((one, at) => [one, 'x'.repeat((at * 7) % 11)]));
  return stackLayers(await viewOf([layer]), { layer: 0, aggregated: false });
}

/** All rows in the simplest way. */
function flatten(rows: TreeRows, folder = 0, depth = 0): { id: number; depth: number }[] {
  return childrenOf(rows, folder).flatMap((id) =>
    rows.shown[id] === SHOWN.NOT
      ? []
      : [{ id, depth }, ...(rows.expanded[id] === 1 ? flatten(rows, id, depth + 1) : [])],
  );
}

function expectSound(rows: TreeRows): void {
  const all = flatten(rows);
  expect(rowCount(rows)).toBe(all.length);
  expect(rowsFrom(rows, 0, Infinity)).toEqual(all);
  for (const [at, row] of all.entries()) {
    expect(rowOf(rows, row.id)).toBe(at);
    expect(rowsFrom(rows, at, 3)).toEqual(all.slice(at, at + 3));
  }
}

describe('rows of a tree', () => {
  it('are those of a list of all of them, whatever is expanded, hidden and sorted', async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.array(fc.tuple(fc.nat(40), fc.boolean())),
        fc.nat(3),
        fc.constantFrom(...SORT_ORDERS),
        async (paths, toggles, divisor, sort) => {
          const layers = await treeOf(paths);
          const { tree } = layers;
          const test =
            divisor === 0 ? undefined : (id: number) => (id % (divisor + 1) === 0 ? SHOWN.FOUND : SHOWN.NOT);
          let rows = makeRows(layers, test, new Uint8Array(tree.count), sort);
          for (const [id, isExpanded] of toggles) {
            if (id > 0 && id < tree.count && tree.type(id) === 'directory' && rows.shown[id] !== SHOWN.NOT)
              rows = withFolder(rows, id, isExpanded);
            expectSound(rows);
          }
          expectSound(withSort(rows, 'name'));
          expectSound(withExpanded(rows, new Uint8Array(tree.count).fill(1)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('add up what is shown', async () => {
    await fc.assert(
      fc.asyncProperty(files, name, async (paths, text) => {
        const layers = await treeOf(paths);
        const view = await viewOf([]);
        const pane = changeFilter(
          openFiles(layers, 'size'),
          { ...NO_FILTER, search: text },
          ContentBits.of(view.contents),
        );
        const found = [...layers.tree.walk()].filter(
          (id) => layers.tree.type(id) !== 'directory' && layers.tree.path(id).includes(text),
        );
        expect(pane.rows.files[0]).toBe(found.length);
        expect(pane.rows.bytes[0]).toBe(found.reduce((sum, id) => sum + layers.tree.size(id), 0));
      }),
      { numRuns: 30 },
    );
  });

  it('of 200,000 files are found without a list of them', () => {
    const entry = { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 1, mtime: 0, linkName: '' } as const;
    const entries = Entries.of(
      Array.from({ length: 200_000 }, (_, at) => ({
        ...entry,
        path: `f${at % 500}/n${Math.floor(at / 500)}`,
      })),
    );
    const contents = {
      unpackedSize: 0,
      diffId: `sha256:${'0'.repeat(64)}`,
      facts: new Map(),
      entries,
    } as const;
    const layers = stackLayers(
      { contents: { layers: [contents] }, tree: { changes: () => ({ removed: 1 }) } } as never,
      { layer: 0, aggregated: false },
    );
    const rows = makeRows(layers, undefined, new Uint8Array(layers.tree.count).fill(1), 'name');
    expect(rowCount(rows)).toBe(200_500);
    const [last] = rowsFrom(rows, 200_499, 5);
    expect(layers.tree.path(last?.id ?? 0)).toBe('f99/n99');
    expect(rows.orders.size).toBeLessThan(5);
  });
});
