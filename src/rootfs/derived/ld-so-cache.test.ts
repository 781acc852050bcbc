import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../testing/root-files.ts';
import type { ElfInfo } from '../elf.ts';
import { TreeLookup } from '../tree-lookup.ts';
import { deriveLdSoCache, encodeCache } from './ld-so-cache.ts';
import { readLibraryFolders } from './ld-so-conf.ts';
import { libraryAbi, type LibraryAbi, libraryKind } from './library-abi.ts';
import { type CachedLibrary, compareNames, findLibraries, type SharedLibraries } from './shared-libraries.ts';
import { StringTable } from './string-table.ts';

const AMD64 = abiOf('amd64');
const LIB = 'usr/lib/x86_64-linux-gnu';

function abiOf(architecture: string): LibraryAbi {
  const abi = libraryAbi(architecture);
  if (!abi) throw new Error(`no ABI of ${architecture}`);
  return abi;
}

function elf(soname?: string, more: Partial<ElfInfo> = {}): ElfInfo {
  return {
    class: 64,
    endianness: 'little',
    type: 'shared',
    machine: 62,
    flags: 0,
    osAbi: 0,
    dynamic: true,
    needed: [],
    ...(soname === undefined ? {} : { soname }),
    ...more,
  };
}

function search(
  table: Readonly<Record<string, string | ElfInfo>>,
  configured: readonly string[] = [],
): SharedLibraries {
  return findLibraries(new TreeLookup(entriesOf(table)), AMD64, configured);
}

const namesAndPaths = ({ libraries }: SharedLibraries): string[] =>
  libraries.map(({ name, path }) => `${name} ${path}`);

describe('the folders of /etc/ld.so.conf', () => {
  const read = (files: Readonly<Record<string, string>>): string[] =>
    readLibraryFolders(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));

  it('are those of conf.d where the file itself is absent, as in an image without libc-bin', () => {
    expect(
      read({
        'etc/ld.so.conf.d/b.conf': '/b\n',
        'etc/ld.so.conf.d/a.conf': '# first\n/a/\n\n  /a2 # why\n',
        'etc/ld.so.conf.d/a.txt': '/not\n',
        'etc/ld.so.conf.d/.hidden.conf': '/not\n',
      }),
    ).toEqual(['/a', '/a2', '/b']);
  });

  it.each<[string, Readonly<Record<string, string>>, string[]]>([
    [
      'includes are read where they stand',
      { 'etc/ld.so.conf': '/1\ninclude x/*.conf\n/2', 'etc/x/a.conf': '/x' },
      ['/1', '/x', '/2'],
    ],
    [
      'one include may have several patterns',
      { 'etc/ld.so.conf': 'include\t/b /a', a: '/a', b: '/b' },
      ['/b', '/a'],
    ],
    ['files that include each other are read once', { 'etc/ld.so.conf': 'include *.conf\n/1' }, ['/1']],
    [
      'hwcap lines and relative folders are no folders',
      { 'etc/ld.so.conf': 'hwcap 1 nosegneg\nlib\n/\n/a' },
      ['/a'],
    ],
    ['nothing', { 'etc/ld.so.conf': '' }, []],
  ])('%s', (_what, files, folders) => {
    expect(read(files)).toEqual(folders);
  });
});

