import { describe, expect, it } from 'vitest';
import { buildLibraryIndex, FITNESS, openLibraryIndex, type LibraryIndex } from './library-index.ts';

const LIB = 'usr/lib/x86_64-linux-gnu';

async function indexOf(...lines: readonly string[]): Promise<LibraryIndex> {
  return openLibraryIndex(await buildLibraryIndex(streamOf(`${lines.join('\n')}\n`)));
}

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text, 'latin1'));
}

describe('the index of libraries', () => {
  it.each([
    ['in the folder of the architecture', `${LIB}/libpq.so.5  libs/libpq5`, 'library'],
    [
      'in the folder of another architecture',
      'usr/lib/arm-linux-gnueabihf/libpq.so.5 libs/libpq5',
      'library',
    ],
    ['in the folder of all', 'usr/lib/libpq.so.5 libs/libpq5', 'library'],
    ['before folders were merged', 'lib/x86_64-linux-gnu/libpq.so.5\tlibs/libpq5', 'library'],
    ['of another section, by its name', `${LIB}/libpq.so.5 database/libpq5`, 'library'],
    ['of a section of another area', `${LIB}/libpq.so.5 non-free/libs/pq`, 'library', 'pq'],
    ['of a package of programs', `${LIB}/libpq.so.5 database/postgresql`, 'program', 'postgresql'],
    ['of a package without a section', `${LIB}/libpq.so.5 postgresql`, 'program', 'postgresql'],
    ['in a folder of its own', `${LIB}/pq/private/libpq.so.5 libs/libpq5`, 'privateLibrary'],
    ['of a program alone', 'usr/lib/pq/libpq.so.5 database/postgresql', 'privateProgram', 'postgresql'],
    ['below a folder with a space', 'usr/lib/p q/libpq.so.5    libs/libpq5', 'privateLibrary'],
  ] as const)('knows how well a package suits: %s', async (_what, line, fitness, other?: string) => {
    const name = other ?? 'libpq5';
    expect((await indexOf(line)).get('libpq.so.5')).toEqual([{ name, fitness: FITNESS[fitness] }]);
  });

  it('has all packages of a name, each with the best of its folders', async () => {
    const index = await indexOf(
      `${LIB}/blas/libblas.so.3 libs/libblas3`,
      `${LIB}/openblas/libblas.so.3 libs/libopenblas0,science/openblas`,
      `${LIB}/libblas.so.3 libs/libblas3`,
      `${LIB}/libblas.so.3.12 libs/libblas3`,
    );
    expect(index.get('libblas.so.3')).toEqual([
      { name: 'libblas3', fitness: FITNESS.library },
      { name: 'libopenblas0', fitness: FITNESS.privateLibrary },
      { name: 'openblas', fitness: FITNESS.privateProgram },
    ]);
    expect(index.get('libblas.so.3.12')).toHaveLength(1);
  });

  it.each([
    ['ld-linux-x86-64.so.2', true],
    ['ld-musl-x86_64.so.1', true],
    ['ld.so', false],
    ['libdb-5.3.so', true],
    ['libstdc++.so.6', true],
    ['libMagickCore-7.Q16.so.10', true],
    ['lib.so.1', false],
    ['liba.so.x', false],
    ['liba.so.', false],
    ['liba.so.1.la.', true],
    ['liba.soft', false],
    ['plugin.so.1', false],
    ['lib\xe9.so.1', false],
  ])('holds libraries and loaders: %s', async (file, isHeld) => {
    expect((await indexOf(`${LIB}/${file} libs/some`)).get(file)).toHaveLength(isHeld ? 1 : 0);
  });

  it('holds a library without a version only where the loader looks for it', async () => {
    const index = await indexOf(`${LIB}/perl/libperl.so libs/perl`, `${LIB}/libtcl8.6.so libs/libtcl8.6`);
    expect(index.get('libperl.so')).toEqual([]);
    expect(index.get('libtcl8.6.so')).toHaveLength(1);
  });

  it('leaves out what is for development', async () => {
    const owners = 'libdevel/libpq-dev,debug/libpq5-dbg,debug/libpq5-dbgsym,libdevel/libpq5';
    const index = await indexOf(`${LIB}/libpq.so.5 ${owners}`, `${LIB}/libpq.so libdevel/libpq-dev`);
    expect(index.get('libpq.so.5').map(({ name }) => name)).toEqual(['libpq5']);
    expect(index.get('libpq.so')).toEqual([]);
  });

  it('passes over lines that make no sense', async () => {
    const index = await indexOf(
      'FILE                                                    LOCATION',
      `${LIB}/libpq.so.5`,
      `${LIB}/libpq.so.5 `,
      `${LIB}/libpq.so.5 ,`,
      `${LIB}/libpq.so.5 libs/,/,libs/../x/,libs/-pq,libs/p\xe9q,libs/a"b`,
      `${LIB}/libpq.so.5/ libs/libpq5`,
      `${LIB}/libpq.so.5 libs/one libs/two `,
      `${LIB}/libpq.so.5\0 libs/nul`,
      'lib/',
    );
    expect(index.get('libpq.so.5')).toEqual([]);
  });

  it('answers for names alone, not for parts of its text', async () => {
    const index = await indexOf(`${LIB}/libpq.so.5 libs/libpq5`, `${LIB}/libz.so.1 libs/zlib1g`);
    for (const name of [
      '',
      ' ',
      '\n',
      'pq.so.5',
      'libpq.so',
      'libpq.so.5 ',
      'libpq.so.5 0libpq5\nlibz.so.1',
      'pith',
    ])
      expect(index.get(name), name).toEqual([]);
    expect((await indexOf()).get('libpq.so.5')).toEqual([]);
  });

  it('refuses more than any archive has', async () => {
    const owners = Array.from({ length: 1000 }, (_each, at) => `x/p${at}`).join(',');
    async function* many(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at <= 1000; at++)
        yield await Promise.resolve(Buffer.from(`lib/lib${at % 3}.so.1 ${owners}\n`));
    }
    await expect(buildLibraryIndex(many())).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
  });

  it('refuses bytes of another form', () => {
    for (const bytes of ['', 'pith-libraries-0\n', ' pith-libraries-1\n'])
      expect(() => openLibraryIndex(Buffer.from(bytes))).toThrow(
        expect.objectContaining({ code: 'CACHE_CORRUPT' }),
      );
  });
});
