import { type ElfHeader, ElfReader } from './elf-header.ts';

/** Types and flags of sections (gABI 4.1, "Sections"; the version sections: Linux Standard Base, "Symbol Versioning"). */
const TYPE = { STRINGS: 3, VERSIONS_DEFINED: 0x6ffffffd, VERSIONS_NEEDED: 0x6ffffffe } as const;
const LOADED = 2;

const MAX_SECTIONS = 4096;
/** Tables for the loader; a file has up to three. */
const MAX_TABLES = 8;

/**
 * Where the tables lie that the dynamic section points to, if the file starts with its section headers. Go's own linker
 * writes such files, and puts these tables between segments and before the dynamic section.
 * @param prefix the first bytes of the file
 * @returns nothing for other files: sections are for linkers, and no condition for using a file
 */
export function findTables(prefix: Uint8Array, header: ElfHeader): { offset: number; size: number }[] {
  const reader = new ElfReader(prefix, header);
  const at =
    header.class === 64
      ? { table: 40, sizes: 58, entry: 64, offset: 24, size: 32 }
      : { table: 32, sizes: 46, entry: 40, offset: 16, size: 20 };
  const table = reader.address(at.table);
  const count = reader.half(at.sizes + 2);
  const isReadable = reader.half(at.sizes) === at.entry && table + count * at.entry <= prefix.length;
  if (!isReadable || count > MAX_SECTIONS) return [];
  const entries = Array.from({ length: count }, (_none, index) => table + index * at.entry);
  return entries
    .filter((entry) => isTable(reader.word(entry + 4), reader.address(entry + 8) % 16))
    .slice(0, MAX_TABLES)
    .map((entry) => ({
      offset: reader.address(entry + at.offset),
      size: reader.address(entry + at.size),
    }));
}

function isTable(type: number, flags: number): boolean {
  const isVersions = type === TYPE.VERSIONS_NEEDED || type === TYPE.VERSIONS_DEFINED;
  return isVersions || (type === TYPE.STRINGS && (flags & LOADED) !== 0);
}
