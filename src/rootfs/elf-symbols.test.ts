import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../testing/elf.ts';
import { withSections } from '../testing/elf-sections.ts';
import { readSymbolsOfVersion } from './elf-symbols.ts';

const NAMES = '\0libm.so.6\0GLIBC_2.38\0GLIBC_2.99\0fmod\0exp10\0sin\0';
const LIBRARY = { library: 'libm.so.6', version: 'GLIBC_2.38' };

/** Symbols with the number of their version: 2 is GLIBC_2.38 of libm.so.6, 3 GLIBC_2.99; of hidden ones the highest bit is set. */
function fileOf(elf: TestElf, symbols: readonly (readonly [name: string, version: number])[]): Buffer {
  const isWide = elf.class !== 32;
  const isLittle = elf.endianness !== 'big';
  const number = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size);
    bytes.writeUIntLE(value, 0, size);
    return isLittle ? bytes : bytes.reverse();
  };
  const at = (name: string): Buffer => number(NAMES.indexOf(`\0${name}\0`) + 1, 4);
  const entry = isWide ? 24 : 16;
  const need = [
    ...[number(1, 2), number(2, 2), at('libm.so.6'), number(16, 4), number(0, 4)],
    ...[number(0, 4), number(0, 2), number(2, 2), at('GLIBC_2.38'), number(16, 4)],
    ...[number(0, 4), number(0, 2), number(3, 2), at('GLIBC_2.99'), number(0, 4)],
  ];
  const tables: Readonly<Record<string, { type: number; bytes: Buffer }>> = {
    '.dynsym': {
      type: 11,
      bytes: Buffer.concat([
        Buffer.alloc(entry),
        ...symbols.map(([name]) => Buffer.concat([at(name), Buffer.alloc(entry - 4)])),
      ]),
    },
    '.gnu.version': {
      type: 0x6fffffff,
      bytes: Buffer.concat([number(0, 2), ...symbols.map(([, version]) => number(version, 2))]),
    },
    '.gnu.version_r': { type: 0x6ffffffe, bytes: Buffer.concat(need) },
    '.dynstr': { type: 3, bytes: Buffer.from(NAMES) },
  };
  const contents = Object.entries(tables);
  const file = withSections(
    makeElf(elf),
    Object.fromEntries(contents.map(([name, { bytes }]) => [name, bytes])),
  );
  const header = isWide ? 64 : 40;
  const table = file.length - (contents.length + 2) * header;
  for (const [index, [, { type }]] of contents.entries()) {
    file.set(number(type, 4), table + (index + 1) * header + 4);
    // All have the names of the last one.
    file.set(number(contents.length, 4), table + (index + 1) * header + (isWide ? 40 : 24));
  }
  return file;
}

function symbolsOf(file: Uint8Array, wanted = LIBRARY, most = 9): string[] {
  return readSymbolsOfVersion((start, length) => file.subarray(start, start + length), wanted, most);
}

const SYMBOLS = [
  ['fmod', 2],
  ['sin', 3],
  ['exp10', 2 | 0x8000],
] as const;

describe('symbols of a version', () => {
  it.each<TestElf>([{}, { class: 32, machine: 3 }, { endianness: 'big' }, { class: 32, endianness: 'big' }])(
    'are found in the order of the file: %j',
    (elf) => {
      const file = fileOf(elf, SYMBOLS);
      expect(symbolsOf(file)).toEqual(['fmod', 'exp10']);
      expect(symbolsOf(file, { ...LIBRARY, version: 'GLIBC_2.99' })).toEqual(['sin']);
    },
  );

  it('are as many as asked for', () => {
    expect(symbolsOf(fileOf({}, SYMBOLS), LIBRARY, 1)).toEqual(['fmod']);
  });

  it('are none of another library or version, and none of a file without sections', () => {
    expect(symbolsOf(fileOf({}, SYMBOLS), { ...LIBRARY, library: 'libc.so.6' })).toEqual([]);
    expect(symbolsOf(fileOf({}, SYMBOLS), { ...LIBRARY, version: 'GLIBC_2.1' })).toEqual([]);
    expect(symbolsOf(makeElf())).toEqual([]);
    expect(symbolsOf(Buffer.from('#!/bin/sh\n'))).toEqual([]);
  });

  it('are some names or none in a damaged file, and never an error', () => {
    const file = fileOf({}, SYMBOLS);
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(file.length), (bytes, end) => {
        const damaged = Buffer.from(file.subarray(0, end === 0 ? file.length : end));
        for (const [at, value] of bytes) if (at < damaged.length) damaged[at] = value;
        expect(symbolsOf(damaged).every((name) => typeof name === 'string')).toBe(true);
      }),
    );
    expect(symbolsOf(file.subarray(0, file.length - 1))).toEqual([]);
  });
});
