import { describe, expect, it } from 'vitest';
import type { PageData } from '../../src/page/data.ts';
import { testPage } from '../../src/testing/page.ts';
import { type Filter, findMatches } from './filter.ts';
import { listRows, treeRows } from './rows.ts';
import { finish, loadTree } from './testing.ts';
import { findPath, pathOf, targetOf } from './tree.ts';

const BY_NAME = { keys: undefined, descending: false };

/** A tree of paths with sizes; a size below zero is a folder, and a text is a link. */
function pageOf(
  paths: Readonly<Record<string, number | string>>,
  changes?: Readonly<Record<string, number>>,
): PageData {
  const all = Object.keys(paths);
  const numbers = new Map([['', 0], ...all.map((path, at) => [path, at + 1] as const)]);
  const column = <T>(value: (path: string) => T, root: T): T[] => [root, ...all.map(value)];
  const zero = column(() => 0, 0);
  return {
    ...testPage({ files: 1 }),
    tree: {
      names: column((path) => path.split('/').at(-1) ?? '', ''),
      parents: column((path) => numbers.get(path.split('/').slice(0, -1).join('/')) ?? 0, 0),
      types: column((path) => (typeof paths[path] === 'string' ? 2 : Number(paths[path]) < 0 ? 0 : 1), 0),
      sizes: column((path) => Math.max(0, Number(paths[path]) || 0), 0),
      modes: column((path) => (path.endsWith('su') ? 0o4755 : path.endsWith('tmp') ? 0o1777 : 0o644), 0o755),
      uids: zero,
      gids: zero,
      mtimes: zero,
      layers: column((path) => path.length % 2, -1),
      packages: column((path) => (path.includes('lib') ? 0 : -1), -1),
      links: new Map(
        all.flatMap((path, at) => (typeof paths[path] === 'string' ? [[at + 1, paths[path]] as const] : [])),
      ),
      ...(changes && { changes: column((path) => changes[path] ?? 0, 0), before: new Map() }),
    },
  };
}

const tree = loadTree(
  pageOf({
    usr: -1,
    'usr/lib': -1,
    'usr/lib/libZ.so': 300,
    'usr/bin': -1,
    'usr/bin/su': 200,
    'usr/bin/a': 200,
    tmp: -1,
    lib: 'usr/lib',
    'usr/up': '../usr/./bin//a',
    'usr/lost': '/nowhere',
  }),
);
const at = (path: string): number => findPath(tree, path) ?? -1;

describe('a tree', () => {
  it('finds every path, and says it again', () => {
    for (let entry = 0; entry < tree.count; entry++) expect(findPath(tree, pathOf(tree, entry))).toBe(entry);
    expect(findPath(tree, '/usr/none')).toBeUndefined();
  });

  it('adds up what is in folders', () => {
    expect(tree.bytes[at('/')]).toBe(700);
    expect(tree.bytes[at('usr/bin')]).toBe(400);
    expect(tree.files[at('usr')]).toBe(5);
  });

  it('of a difference adds up what both images have, and what changed', () => {
    const changed = loadTree(
      pageOf({ a: -1, 'a/new': 5, 'a/old': 7, 'a/same': 11 }, { 'a/new': 1, 'a/old': 2 }),
    );
    const sums = [changed.bytes, changed.bytesBefore, changed.bytesChanged, changed.changed].map(
      (column) => column[1],
    );
    expect(sums).toEqual([16, 18, 12, 2]);
  });

  it('follows links within the image', () => {
    expect(targetOf(tree, at('lib'), false)).toBe(at('usr/lib'));
    expect(targetOf(tree, at('usr/up'), false)).toBe(at('usr/bin/a'));
    expect(targetOf(tree, at('usr/lost'), false)).toBeUndefined();
    expect(targetOf(tree, at('usr/bin/a'), false)).toBeUndefined();
  });
});

describe('rows', () => {
  const paths = (rows: Int32Array): string[] => [...rows].map((entry) => pathOf(tree, entry));

  it('of the tree show what is open', () => {
    const open = new Set([at('usr')]);
    expect(paths(finish(treeRows(tree, BY_NAME, (folder) => open.has(folder), undefined)))).toEqual([
      ...['/lib', '/tmp', '/usr', '/usr/bin', '/usr/lib', '/usr/lost', '/usr/up'],
    ]);
  });

  it('of the list are files, the largest first if asked; equal ones by path', () => {
    expect(
      paths(finish(listRows(tree, { keys: tree.sizes, descending: true }, undefined))).slice(0, 3),
    ).toEqual([...['/usr/lib/libZ.so', '/usr/bin/a', '/usr/bin/su']]);
  });

  it('that match come with the folders above them', () => {
    const { marks } = finish(findMatches(tree, { text: 'libz' }));
    expect(paths(finish(treeRows(tree, BY_NAME, () => true, marks)))).toEqual([
      '/usr',
      '/usr/lib',
      '/usr/lib/libZ.so',
    ]);
  });
});

describe('a filter', () => {
  it.each<[Filter, string[]]>([
    [{ text: 'LIBZ' }, ['/usr/lib/libZ.so']],
    [{ text: 'bin/' }, ['/usr/bin/a', '/usr/bin/su']],
    [{ text: '', kind: 'setuid' }, ['/usr/bin/su']],
    [{ text: '', kind: 'world-writable' }, []],
    [{ text: '', kind: 'links' }, ['/lib', '/usr/lost', '/usr/up']],
    [{ text: 'u', kind: 'unowned' }, ['/usr/bin/su', '/usr/up']],
    [{ text: '', package: 0 }, ['/lib', '/usr/lib', '/usr/lib/libZ.so']],
    [{ text: '', layer: 0 }, ['/usr/bin/su', '/usr/lost', '/usr/up']],
    [{ text: '', change: 'any' }, []],
  ])('%j finds %j', (filter, expected) => {
    const { marks, count } = finish(findMatches(tree, filter));
    const found = [...marks.keys()].filter((entry) => marks[entry] === 1).map((entry) => pathOf(tree, entry));
    expect(found).toEqual(expected);
    expect(count).toBe(expected.length);
  });
});
