import { describe, expect, it } from 'vitest';
import { buildLibraryIndex, openLibraryIndex, type LibraryIndex } from './library-index.ts';
import { chooseOwner } from './library-owners.ts';

const FILE = 'libblas.so.3';

/** Indexes of contents, each with FILE in these folders of these packages. */
function indexesOf(...contents: readonly Readonly<Record<string, string>>[]): Promise<LibraryIndex[]> {
  return Promise.all(
    contents.map(async (owners) => {
      const lines = Object.entries(owners).map(
        ([folder, packages]) => `usr/lib/${folder}${FILE} ${packages}\n`,
      );
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(Buffer.from(lines.join('')));
      }
      return openLibraryIndex(await buildLibraryIndex(pieces()));
    }),
  );
}

describe('chooseOwner', () => {
  it.each([
    ['the only one', { '': 'science/blas' }, 'blas'],
    [
      'a folder that is searched before one of its own',
      { 'blas/': 'libs/libblas3', '': 'science/blas' },
      'blas',
    ],
    ['a package of libraries before a program', { '': 'science/blas,libs/tenblas' }, 'tenblas'],
    ['a name that begins with lib before a program', { '': 'science/blas,science/libtenblas' }, 'libtenblas'],
    ['the name that policy wants', { '': 'libs/libatlas3,libs/libblas3,libs/libblas3-x' }, 'libblas3'],
    ['its likelier form', { '': 'libs/libblas3t64,libs/libblas3' }, 'libblas3'],
    ['the first of names that are alike', { 'b/': 'libs/libb', 'a/': 'libs/liba' }, 'liba'],
  ])('takes %s', async (_what, contents, name) => {
    expect(chooseOwner(FILE, await indexesOf(contents), () => true)).toBe(name);
  });

  it('takes the best of all suites, in whatever order', async () => {
    const indexes = await indexesOf({ 'blas/': 'libs/libblas3' }, { '': 'libs/libatlas3' });
    expect(chooseOwner(FILE, indexes, () => true)).toBe('libatlas3');
    expect(chooseOwner(FILE, indexes.reverse(), () => true)).toBe('libatlas3');
  });

  it('passes over packages that cannot be had', async () => {
    const indexes = await indexesOf({ '': 'libs/libblas3', 'atlas/': 'libs/libatlas3' });
    expect(chooseOwner(FILE, indexes, (name) => name !== 'libblas3')).toBe('libatlas3');
    expect(chooseOwner(FILE, indexes, () => false)).toBeUndefined();
    expect(chooseOwner('libother.so.1', indexes, () => true)).toBeUndefined();
  });
});
