import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Entries } from './entries.ts';
import type { FileEntry, LayerContents } from './model.ts';
import { ImageTree, type StackOptions } from './tree.ts';

const BLANK = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, linkName: '' } as const;

/** `a/` a folder, `a -> b` a link, `a => b` a hard link, `a=text` a file. */
function entryOf(text: string): FileEntry {
  const [, link, linkName = ''] = /^(.+) -> (.+)$/.exec(text) ?? [];
  if (link !== undefined) return { ...BLANK, path: link, type: 'symlink', linkName };
  const [, hard, target = ''] = /^(.+) => (.+)$/.exec(text) ?? [];
  if (hard !== undefined) return { ...BLANK, path: hard, type: 'hardlink', linkName: target };
  if (text.endsWith('/')) return { ...BLANK, path: text.slice(0, -1), type: 'directory', mode: 0o755 };
  const [path = '', content = ''] = text.split('=');
  const hex = Buffer.from(content.padEnd(32, '.')).toString('hex').slice(0, 64);
  return { ...BLANK, path, type: 'file', size: content.length, digest: `sha256:${hex}` };
}

function layer(...entries: string[]): LayerContents {
  return {
    unpackedSize: 0,
    diffId: `sha256:${'0'.repeat(64)}`,
    entries: Entries.of(entries.map(entryOf)),
    facts: new Map(),
  };
}

function stack(layers: readonly string[][], options: StackOptions = {}): ImageTree {
  return ImageTree.stack(
    layers.map((entries) => layer(...entries)),
    options,
  );
}

function pathsOf(tree: ImageTree): string[] {
  return [...tree.walk()].slice(1).map((id) => tree.path(id));
}

describe('layers one on the other', () => {
  it.each<[string, string[][], string[]]>([
    [
      'files of all layers are there',
      [
        ['a/', 'a/x=1'],
        ['a/y=2', 'b=3'],
      ],
      ['a', 'a/x', 'a/y', 'b'],
    ],
    ['folders that no layer has are there', [['a/b/c=1']], ['a', 'a/b', 'a/b/c']],
    ['a whiteout removes a file', [['a/x=1', 'a/y=1'], ['a/.wh.x=']], ['a', 'a/y']],
    ['a whiteout removes a folder with all in it', [['a/b/c=1', 'd=1'], ['.wh.a=']], ['d']],
    ['a whiteout spares its own layer', [['a/x=1'], ['a/x=2', 'a/.wh.x=']], ['a', 'a/x']],
    [
      'an opaque folder hides what was in it',
      [
        ['a/x=1', 'a/b/y=1'],
        ['a/z=1', 'a/.wh..wh..opq='],
      ],
      ['a', 'a/z'],
    ],
    ['a removed folder comes back empty', [['a/x=1'], ['.wh.a='], ['a/']], ['a']],
    ['a file takes the place of a folder', [['a/x=1'], ['a=1']], ['a']],
    ['a folder takes the place of a file', [['a=1'], ['a/', 'a/x=1']], ['a', 'a/x']],
    [
      'an entry below a link lands where it leads',
      [['usr/lib/', 'lib -> usr/lib'], ['lib/x=1']],
      ['lib', 'usr', 'usr/lib', 'usr/lib/x'],
    ],
    [
      'a whiteout below a link hides where it leads',
      [['usr/lib/x=1', 'lib -> /usr/lib'], ['lib/.wh.x=']],
      ['lib', 'usr', 'usr/lib'],
    ],
    ['marks of aufs are no files', [['a=1', '.wh..wh.plnk=']], ['a']],
  ])('%s', (_, layers, paths) => {
    expect(pathsOf(stack(layers))).toEqual(paths);
  });

  it('stop where they are told to', () => {
    const layers = [['a=1'], ['b=1'], ['.wh.a=']];
    expect(pathsOf(stack(layers, { upTo: 0 }))).toEqual(['a']);
    expect(pathsOf(stack(layers, { upTo: 1 }))).toEqual(['a', 'b']);
    expect(pathsOf(stack(layers, { upTo: 9 }))).toEqual(['b']);
  });

  it('give what each file is from', () => {
    const tree = stack([['a=1', 'b=1'], ['b=22']]);
    const [a = 0, b = 0] = [tree.find('a'), tree.find('b')];
    expect([tree.layer(a), tree.layer(b)]).toEqual([0, 1]);
    expect(tree.file(b)).toMatchObject({ path: 'b', type: 'file', size: 2, mode: 0o644 });
  });

  it.each([
    ['whiteout-of-nothing', [['a=1'], ['.wh.b=', 'c/.wh..wh..opq=']], '.wh.b'],
    ['below-no-folder', [['a=1'], ['a/b=1']], 'a/b'],
    ['link-loop', [['a -> b', 'b -> a'], ['a/c=1']], 'a/c'],
  ])('tell of a flaw: %s', (flaw, layers, path) => {
    expect(stack(layers).flaws).toEqual([{ layer: 1, path, flaw }]);
  });

  const name = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const op = fc.oneof(
    path.map((at) => `${at}/`),
    path.map((at) => `${at}=1`),
    path.map((at) => at.replace(/[^/]+$/, '.wh.$&=')),
    path.map((at) => `${at}/.wh..wh..opq=`),
  );
  it('are what a simple model makes of them', () => {
    fc.assert(
      fc.property(fc.array(fc.array(op, { maxLength: 6 }), { maxLength: 4 }), (layers) => {
        expect(pathsOf(stack(layers))).toEqual(modelOf(layers));
      }),
      { numRuns: 500 },
    );
  });
});

