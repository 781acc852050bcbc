import { type ElfHeader, ElfReader } from './elf-header.ts';
import type { HeldBytes } from './held-bytes.ts';

/** Types and flags of sections (gABI 4.1, "Sections"; the version sections: Linux Standard Base, "Symbol Versioning"). */
const TYPE = {
  SYMBOL_TABLE: 2,
  STRINGS: 3,
  DYNAMIC_SYMBOLS: 11,
  VERSIONS_DEFINED: 0x6ffffffd,
  VERSIONS_NEEDED: 0x6ffffffe,
} as const;
const LOADED = 2;

/** The header of a section. */
interface Section {
  /** Where its name begins in the section of names. */
  readonly name: number;
  readonly type: number;
  /** The lowest four bits. */
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
}

/** The name of a section. */
const DEBUGGING = '.debug_info\0';
const MAX_SECTIONS = 4096;
/** Tables for the loader; a file has up to four. */
const MAX_TABLES = 8;

/**
 * Where the tables lie that the dynamic section points to, if the file starts with its section headers. Go's own linker
 * writes such files, and puts these tables between segments and before the dynamic section.
 * @param prefix the first bytes of the file
 * @returns nothing for other files: sections are for linkers, and no condition for using a file
 */
export function findTables(prefix: Uint8Array, header: ElfHeader): { offset: number; size: number }[] {
  const table = placeOfSections(prefix, header);
  if (!table || table.offset + table.size > prefix.length) return [];
  const bytes = prefix.subarray(table.offset, table.offset + table.size);
  return readSections(bytes, header)
    .filter(({ type, flags }) => isTable(type, flags))
    .slice(0, MAX_TABLES)
    .map(({ offset, size }) => ({ offset, size }));
}

/**
 * Where the headers of sections lie in a file, and the number of the section with the names of all; nothing if it has none, or
 * they make no sense.
 */
export function placeOfSections(
  prefix: Uint8Array,
  header: ElfHeader,
): { offset: number; size: number; names: number } | undefined {
  const reader = new ElfReader(prefix, header);
  const at = header.class === 64 ? { table: 40, sizes: 58 } : { table: 32, sizes: 46 };
  const count = reader.half(at.sizes + 2);
  if (reader.half(at.sizes) !== entrySize(header) || count === 0 || count > MAX_SECTIONS) return undefined;
  return {
    offset: reader.address(at.table),
    size: count * entrySize(header),
    names: reader.half(at.sizes + 4),
  };
}

/** @param bytes headers of sections, all that {@link placeOfSections} told of */
function readSections(bytes: Uint8Array, header: ElfHeader): Section[] {
  const reader = new ElfReader(bytes, header);
  const entry = entrySize(header);
  const at = header.class === 64 ? { offset: 24, size: 32 } : { offset: 16, size: 20 };
  return Array.from({ length: Math.floor(bytes.length / entry) }, (_none, index) => index * entry).map(
    (start) => ({
      name: reader.word(start),
      type: reader.word(start + 4),
      flags: reader.address(start + 8) % 16,
      offset: reader.address(start + at.offset),
      size: reader.address(start + at.size),
    }),
  );
}

/**
 * Whether the table of all symbols and the debugging information, which only debuggers read, are gone.
 * @param place of the headers of sections
 */
export function isStripped(
  { offset, size, names }: NonNullable<ReturnType<typeof placeOfSections>>,
  header: ElfHeader,
  held: HeldBytes,
): boolean {
  const sections = readSections(held.read(offset, size) ?? new Uint8Array(0), header);
  if (sections.some(({ type }) => type === TYPE.SYMBOL_TABLE)) return false;
  const place = sections[names];
  const bytes = place && held.read(place.offset, place.size);
  return !bytes || !Buffer.from(bytes).includes(DEBUGGING, 0, 'latin1');
}

function isTable(type: number, flags: number): boolean {
  const isVersions = type === TYPE.VERSIONS_NEEDED || type === TYPE.VERSIONS_DEFINED;
  return isVersions || ((type === TYPE.STRINGS || type === TYPE.DYNAMIC_SYMBOLS) && (flags & LOADED) !== 0);
}

function entrySize(header: ElfHeader): number {
  return header.class === 64 ? 64 : 40;
}
