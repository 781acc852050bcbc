import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../testing/elf.ts';
import { withSections } from '../testing/elf-sections.ts';
import { type ElfHeader, readHeader } from './elf-header.ts';
import { findTables } from './elf-sections.ts';

function headerOf(file: Uint8Array): ElfHeader {
  const header = readHeader(file);
  if (!header) throw new Error('no ELF file');
  return header;
}

/** A file whose sections are tables of the loader, as Go's linker writes them, but for the last one. */
function fileOf(elf: TestElf): { file: Buffer; start: number } {
  const start = makeElf(elf).length;
  const file = withSections(makeElf(elf), {
    '.dynstr': Buffer.alloc(10),
    '.gnu.version_r': Buffer.alloc(20),
    '.strtab': Buffer.alloc(30),
  });
  const { isWide, isLittle } = { isWide: elf.class !== 32, isLittle: elf.endianness !== 'big' };
  const entry = isWide ? 64 : 40;
  const table = file.length - 5 * entry;
  const set = (value: number, at: number): void => {
    if (isLittle) file.writeUInt32LE(value, at);
    else file.writeUInt32BE(value, at);
  };
  for (const [index, type, flags] of [
    [1, 3, 2],
    [2, 0x6ffffffe, 2],
    [3, 3, 0],
  ] as const) {
    set(type, table + index * entry + 4);
    set(flags, table + index * entry + (isWide && !isLittle ? 12 : 8));
  }
  return { file, start };
}

describe('the tables of the loader', () => {
  it.each<TestElf>([{}, { class: 32, machine: 3 }, { endianness: 'big' }, { class: 32, endianness: 'big' }])(
    'are found by their sections: %j',
    (elf) => {
      const { file, start } = fileOf(elf);
      expect(findTables(file, headerOf(file))).toEqual([
        { offset: start, size: 10 },
        { offset: start + 10, size: 20 },
      ]);
    },
  );

  it('are not known if the section headers are not at the start, or there are none', () => {
    const { file } = fileOf({});
    expect(findTables(file.subarray(0, file.length - 1), headerOf(file))).toEqual([]);
    expect(findTables(makeElf(), headerOf(makeElf()))).toEqual([]);
  });

  it('are few, whatever bytes are there', () => {
    const { file } = fileOf({});
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const bytes = Buffer.from(file);
        for (const [at, value] of changes) bytes[at] = value;
        const header = readHeader(bytes);
        if (header) expect(findTables(bytes, header).length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