/** Paths by sets of texts: slow and plain. */
function modelOf(layers: readonly string[][]): string[] {
  let there = new Map<string, 'file' | 'folder'>();
  for (const entries of layers) {
    for (const entry of entries.filter((text) => text.includes('.wh.'))) {
      const at = entry.slice(0, -1);
      const folder = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      const hidden = at.endsWith('.wh..wh..opq')
        ? (each: string) => each.startsWith(`${folder}/`)
        : (each: string) => `${each}/`.startsWith(`${at.replace('.wh.', '')}/`);
      there = new Map([...there].filter(([each]) => !hidden(each)));
    }
    for (const entry of entries.filter((text) => !text.includes('.wh.'))) {
      const at = entry.replace(/\/$|=1$/, '');
      const above = at
        .split('/')
        .slice(0, -1)
        .map((_, index, parts) => parts.slice(0, index + 1).join('/'));
      if (above.some((each) => there.get(each) === 'file')) {
        const firstFile = above.findIndex((each) => there.get(each) === 'file');
        for (const each of above.slice(0, firstFile)) there.set(each, 'folder');
        continue;
      }
      for (const each of above) there.set(each, 'folder');
      if (!entry.endsWith('/'))
        for (const each of [...there.keys()]) if (each.startsWith(`${at}/`)) there.delete(each);
      there.set(at, entry.endsWith('/') ? 'folder' : 'file');
    }
  }
  const byParts = (a: string, b: string): number => (`${a}/` < `${b}/` ? -1 : 1);
  return [...there.keys()].sort(byParts);
}

