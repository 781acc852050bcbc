import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/thrown.ts';
import type { PageTree } from './data.ts';
import { decodeTree, textAt, type TreeColumns } from './decode-tree.ts';
import { encodeTree } from './encode-tree.ts';
import { escapeName } from './escape.ts';

interface Entry {
  readonly name: string;
  readonly parent: number;
  readonly type: number;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly mtime: number;
  readonly layer: number;
  readonly link: string;
  readonly change: number;
  readonly sizeBefore: number;
}

const entry = fc.record({
  name: fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }),
  parent: fc.nat(),
  type: fc.nat(6),
  size: fc.oneof(fc.nat(300), fc.maxSafeNat()),
  mode: fc.nat(0o7777),
  uid: fc.oneof(fc.nat(70_000), fc.nat(2 ** 31)),
  mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  layer: fc.integer({ min: -1, max: 200 }),
  link: fc.string({ maxLength: 8, unit: 'binary' }),
  change: fc.nat(4),
  sizeBefore: fc.maxSafeNat().map((size) => Math.min(size, Number.MAX_SAFE_INTEGER - 1)),
});

function treeOf(entries: readonly Entry[], isDifference: boolean): PageTree {
  const pick = <T>(value: (entry: Entry) => T, root: T): T[] => [root, ...entries.map(value)];
  const was = (item: Entry) => ({
    type: 1,
    size: item.sizeBefore,
    mode: 0o600,
    uid: 1,
    gid: 2,
    link: item.link,
  });
  return {
    names: pick(({ name }) => name, ''),
    parents: pick(({ parent }) => parent, 0).map((parent, at) => (at === 0 ? 0 : parent % at)),
    types: pick(({ type }) => type, 0),
    sizes: pick(({ size }) => size, 0),
    modes: pick(({ mode }) => mode, 0o755),
    uids: pick(({ uid }) => uid, 0),
    gids: pick(({ uid }) => uid, 0),
    mtimes: pick(({ mtime }) => mtime, 0),
    layers: pick(({ layer }) => layer, -1),
    packages: pick(({ layer }) => layer, -1),
    links: new Map(entries.map(({ link }, at) => [at + 1, link])),
    ...(isDifference && {
      changes: pick(({ change }) => change, 0),
      before: new Map(
        entries.flatMap((item, at) => (item.change >= 3 ? [[at + 1, was(item)] as const] : [])),
      ),
    }),
  };
}

/** What the page sees of an entry, with the names of all folders above it. */
function linesOf(columns: TreeColumns): unknown[] {
  return Array.from({ length: columns.count }, (_none, at) => {
    const path: string[] = [];
    for (let up = at; up > 0; up = columns.parents[up] ?? 0) path.unshift(textAt(columns.names, up));
    return JSON.stringify([
      path,
      ...(['types', 'sizes', 'modes', 'uids', 'gids', 'mtimes', 'layers', 'packages'] as const).map(
        (key) => columns[key][at],
      ),
      textAt(columns.links, at),
      ...(columns.difference
        ? [columns.difference.changes[at], columns.difference.sizes[at], textAt(columns.difference.links, at)]
        : []),
    ]);
  }).sort();
}

function expectedLines(tree: PageTree): unknown[] {
  return tree.names
    .map((_name, at) => {
      const path: string[] = [];
      for (let up = at; up > 0; up = tree.parents[up] ?? 0) path.unshift(escapeName(tree.names[up] ?? ''));
      const before = tree.before?.get(at);
      return JSON.stringify([
        path,
        ...(['types', 'sizes', 'modes', 'uids', 'gids', 'mtimes', 'layers', 'packages'] as const).map(
          (key) => tree[key][at],
        ),
        escapeName(tree.links.get(at) ?? ''),
        ...(tree.changes
          ? [tree.changes[at], before?.size ?? tree.sizes[at], escapeName(before?.link ?? '')]
          : []),
      ]);
    })
    .sort();
}

function decode(bytes: Uint8Array): TreeColumns {
  const work = decodeTree(bytes);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

describe('a tree as bytes', () => {
  it('is the same tree when it is read, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), fc.boolean(), (entries, isDifference) => {
        const tree = treeOf(entries, isDifference);
        expect(linesOf(decode(encodeTree(tree)))).toEqual(expectedLines(tree));
      }),
    );
  });

  it('has each folder before what is in it, up to its end, and siblings by name', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const { count, parents, ends, depths, names } = decode(encodeTree(treeOf(entries, false)));
        for (let at = 1; at < count; at++) {
          const parent = parents[at] ?? -1;
          expect(parent).toBeLessThan(at);
          expect(ends[parent]).toBeGreaterThan(at);
          expect(depths[at]).toBe((depths[parent] ?? 0) + 1);
          const next = ends[at] ?? count;
          if (parents[next] === parent) expect(textAt(names, at) <= textAt(names, next)).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['an entry that comes before its folder', { parents: [0, 2, 1] }],
    ['an entry in itself', { parents: [0, 1, 0] }],
    ['a size that is none', { sizes: [0, NaN, 0] }],
    ['a size below zero', { sizes: [0, 0, -5] }],
  ])('%s is refused', (_case, wrong) => {
    const [first, second] = fc.sample(entry, { numRuns: 2, seed: 1 });
    if (!first || !second) throw new Error('no sample');
    expect(failureOf(() => encodeTree({ ...treeOf([first, second], false), ...wrong }))).toMatchObject({
      code: 'INTERNAL',
    });
  });

  it('stops often enough for a browser to answer', () => {
    const [sample] = fc.sample(entry, { numRuns: 1, seed: 1 });
    if (!sample) throw new Error('no sample');
    const bytes = encodeTree(
      treeOf(
        Array.from({ length: 100_000 }, () => sample),
        false,
      ),
    );
    expect([...decodeTree(bytes)].length).toBeGreaterThan(25);
  });
});
