import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../testing/root-files.ts';
import type { ElfInfo } from '../elf.ts';
import { findMissingLibraries, type MissingLibrary } from './missing-libraries.ts';

const X86: ElfInfo = {
  class: 64,
  endianness: 'little',
  type: 'shared',
  machine: 62,
  flags: 0,
  osAbi: 0,
  dynamic: true,
  needed: [],
};
const library = (soname: string, needed: string[] = [], more: Partial<ElfInfo> = {}): ElfInfo => ({
  ...X86,
  soname,
  needed,
  ...more,
});
const program = (needed: string[], more: Partial<ElfInfo> = {}): ElfInfo => ({
  ...X86,
  type: 'executable',
  needed,
  ...more,
});
/** Of a program that the kernel starts. */
const LOADED: Partial<ElfInfo> = { interpreter: '/lib64/ld' };

function missing(
  table: Readonly<Record<string, string | ElfInfo>>,
  configuration: Readonly<Record<string, string>> = {},
  libraryPath?: string,
): MissingLibrary[] {
  return findMissingLibraries(entriesOf(table), {
    libraryPath,
    configuration: new Map(Object.entries(configuration).map(([path, text]) => [path, Buffer.from(text)])),
    architecture: 'amd64',
  });
}

describe('libraries that the loader would not find', () => {
  it('are listed in the order of paths and names', () => {
    expect(
      missing({
        'usr/bin/b': program(['libz.so.1', 'liba.so.1', 'libc.so.6', 'liba.so.1']),
        'usr/bin/a': program(['libz.so.1']),
        'lib/x86_64-linux-gnu/libc.so.6': library('libc.so.6'),
      }),
    ).toEqual([
      { path: 'usr/bin/a', needed: 'libz.so.1' },
      { path: 'usr/bin/b', needed: 'liba.so.1' },
      { path: 'usr/bin/b', needed: 'libz.so.1' },
    ]);
  });

  it.each<[string, Readonly<Record<string, string | ElfInfo>>, Readonly<Record<string, string>>?]>([
    [
      'in a folder of the system',
      { 'bin/p': program(['libx.so.1']), 'usr/lib/libx.so.1': library('libx.so.1') },
    ],
    [
      'in a merged folder',
      { lib: '-> usr/lib', 'bin/p': program(['libx.so.1']), 'usr/lib/libx.so.1': library('libx.so.1') },
    ],
    [
      'by the name that it gives itself',
      { 'bin/p': program(['libx.so.1']), 'usr/lib/libx.so.1.2': library('libx.so.1') },
    ],
    [
      'in a configured folder',
      { 'bin/p': program(['libx.so.1']), 'opt/x/libx.so.1': library('libx.so.1') },
      { 'etc/ld.so.conf.d/x.conf': '/opt/x\n' },
    ],
    [
      'in its RUNPATH',
      {
        'opt/app/bin/p': program(['libx.so.1'], { runpath: '/none:${ORIGIN}/../lib' }),
        'opt/app/lib/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'in its RPATH',
      {
        'opt/app/p': program(['libx.so.1'], { rpath: '$ORIGIN' }),
        'opt/app/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'in the $LIB of a folder',
      {
        'opt/p': program(['libx.so.1'], { runpath: '/opt/$LIB' }),
        'opt/lib/x86_64-linux-gnu/libx.so.1': library('libx.so.1'),
      },
    ],
    ['by a path', { 'bin/p': program(['/opt/libx.so.1']), 'opt/libx.so.1': library('libx.so.1') }],
    ['where nothing is needed', { 'bin/p': program([], { dynamic: false }) }],
    ['or are of another architecture', { 'lib/firmware/p': program(['libx.so.1'], { machine: 183 }) }],
  ])('are not those %s', (_where, table, configuration) => {
    expect(missing(table, configuration)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string | ElfInfo>>]>([
    [
      'of another width',
      {
        'bin/p': program(['libx.so.1']),
        'lib/libx.so.1': library('libx.so.1', [], { class: 32, machine: 3 }),
      },
    ],
    ['behind a broken link', { 'bin/p': program(['libx.so.1']), 'lib/libx.so.1': '-> libx.so.1.2' }],
    [
      'for better hardware only',
      { 'bin/p': program(['libx.so.1']), 'lib/glibc-hwcaps/x86-64-v3/libx.so.1.1': library('libx.so.2') },
    ],
    [
      'in an RPATH that a RUNPATH overrules',
      {
        'bin/p': program(['libx.so.1'], { rpath: '/opt', runpath: '/none' }),
        'opt/libx.so.1': library('other.so'),
      },
    ],
  ])('are those %s', (_where, table) => {
    expect(missing(table)).toMatchObject([{ path: 'bin/p', needed: 'libx.so.1' }]);
  });

  it.each<[string, Readonly<Record<string, string | ElfInfo>>, string]>([
    [
      'that a program needs',
      { 'usr/bin/p': program(['libx.so.1']), 'usr/lib/foo/libx.so.1': library('libx.so.1') },
      'usr/lib/foo/libx.so.1',
    ],
    [
      'that lies beside the program',
      { 'opt/app/p': program(['libx.so.1'], LOADED), 'opt/app/libx.so.1': library('libx.so.1') },
      'opt/app/libx.so.1',
    ],
    [
      'that a library needs which every program finds',
      {
        'usr/lib/liby.so.1': library('liby.so.1', ['libx.so.1']),
        'usr/lib/foo/libx.so.1': library('libx.so.1'),
        'usr/lib/foo/p': program([], { runpath: '$ORIGIN' }),
      },
      'usr/lib/foo/libx.so.1',
    ],
    [
      'that a library needs of another private folder',
      {
        'usr/lib/bar/liby.so.1': library('liby.so.1', ['libx.so.1']),
        'usr/lib/foo/libx.so.1': library('libx.so.1'),
        'usr/lib/foobar/libx.so.1': library('libx.so.1'),
      },
      'usr/lib/foo/libx.so.1',
    ],
  ])('are listed with the place where one is %s', (_what, table, elsewhere) => {
    expect(missing({ ...table, 'lib64/ld': library('ld') })).toMatchObject([
      { needed: 'libx.so.1', elsewhere },
    ]);
  });

  it.each<[string, Readonly<Record<string, string | ElfInfo>>]>([
    [
      'around a library whose loader has them, as java has',
      {
        'usr/lib/jvm/lib/libjava.so': library('libjava.so', ['libjvm.so'], { runpath: '$ORIGIN' }),
        'usr/lib/jvm/lib/server/libjvm.so': library('libjvm.so'),
      },
    ],
    [
      'above a plugin, as Firefox has',
      {
        'usr/lib/firefox/plugins/1/plugin.so': library('plugin.so', ['libnss3.so']),
        'usr/lib/firefox/libnss3.so': library('libnss3.so'),
      },
    ],
    [
      'that the program of a plugin finds',
      {
        'opt/bin/app': program(['libcore.so.1'], { ...LOADED, runpath: '$ORIGIN/../lib' }),
        'opt/lib/libcore.so.1': library('libcore.so.1'),
        'opt/plugins/plugin.so': library('plugin.so', ['libcore.so.1']),
      },
    ],
  ])('are not those %s', (_what, table) => {
    expect(missing({ ...table, 'lib64/ld': library('ld') })).toEqual([]);
  });

  it('are not those of LD_LIBRARY_PATH', () => {
    const table = { 'bin/p': program(['libx.so.1']), 'opt/x/libx.so.1': library('libx.so.1') };
    expect(missing(table, {}, '/none:/opt/x/')).toEqual([]);
    expect(missing(table, {}, '/opt;/opt/x')).toEqual([]);
    expect(missing(table, {}, 'opt/x:')).toHaveLength(1);
  });

  it('may be the loader', () => {
    const table = { 'bin/p': program([], { interpreter: '/lib64/ld-linux-x86-64.so.2' }) };
    expect(missing(table)).toEqual([{ path: 'bin/p', needed: '/lib64/ld-linux-x86-64.so.2' }]);
    expect(missing({ ...table, 'lib64/ld-linux-x86-64.so.2': library('ld-linux-x86-64.so.2') })).toEqual([]);
  });
});