describe('libraries', () => {
  it('are files and links named as libraries are, of this architecture, once for each name', () => {
    const found = search({
      [`${LIB}/libz.so.1`]: '-> libz.so.1.3',
      [`${LIB}/libz.so.1.3`]: elf('libz.so.1'),
      [`${LIB}/libz.so`]: '-> libz.so.1.3',
      [`${LIB}/ld-linux-x86-64.so.2`]: elf('ld-linux-x86-64.so.2'),
      [`${LIB}/libplain.so`]: elf(),
      [`${LIB}/plugin.so`]: elf('plugin.so'),
      [`${LIB}/libscript.so`]: 'file',
      [`${LIB}/libgone.so.1`]: '-> libgone.so.1.0',
      [`${LIB}/libother.so.1`]: elf('libother.so.1', { machine: 183 }),
      [`${LIB}/libbig.so.1`]: elf('libbig.so.1', { endianness: 'big' }),
      [`${LIB}/libprogram.so.1`]: elf('libprogram.so.1', { type: 'executable' }),
      [`${LIB}/libstatic.so.1`]: elf(undefined, { dynamic: false }),
      [`${LIB}/libnew.so.1.dpkg-new`]: elf('libnew.so.1'),
      [`${LIB}/libevil.so.1`]: elf('../../../etc/passwd'),
      [`${LIB}/sub/libsub.so.1`]: elf('libsub.so.1'),
    });
    expect(namesAndPaths(found).sort()).toEqual([
      'ld-linux-x86-64.so.2 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
      'libplain.so /usr/lib/x86_64-linux-gnu/libplain.so',
      'libz.so /usr/lib/x86_64-linux-gnu/libz.so',
      'libz.so.1 /usr/lib/x86_64-linux-gnu/libz.so.1',
    ]);
    expect(found.links).toEqual([]);
  });

  it('lie below the first name of a folder that has several', () => {
    const merged = { lib: '-> usr/lib', [`${LIB}/libc.so.6`]: elf('libc.so.6') };
    expect(namesAndPaths(search(merged))).toEqual(['libc.so.6 /lib/x86_64-linux-gnu/libc.so.6']);
    expect(namesAndPaths(search(merged, ['/usr/lib/x86_64-linux-gnu']))).toEqual([
      'libc.so.6 /usr/lib/x86_64-linux-gnu/libc.so.6',
    ]);
    expect(
      namesAndPaths(search({ 'lib/libc.so.6': elf('libc.so.6'), 'usr/lib/libz.so.1': elf('libz.so.1') })),
    ).toEqual(['libc.so.6 /lib/libc.so.6', 'libz.so.1 /usr/lib/libz.so.1']);
  });

  it('reach through links of alternatives', () => {
    const found = search({
      [`${LIB}/libblas.so.3`]: '-> /etc/alternatives/libblas.so.3',
      'etc/alternatives/libblas.so.3': `-> /${LIB}/openblas/libblas.so.3`,
      [`${LIB}/openblas/libblas.so.3`]: elf('libblas.so.3'),
    });
    expect(namesAndPaths(found)).toEqual(['libblas.so.3 /usr/lib/x86_64-linux-gnu/libblas.so.3']);
  });

  it.each<[string, Readonly<Record<string, string | ElfInfo>>, string[]]>([
    ['is made where it is missing', { 'lib/libx.so.1.2': elf('libx.so.1') }, ['lib/libx.so.1 → libx.so.1.2']],
    [
      'is made to the newest of several',
      { 'lib/libx.so.1.9': elf('libx.so.1'), 'lib/libx.so.1.10': elf('libx.so.1') },
      ['lib/libx.so.1 → libx.so.1.10'],
    ],
    [
      'is mended where it leads to nothing',
      { 'lib/libx.so.1': '-> gone', 'lib/libx.so.1.2': elf('libx.so.1') },
      ['lib/libx.so.1 → libx.so.1.2'],
    ],
    [
      'is no work where it is right, through more links and hard links too',
      {
        'lib/libx.so.1': '-> /opt/x',
        'opt/x': '= lib/libx.so.1.2',
        'lib/libx.so.1.2': elf('libx.so.1'),
      },
      [],
    ],
    ['never takes the place of a file', { 'lib/libx.so.1': 'file', 'lib/libx.so.1.2': elf('libx.so.1') }, []],
    ['is not made in glibc-hwcaps', { 'lib/glibc-hwcaps/x86-64-v3/libx.so.1.2': elf('libx.so.1') }, []],
    [
      'is made below the real path of the folder',
      { lib: '-> usr/lib', 'usr/lib/libx.so.1.2': elf('libx.so.1') },
      ['usr/lib/libx.so.1 → libx.so.1.2'],
    ],
  ])('the link of their own name %s', (_what, table, links) => {
    expect(search(table).links.map(({ path, target }) => `${path} → ${target}`)).toEqual(links);
  });

  it('for better hardware lie in glibc-hwcaps, by the names of their files', () => {
    const { libraries, hwcaps } = search({
      'lib/libx.so.1': elf('libx.so.1'),
      'lib/glibc-hwcaps/x86-64-v3/libx.so.1.2': elf('libx.so.1', { isaLevel: 2 }),
      'lib/glibc-hwcaps/x86-64-v4': 'folder',
      'lib/glibc-hwcaps/.hidden/liby.so': elf(),
      'lib/glibc-hwcaps/README': 'file',
    });
    expect(hwcaps).toEqual(['x86-64-v3', 'x86-64-v4']);
    expect(libraries).toMatchObject([
      { name: 'libx.so.1', path: '/lib/libx.so.1', hwcaps: undefined },
      {
        name: 'libx.so.1',
        path: '/lib/glibc-hwcaps/x86-64-v3/libx.so.1.2',
        hwcaps: 'x86-64-v3',
        isaLevel: 2,
      },
    ]);
  });
});

