import { describe, expect, it } from 'vitest';
import { entriesOf } from '../testing/root-files.ts';
import { TreeLookup } from './tree-lookup.ts';

describe('looking up paths of an image', () => {
  const tree = new TreeLookup(
    entriesOf({
      '.': 'folder',
      lib: '-> usr/lib',
      'usr/lib/libz.so.1': '-> libz.so.1.3',
      'usr/lib/libz.so.1.3': 'file',
      'usr/lib/same.so': '= usr/lib/libz.so.1.3',
      'usr/lib/libblas.so.3': '-> /etc/alternatives/blas',
      'etc/alternatives/blas': '-> /usr/lib/openblas/libblas.so.3',
      'usr/lib/openblas/libblas.so.3': 'file',
      empty: 'folder',
      loop: '-> loop',
      a: '-> b',
      b: '-> a/x',
      up: '-> ../../../usr/lib',
      gone: '-> nowhere',
    }),
  );

  it.each([
    ['/lib/libz.so.1', 'usr/lib/libz.so.1.3'],
    ['lib/libz.so.1', 'usr/lib/libz.so.1.3'],
    ['/lib/../lib/./libz.so.1.3', 'usr/lib/libz.so.1.3'],
    ['/usr/lib/libblas.so.3', 'usr/lib/openblas/libblas.so.3'],
    ['/lib', 'usr/lib'],
    ['/lib/', 'usr/lib'],
    ['/', ''],
    ['/../../usr', 'usr'],
    ['/up/libz.so.1.3', 'usr/lib/libz.so.1.3'],
    ['/empty', 'empty'],
    ['/usr/lib/libz.so.1.3/', undefined],
    ['/usr/lib/libz.so.1.3/..', undefined],
    ['/usr/lib/libz.so.1.3/x', undefined],
    ['/nowhere', undefined],
    ['/gone', undefined],
    ['/loop', undefined],
    ['/a', undefined],
  ])('%s leads to %s', (path, resolved) => {
    expect(tree.resolve(path)).toBe(resolved);
  });

  it('lists folders, those that no package brings too, in order', () => {
    expect(tree.list('usr')).toEqual(['lib']);
    expect(tree.list('usr/lib')).toEqual(['libblas.so.3', 'libz.so.1', 'libz.so.1.3', 'openblas', 'same.so']);
    expect(tree.list('')).toContain('usr');
    expect(tree.list('empty')).toEqual([]);
    expect(tree.list('usr/lib/libz.so.1.3')).toEqual([]);
  });

  it('knows that hard links are one file', () => {
    expect(tree.regular('/lib/same.so')?.path).toBe('usr/lib/libz.so.1.3');
    expect(tree.regular('/lib/libz.so.1')?.path).toBe('usr/lib/libz.so.1.3');
    expect(tree.regular('/lib')).toBeUndefined();
  });

  it('does not follow hard links in a circle', () => {
    expect(new TreeLookup(entriesOf({ a: '= b', b: '= a' })).regular('a')).toBeUndefined();
  });

  it('sees what was put in and taken away', () => {
    const changed = new TreeLookup(entriesOf({ 'a/b': 'file' }));
    changed.set('a/c/d', { type: 'symlink', linkName: '../b', mtime: 0 });
    expect(changed.list('a')).toEqual(['b', 'c']);
    expect(changed.resolve('a/c/d')).toBe('a/b');
    changed.delete('a/b');
    expect(changed.list('a')).toEqual(['c']);
    expect(changed.resolve('a/c/d')).toBeUndefined();
    changed.set('', { type: 'file', linkName: '', mtime: 0 });
    expect(changed.isFolder('')).toBe(true);
  });
});