describe('what the last layer does', () => {
  const statuses = (layers: string[][]): Record<string, string> => {
    const tree = stack(layers, { keepRemoved: true });
    return Object.fromEntries([...tree.walk()].slice(1).map((id) => [tree.path(id), tree.status(id)]));
  };

  it.each<[string, string[][], Record<string, string>]>([
    ['nothing', [['a=1'], []], { a: 'unchanged' }],
    ['adds', [['a=1'], ['b=1']], { a: 'unchanged', b: 'added' }],
    ['changes', [['a=1'], ['a=2']], { a: 'changed' }],
    ['stores the same once more', [['a=1'], ['a=1']], { a: 'unchanged' }],
    ['changes the target of a link', [['a -> b'], ['a -> c']], { a: 'changed' }],
    ['removes', [['a/x=1', 'a/y=1'], ['a/.wh.x=']], { a: 'unchanged', 'a/x': 'removed', 'a/y': 'unchanged' }],
    ['removes a folder', [['a/x=1'], ['.wh.a=']], { a: 'removed', 'a/x': 'removed' }],
    ['removes and adds again', [['a=1'], ['.wh.a=', 'a=2']], { a: 'changed' }],
    ['adds twice', [[], ['a=1', 'a=2']], { a: 'added' }],
  ])('%s', (_, layers, expected) => {
    expect(statuses(layers)).toEqual(expected);
  });

  it.each<[string, string[][], Record<string, string>]>([
    ['adds, then changes', [['o=1'], ['a=1'], ['a=2']], { o: 'unchanged', a: 'added' }],
    ['changes, then leaves alone', [['a=1'], ['a=2'], ['b=1']], { a: 'changed', b: 'added' }],
    ['changes, then stores the same', [['a=1'], ['a=2'], ['a=2']], { a: 'changed' }],
    ['adds, then removes', [['o=1'], ['a/x=1'], ['.wh.a=']], { o: 'unchanged' }],
    ['removes, then adds again', [['a=1'], ['.wh.a='], ['a=1']], { a: 'changed' }],
    ['changes, then removes', [['a=1'], ['a=2'], ['.wh.a=']], { a: 'removed' }],
    [
      'removes, then adds other things',
      [['a/x=1'], ['.wh.a='], ['a/y=1']],
      { a: 'changed', 'a/x': 'removed', 'a/y': 'added' },
    ],
  ])('with those since another one: %s', (_, layers, expected) => {
    const tree = stack(layers, { since: 1, keepRemoved: true });
    expect(
      Object.fromEntries([...tree.walk()].slice(1).map((id) => [tree.path(id), tree.status(id)])),
    ).toEqual(expected);
  });

  it('is not in the image any more unless it is asked for', () => {
    const tree = stack([['a=1'], ['.wh.a=']]);
    expect(tree.find('a')).toBeUndefined();
    expect(stack([['a=1'], ['.wh.a=']], { keepRemoved: true }).find('a')).toBeDefined();
  });
});

describe('paths', () => {
  const tree = stack([
    [
      'usr/lib/',
      'lib -> usr/lib',
      'usr/lib/x=1',
      'etc/out -> ../../../usr/lib/x',
      'abs -> /usr',
      'loop -> loop',
    ],
    ['hard => lib/x', 'hard2 => hard', 'self => self'],
  ]);
  const at = (path: string): string | undefined => {
    const id = tree.resolve(path);
    return id === undefined ? undefined : tree.path(id);
  };

  it.each([
    ['lib/x', 'usr/lib/x'],
    ['/lib/x', 'usr/lib/x'],
    ['etc/out', 'usr/lib/x'],
    ['abs/lib/x', 'usr/lib/x'],
    ['../../usr', 'usr'],
    ['/', '.'],
    ['loop', undefined],
    ['usr/lib/x/', undefined],
    ['usr/lib/x/y', undefined],
    ['nothing', undefined],
  ])('%s leads to %s', (path, to) => {
    expect(at(path)).toBe(to);
  });

  it('of a link itself', () => {
    expect(tree.path(tree.resolve('lib', { followLast: false }) ?? 0)).toBe('lib');
    expect(tree.path(tree.find('lib') ?? 0)).toBe('lib');
    expect(tree.find('lib/x')).toBeUndefined();
  });

  it('of hard links lead to the content', () => {
    for (const path of ['hard', 'hard2'])
      expect(tree.path(tree.contentOf(tree.find(path) ?? 0) ?? 0)).toBe('usr/lib/x');
    expect(tree.contentOf(tree.find('self') ?? 0)).toBeUndefined();
  });
});

it('sizes are summed up to the root, without what is gone', () => {
  const tree = stack([
    ['a/x=123', 'a/b/y=12345', 'z=1'],
    ['.wh.z=', 'a/x=1234'],
  ]);
  const { bytes, files } = tree.totals();
  const sum = (path: string): [number, number] => [
    bytes[tree.find(path) ?? 0] ?? 0,
    files[tree.find(path) ?? 0] ?? 0,
  ];
  expect(sum('.')).toEqual([9, 2]);
  expect(sum('a')).toEqual([9, 2]);
  expect(sum('a/b')).toEqual([5, 1]);
});

it('100,000 files in one folder are found as fast as ten', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `folder/file-${index}=1`);
  const tree = stack([names]);
  expect(tree.children(tree.find('folder') ?? 0)).toHaveLength(100_000);
  expect(tree.find('folder/file-99999')).toBeDefined();
});