describe('the kind of a library', () => {
  it.each<[string, Partial<ElfInfo>, number | undefined]>([
    ['amd64', {}, 0x303],
    ['amd64', { class: 32 }, 0x803],
    ['amd64', { class: 32, machine: 3 }, 0x3],
    ['i386', { class: 32, machine: 3 }, 0x3],
    ['arm64', { machine: 183 }, 0xa03],
    ['arm64', { machine: 183, endianness: 'big' }, undefined],
    ['arm64', { machine: 62 }, undefined],
    ['armhf', { class: 32, machine: 40, flags: 0x5000400 }, 0x903],
    ['armel', { class: 32, machine: 40, flags: 0x5000200 }, 0xb03],
    ['armhf', { class: 32, machine: 40, flags: 0x5000000 }, 0x3],
    ['armhf', { class: 32, machine: 40, flags: 0x4000400 }, 0x3],
    ['s390x', { machine: 22, endianness: 'big' }, 0x403],
    ['ppc64el', { machine: 21, flags: 2 }, 0x503],
    ['riscv64', { machine: 243, flags: 5 }, 0x1003],
    ['riscv64', { machine: 243, flags: 1 }, 0xf03],
    ['riscv64', { machine: 243, flags: 3 }, undefined],
    ['riscv64', { machine: 243, flags: 0x14 }, undefined],
  ])('on %s of %o is %s', (architecture, change, kind) => {
    expect(libraryKind(elf('x', change), abiOf(architecture))).toBe(kind);
  });
});

describe('the order of names', () => {
  it.each([
    ['libx.so.9', 'libx.so.10', -1],
    ['libx.so.1', 'libx.so.1', 0],
    ['libx.so.01', 'libx.so.1', 0],
    ['libx.so', 'libx.so.1', -1],
    ['libx1.so', 'libx.so', 1],
    ['liba.so', 'libb.so', -1],
    ['', 'a', -1],
    ['libx.so.4294967297', 'libx.so.1', 0],
  ])('%s and %s: %s', (left, right, order) => {
    expect(Math.sign(compareNames(left, right))).toBe(order);
    expect(Math.sign(compareNames(right, left))).toBe(0 - order);
  });
});

describe('the table of strings', () => {
  it('holds a text that is the end of another one within that', () => {
    const table = new StringTable(['b', '/lib/b', 'a', '/lib/b', 'lib/b']);
    expect(Buffer.from(table.bytes).toString()).toBe('/lib/b\0a\0');
    expect(['/lib/b', 'lib/b', 'b', 'a'].map((text) => table.offset(text))).toEqual([0, 1, 5, 7]);
  });
});

