import { describe, expect, it } from 'vitest';
import type { ListedFile } from './segment.ts';
import { StackedFiles } from './stacked-files.ts';

function filesOf(words: string): ListedFile[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map(fileOf);
}

/** `usr/` is a folder, `a>b` a symbolic link, `a=b` a hard link, anything else a file. */
function fileOf(word: string): ListedFile {
  const [path = '', linkName = ''] = word.replace(/\/$/, '').split(/[>=]/);
  const linkType = word.includes('=') ? 'hardlink' : 'symlink';
  const type = word.endsWith('/') ? 'directory' : linkName === '' ? 'file' : linkType;
  return {
    ...{ path, type, linkName, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 },
    ...{ deviceMajor: 0, deviceMinor: 0 },
  };
}

function stack(base: string, ...layers: string[]): StackedFiles {
  const files = new StackedFiles(filesOf(base));
  for (const layer of layers) {
    files.startLayer();
    for (const file of filesOf(layer)) files.add(file);
  }
  return files;
}

const pathsOf = (files: StackedFiles): string =>
  files
    .files()
    .map(({ path }) => path)
    .sort()
    .join(' ');

describe('layers on another image', () => {
  it.each<[string, string, string[], string]>([
    ['add files', 'usr/ usr/a', ['usr/b', 'usr/c'], 'usr usr/a usr/b usr/c'],
    ['remove files', 'usr/ usr/a usr/b', ['usr/.wh.a'], 'usr usr/b'],
    ['follow links of folders', 'usr/ usr/lib/ lib>usr/lib', ['lib/a'], 'lib usr usr/lib usr/lib/a'],
    ['follow absolute links', 'usr/ usr/lib/ lib>/usr/lib', ['lib/a'], 'lib usr usr/lib usr/lib/a'],
    ['follow links upwards', 'a/ a/b/ c/ a/b/l>../../c', ['a/b/l/x'], 'a a/b a/b/l c c/x'],
    ['never follow links out of the root', 'l>../../..', ['l/x'], 'l x'],
    ['follow links to nothing yet', 'l>new/folder', ['l/x'], 'l new/folder/x'],
    [
      'remove through links',
      'usr/ usr/lib/ usr/lib/a usr/lib/b lib>usr/lib',
      ['lib/.wh.a'],
      'lib usr usr/lib usr/lib/b',
    ],
    ['replace a link by a folder', 'usr/ usr/lib/ lib>usr/lib', ['lib/ lib/a'], 'lib lib/a usr usr/lib'],
  ])('%s', (_what, base, layers, expected) => {
    expect(pathsOf(stack(base, ...layers))).toBe(expected);
  });

  it.each([
    ['a', 'a/x'],
    ['l>a a', 'l/x'],
    ['l>l', 'l/x'],
    ['l>m m>l', 'l/x'],
  ])('tell of what lies below no folder: %s', (base, layer) => {
    const files = stack(base, layer);
    expect(files.blocked).toEqual([layer]);
    expect(files.added()).toEqual(new Map());
  });

  it('tell what they add, by its place, and not what they remove again', () => {
    const files = stack('usr/ usr/lib/ lib>usr/lib x', 'lib/a lib/b y', 'lib/.wh.b .wh.x');
    expect(files.added()).toEqual(
      new Map([
        ['usr/lib/a', 'lib/a'],
        ['y', 'y'],
      ]),
    );
  });

  it('have hard links to where their files lie', () => {
    expect(stack('usr/ usr/lib/ lib>usr/lib', 'lib/a b=lib/a').get('b')?.linkName).toBe('usr/lib/a');
  });
});
