import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../testing/root-files.ts';
import type { ElfInfo } from '../elf.ts';
import { findMissingVersions } from './missing-versions.ts';

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
const program = (versions: Readonly<Record<string, readonly string[]>>): ElfInfo => ({
  ...X86,
  type: 'executable',
  runpath: '$ORIGIN/../own',
  needed: Object.keys(versions),
  versionsNeeded: versions,
});
const library = (soname: string, versionsDefined?: readonly string[]): ElfInfo => ({
  ...X86,
  soname,
  ...(versionsDefined ? { versionsDefined } : {}),
});

/** `PATH: VERSION of LIBRARY (NAME)` */
function missing(table: Readonly<Record<string, string | ElfInfo>>, architecture = 'amd64'): string[] {
  return findMissingVersions(entriesOf(table), { configuration: new Map(), architecture }).map(
    ({ path, version, library: found, needed }) => `${path}: ${version} of ${found} (${needed})`,
  );
}

describe('versions of symbols that libraries lack', () => {
  const p = program({ 'libx.so.1': ['X_1', 'X_2', 'X_3'] });

  it.each<[string, Readonly<Record<string, string | ElfInfo>>, string[]]>([
    ['none where all are defined', { 'usr/lib/libx.so.1': library('libx.so.1', ['X_1', 'X_2', 'X_3']) }, []],
    [
      'each that is not defined',
      { 'usr/lib/libx.so.1': library('libx.so.1', ['X_1']) },
      ['bin/p: X_2 of usr/lib/libx.so.1 (libx.so.1)', 'bin/p: X_3 of usr/lib/libx.so.1 (libx.so.1)'],
    ],
    [
      'all where none is defined',
      { 'usr/lib/libx.so.1': library('libx.so.1') },
      ['X_1', 'X_2', 'X_3'].map((version) => `bin/p: ${version} of usr/lib/libx.so.1 (libx.so.1)`),
    ],
    ['none of a library that is absent', {}, []],
    ['none of a library that could not be read', { 'usr/lib/libx.so.1': 'file' }, []],
    [
      'those of the file behind a link',
      {
        'usr/lib/libx.so.1': '-> libx.so.1.2',
        'usr/lib/libx.so.1.2': library('libx.so.1', ['X_1', 'X_2']),
      },
      ['bin/p: X_3 of usr/lib/libx.so.1.2 (libx.so.1)'],
    ],
    [
      'those of the library in RUNPATH, which comes first',
      {
        'usr/lib/libx.so.1': library('libx.so.1', ['X_1', 'X_2', 'X_3']),
        'own/libx.so.1': library('libx.so.1', ['X_2', 'X_3']),
      },
      ['bin/p: X_1 of own/libx.so.1 (libx.so.1)'],
    ],
  ])('are %s', (_what, table, expected) => {
    expect(missing({ 'bin/p': p, ...table })).toEqual(expected);
  });

  it('are not known of architectures that glibc is not known for', () => {
    expect(missing({ 'bin/p': p, 'usr/lib/libx.so.1': library('libx.so.1') }, 'vax')).toEqual([]);
  });
});