describe('/etc/ld.so.cache', () => {
  const library = (name: string, more: Partial<CachedLibrary> = {}): CachedLibrary => ({
    name,
    path: `/lib/${name}`,
    kind: 0x303,
    hwcaps: undefined,
    isaLevel: 0,
    mtime: 0,
    ...more,
  });

  it('is what ldconfig of glibc 2.36 wrote for a folder with libx.so.1, in x86-64-v3 too', () => {
    const bytes = encodeCache(
      {
        libraries: [
          library('libx.so.1'),
          library('libx.so.1', {
            path: '/lib/glibc-hwcaps/x86-64-v3/libx.so.1.2',
            hwcaps: 'x86-64-v3',
            isaLevel: 2,
          }),
        ],
        hwcaps: ['x86-64-v3'],
      },
      'little',
      'ldconfig (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36',
    );
    expect(Buffer.from(bytes).toString('hex')).toMatchInlineSnapshot(
      `"676c6962632d6c642e736f2e6361636865312e31020000004100000002000000a400000000000000000000000000000003030000970000006a0000000000000000000000020000400303000097000000920000000000000000000000000000007838362d36342d7633002f6c69622f676c6962632d6877636170732f7838362d36342d76332f6c6962782e736f2e312e32002f6c69622f6c6962782e736f2e31000000007421a4ea020000000000000000000000d0000000430000000100000000000000cc00000004000000600000006c64636f6e666967202844656269616e20474c49424320322e33362d392b64656231327531342920737461626c652072656c656173652076657273696f6e20322e3336"`,
    );
  });

  it('has the byte order of its architecture', () => {
    const found = { libraries: [library('libc.so.6', { kind: 0x403 })], hwcaps: [] };
    const big = Buffer.from(encodeCache(found, 'big'));
    expect(big.readUInt32BE(20)).toBe(1);
    expect(big[28]).toBe(3);
    expect(big.readUInt32BE(48)).toBe(0x403);
    expect(big.toString('latin1', big.readUInt32BE(52)).split('\0')[0]).toBe('libc.so.6');
    const little = Buffer.from(encodeCache(found, 'little'));
    expect([little.readUInt32LE(20), little[28], little.readUInt32LE(48)]).toEqual([1, 2, 0x403]);
    expect(little.toString('latin1').endsWith('pith')).toBe(true);
  });

  it('lists libraries as the loader searches them, whatever order they come in', () => {
    const libraries = [
      library('liba.so.2'),
      library('liba.so.10'),
      library('libb.so'),
      library('liba.so.2', { kind: 0x3, path: '/i386' }),
      library('liba.so.2', { hwcaps: 'x86-64-v4', path: '/v4' }),
      library('liba.so.2', { hwcaps: 'x86-64-v3', path: '/v3' }),
    ];
    const hwcaps = ['x86-64-v3', 'x86-64-v4'];
    const bytes = Buffer.from(encodeCache({ libraries, hwcaps }, 'little'));
    const paths = libraries.map((_library, index) => {
      const at = bytes.readUInt32LE(48 + 24 * index + 8);
      return bytes.toString('latin1', at, bytes.indexOf(0, at));
    });
    expect(paths).toEqual(['/lib/libb.so', '/lib/liba.so.10', '/v3', '/v4', '/lib/liba.so.2', '/i386']);
    expect(encodeCache({ libraries: libraries.toReversed(), hwcaps }, 'little')).toEqual(bytes);
  });

  it('comes with the links that are missing, at the newest time of a library', () => {
    const entries = entriesOf({ [`${LIB}/libx.so.1.2`]: elf('libx.so.1') });
    expect(deriveLdSoCache(entries, { configuration: new Map(), architecture: 'amd64' })).toMatchObject([
      { path: `${LIB}/libx.so.1`, kind: 'symlink', target: 'libx.so.1.2', mtime: 7 },
      { path: 'etc/ld.so.cache', kind: 'file', mode: 0o644, mtime: 7, origin: '1 shared libraries' },
    ]);
  });

  it('is not made without libraries, nor for an architecture whose glibc is not known', () => {
    const options = { configuration: new Map<string, Uint8Array>(), architecture: 'amd64' };
    expect(deriveLdSoCache(entriesOf({ 'opt/libx.so': elf() }), options)).toEqual([]);
    expect(deriveLdSoCache(entriesOf({ 'lib/libx.so': elf() }), options)).toHaveLength(1);
    for (const architecture of ['alpha', 'toString'])
      expect(deriveLdSoCache(entriesOf({ 'lib/libx.so': elf() }), { ...options, architecture })).toEqual([]);
  });
});
