import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../testing/elf.ts';
import { type LayerFiles, makeImage, makeLayer, type TestImage } from '../testing/layered-image.ts';
import { type ElfFile, type NeededLibrary, resolveElf } from './elf-view.ts';
import { factReaders } from './facts/index.ts';
import { readImage } from './read-image.ts';
import { ImageView } from './view.ts';

async function resolve(layers: readonly LayerFiles[], options: TestImage = {}): Promise<ElfFile[]> {
  const image = makeImage(
    layers.map((files) => makeLayer(files)),
    options,
  );
  return resolveElf(new ImageView(await readImage(image, { readers: factReaders, version: 0 })));
}

/** What the file at a path gets by a name. */
function libraryOf(files: readonly ElfFile[], path: string, name: string): NeededLibrary | undefined {
  return files.find((file) => file.path === path)?.libraries.find((library) => library.name === name);
}

const library = (soname: string, more: TestElf = {}): Buffer => makeElf({ soname, ...more });
const LOADER = '/lib64/ld-linux-x86-64.so.2';
const program = (more: TestElf): Buffer => makeElf({ interpreter: LOADER, ...more });

describe('ELF files of an image', () => {
  it('are told with platform, loader and what they need, in the order of layers', async () => {
    const files = await resolve([
      {
        'usr/lib/x86_64-linux-gnu/libc.so.6': library('libc.so.6'),
        'usr/lib64/ld-linux-x86-64.so.2': library('ld-linux-x86-64.so.2'),
        lib64: '-> usr/lib64',
      },
      {
        'app/run': program({ needed: ['libc.so.6', 'libnone.so.1'] }),
        'app/other': program({ interpreter: '/lib/ld-none.so' }),
      },
    ]);
    expect(files.map(({ path, layer, platform }) => [path, layer, platform])).toEqual([
      ['usr/lib/x86_64-linux-gnu/libc.so.6', 0, 'linux/amd64'],
      ['usr/lib64/ld-linux-x86-64.so.2', 0, 'linux/amd64'],
      ['app/run', 1, 'linux/amd64'],
      ['app/other', 1, 'linux/amd64'],
    ]);
    expect(files[2]).toMatchObject({
      isForeign: false,
      interpreter: { path: LOADER, isThere: true },
      libraries: [
        { name: 'libc.so.6', path: 'usr/lib/x86_64-linux-gnu/libc.so.6', missingVersions: [] },
        { name: 'libnone.so.1', missingVersions: [] },
      ],
    });
    expect(files[3]).toMatchObject({ interpreter: { path: '/lib/ld-none.so', isThere: false } });
  });

  it.each<[string, LayerFiles, TestElf, string | undefined]>([
    ['a system folder', { 'usr/lib/liba.so': library('liba.so') }, {}, 'usr/lib/liba.so'],
    [
      'a system folder that is a link',
      { 'usr/lib/liba.so': library('liba.so'), lib: '-> usr/lib' },
      {},
      'usr/lib/liba.so',
    ],
    [
      'a link to the library',
      { 'usr/lib/liba.so': '-> liba.so.1.2', 'usr/lib/liba.so.1.2': library('liba.so') },
      {},
      'usr/lib/liba.so.1.2',
    ],
    [
      'a hard link',
      {
        'opt/liba.so.1.2': library('liba.so'),
        'usr/lib/liba.so': { type: 'hardlink', linkName: 'opt/liba.so.1.2' },
      },
      {},
      'opt/liba.so.1.2',
    ],
    [
      'RUNPATH',
      { 'opt/x/liba.so': library('liba.so'), 'usr/lib/liba.so': library('liba.so') },
      { runpath: '/none:/opt/x' },
      'opt/x/liba.so',
    ],
    ['RPATH', { 'opt/x/liba.so': library('liba.so') }, { rpath: '/opt/x' }, 'opt/x/liba.so'],
    [
      '$ORIGIN',
      { 'app/lib/liba.so': library('liba.so') },
      { runpath: '$ORIGIN/../app/lib' },
      'app/lib/liba.so',
    ],
    [
      'no folder, as one of another machine lies there',
      { 'usr/lib/liba.so': library('liba.so', { machine: 183 }) },
      {},
      undefined,
    ],
    ['no folder, as it is no library', { 'usr/lib/x': library('x') }, {}, undefined],
    ['no folder, as it lies where nobody looks', { 'opt/x/liba.so': library('liba.so') }, {}, undefined],
    ['no folder, as links run in a circle', { 'usr/lib/liba.so': '-> liba.so' }, {}, undefined],
  ])('find a library by %s', async (_what, files, elf, path) => {
    const found = libraryOf(
      await resolve([{ ...files, 'app/run': program({ needed: ['liba.so'], ...elf }) }]),
      'app/run',
      'liba.so',
    );
    expect(found).toBeDefined();
    expect(found?.path).toBe(path);
  });

  it('say where a library lies that the loader does not find', async () => {
    const files = await resolve([
      { 'opt/x/liba.so': library('liba.so'), 'app/run': program({ needed: ['liba.so'] }) },
    ]);
    expect(libraryOf(files, 'app/run', 'liba.so')).toEqual({
      name: 'liba.so',
      elsewhere: 'opt/x/liba.so',
      missingVersions: [],
    });
  });

  it('find libraries of folders of the configuration only if the cache has them', async () => {
    const files = {
      'opt/x/liba.so': library('liba.so'),
      'etc/ld.so.conf.d/x.conf': '/opt/x\n',
      'app/run': program({ needed: ['liba.so'] }),
    };
    expect(libraryOf(await resolve([files]), 'app/run', 'liba.so')?.path).toBeUndefined();
    const environment = { config: { Env: ['LD_LIBRARY_PATH=/opt/x'] } };
    expect(libraryOf(await resolve([files], environment), 'app/run', 'liba.so')?.path).toBe('opt/x/liba.so');
  });

  it('lack versions that the library does not define', async () => {
    const files = await resolve([
      {
        'usr/lib/libc.so.6': library('libc.so.6', { definitions: ['GLIBC_2.17', 'GLIBC_2.34'] }),
        'app/run': program({
          needed: ['libc.so.6'],
          versions: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_2.38', 'GLIBC_2.40?'] },
        }),
      },
    ]);
    expect(libraryOf(files, 'app/run', 'libc.so.6')?.missingVersions).toEqual(['GLIBC_2.38']);
  });

  it('of another platform are told, and nothing is looked for; 32-bit programs run on the same machines', async () => {
    const files = await resolve([
      {
        'app/arm': program({ machine: 183, needed: ['libc.so.6'] }),
        'app/x86': program({ machine: 3, class: 32 }),
        'app/odd': program({ machine: 9999 }),
      },
    ]);
    expect(files.map(({ isForeign, platform }) => [isForeign, platform])).toEqual([
      [true, 'linux/arm64'],
      [false, 'linux/386'],
      [true, undefined],
    ]);
    expect(files[0]?.libraries).toEqual([{ name: 'libc.so.6', missingVersions: [] }]);
  });

  it("in an image with musl's loader look where that looks", async () => {
    const musl = {
      'lib/ld-musl-x86_64.so.1': library('libc.so'),
      'lib/libc.musl-x86_64.so.1': '-> ld-musl-x86_64.so.1',
      'usr/local/lib/liba.so': library('liba.so'),
      'app/run': program({
        needed: ['liba.so', 'libc.musl-x86_64.so.1'],
        interpreter: '/lib/ld-musl-x86_64.so.1',
      }),
    };
    const files = await resolve([musl]);
    expect(libraryOf(files, 'app/run', 'liba.so')?.path).toBe('usr/local/lib/liba.so');
    expect(libraryOf(files, 'app/run', 'libc.musl-x86_64.so.1')?.path).toBe('lib/ld-musl-x86_64.so.1');
    const configured = await resolve([{ ...musl, 'etc/ld-musl-x86_64.path': '/lib\n/opt\n' }]);
    expect(libraryOf(configured, 'app/run', 'liba.so')?.path).toBeUndefined();
  });

  it('of other distributions look into lib64', async () => {
    const files = {
      'usr/lib64/liba.so': library('liba.so'),
      'app/run': program({ needed: ['liba.so'] }),
    };
    expect(libraryOf(await resolve([files]), 'app/run', 'liba.so')?.path).toBeUndefined();
    const fedora = { ...files, 'etc/os-release': 'ID=fedora\n' };
    expect(libraryOf(await resolve([fedora]), 'app/run', 'liba.so')?.path).toBe('usr/lib64/liba.so');
    const ubuntu = { ...files, 'etc/os-release': 'ID=ubuntu\nID_LIKE=debian\n' };
    expect(libraryOf(await resolve([ubuntu]), 'app/run', 'liba.so')?.path).toBeUndefined();
  });

  it('that a layer above removes or replaces do not count', async () => {
    const files = await resolve([
      {
        'usr/lib/liba.so': library('liba.so'),
        'app/run': program({ needed: ['liba.so'] }),
        'app/old': program({}),
      },
      { 'usr/lib/.wh.liba.so': '', 'app/old': 'text' },
    ]);
    expect(files.map(({ path }) => path)).toEqual(['app/run']);
    expect(libraryOf(files, 'app/run', 'liba.so')).toEqual({ name: 'liba.so', missingVersions: [] });
  });

  it('are looked at without resolving on platforms that Debian does not know', async () => {
    const files = await resolve([{ 'app/run': program({ machine: 258, needed: ['liba.so'] }) }], {
      platform: 'linux/loong64',
    });
    expect(files).toMatchObject([{ isForeign: false, libraries: [{ name: 'liba.so' }] }]);
  });
});
