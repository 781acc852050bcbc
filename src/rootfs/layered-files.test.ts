import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/thrown.ts';
import { LayeredFiles } from './layered-files.ts';
import type { ListedFile } from './segment.ts';

/** Layers as words: `usr/` is a folder, `a>b` a symbolic link, anything else a file. */
function apply(...layers: string[]): string {
  const files = new LayeredFiles();
  for (const layer of layers) {
    files.startLayer();
    for (const word of layer.split(' ').filter((one) => one !== '')) files.add(fileOf(word));
  }
  return files
    .files()
    .map(({ path, type }) => (type === 'directory' ? `${path}/` : path))
    .sort()
    .join(' ');
}

function fileOf(word: string): ListedFile {
  const [path = '', linkName = ''] = word.replace(/\/$/, '').split('>');
  const type = word.endsWith('/') ? 'directory' : linkName === '' ? 'file' : 'symlink';
  return {
    ...{ path, type, linkName, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 },
    ...{ deviceMajor: 0, deviceMinor: 0 },
  };
}

describe('the layers of an image', () => {
  it.each<[string, string[], string]>([
    ['add files', ['usr/ usr/a', 'usr/b'], 'usr/ usr/a usr/b'],
    ['replace files', ['a', 'a'], 'a'],
    ['keep what is in a folder that comes again', ['usr/ usr/a', 'usr/'], 'usr/ usr/a'],
    [
      'replace a folder by a link with all that is in it',
      ['lib/ lib/a lib/b/ lib/b/c', 'lib>usr/lib'],
      'lib',
    ],
    ['replace a link by a folder', ['lib>usr/lib', 'lib/ lib/a'], 'lib/ lib/a'],
    ['remove a file', ['usr/ usr/a usr/b', 'usr/.wh.a'], 'usr/ usr/b'],
    ['remove a folder with all that is in it', ['usr/ usr/x/ usr/x/y/ usr/x/y/z', 'usr/.wh.x'], 'usr/'],
    ['remove nothing that is not there', ['a', '.wh.b'], 'a'],
    ['remove what is below and add anew, in any order', ['d/ d/a', 'd/ d/b .wh.d'], 'd/ d/b'],
    ['make a folder opaque', ['d/ d/a d/e/ d/e/f', 'd/ d/.wh..wh..opq d/b'], 'd/ d/b'],
    ['make a folder opaque after its files', ['d/ d/a', 'd/b d/.wh..wh..opq'], 'd/ d/b'],
    ['remove in a layer and add in the next', ['a', '.wh.a', 'a'], 'a'],
    ['hold folders that have no entry of their own', ['usr/share/a'], 'usr/share/a'],
  ])('%s', (_what, layers, expected) => {
    expect(apply(...layers)).toBe(expected);
  });

  it('that put a file below a file are refused', () => {
    expect(failureOf(() => apply('a', 'a/b'))).toMatchObject({ code: 'IMAGE_INVALID' });
    expect(failureOf(() => apply('a>b', 'a/b'))).toMatchObject({ code: 'IMAGE_INVALID' });
  });
});
