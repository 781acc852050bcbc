import { type ElfHeader, ElfReader, MAX_HEADERS, readHeader } from './elf-header.ts';

/**
 * Types of sections (gABI 4.1, "Sections"; the version sections: Linux Standard Base, "Symbol Versioning"). The dynamic
 * section says where the table of symbols begins, but only its section how long it is.
 */
const TYPE = { SYMBOLS: 11, VERSIONS: 0x6fffffff, VERSIONS_NEEDED: 0x6ffffffe } as const;

const MAX_SECTIONS = 4096;
/** libLLVM's table of symbols has 1 MiB, its names 5 MiB. */
const MAX_TABLE = 16 << 20;
const MAX_VERSIONS = 4096;
/** C++ has longer names, which nobody reads. */
const MAX_NAME = 200;
/** Bits of a symbol's version that are its number; the highest hides the symbol. */
const VERSION_NUMBER = 0x7fff;

/** Bytes of a file from an offset on; fewer at its end. */
export type ReadBytes = (start: number, length: number) => Uint8Array;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Number of the section that it belongs to: of its names. */
  readonly link: number;
}

/**
 * The functions and variables that a program or library wants of a version of a library, such as `fmod` of `GLIBC_2.38` of
 * `libm.so.6`, in the file's order.
 * @param most so many are looked for
 * @returns nothing if the file has no sections, or its tables make no sense; nothing is thrown
 */
export function readSymbolsOfVersion(
  read: ReadBytes,
  { library, version }: { readonly library: string; readonly version: string },
  most: number,
): string[] {
  const header = readHeader(read(0, MAX_HEADERS));
  const sections = header ? readSections(header, read) : [];
  const symbols = sections.find(({ type }) => type === TYPE.SYMBOLS);
  const open = (section: Section | undefined): ElfReader | undefined => {
    if (!header || !section || section.size > MAX_TABLE) return undefined;
    const bytes = read(section.offset, section.size);
    return bytes.length === section.size ? new ElfReader(bytes, header) : undefined;
  };
  const needed = sections.find(({ type }) => type === TYPE.VERSIONS_NEEDED);
  const [table, names] = [open(symbols), openNames(open(sections[symbols?.link ?? -1]))];
  const [versions, needs] = [open(sections.find(({ type }) => type === TYPE.VERSIONS)), open(needed)];
  if (!header || !table || !names || !versions || !needs) return [];
  const number = numberOf(needs, names, library, version);
  if (number === undefined) return [];
  const entry = header.class === 64 ? 24 : 16;
  const count = Math.min(Math.floor(table.length / entry), Math.floor(versions.length / 2));
  const found: string[] = [];
  for (let index = 1; index < count && found.length < most; index++) {
    if ((versions.half(2 * index) & VERSION_NUMBER) !== number) continue;
    const name = names(table.word(index * entry));
    if (name !== undefined && name !== '') found.push(name);
  }
  return found;
}

function readSections(header: ElfHeader, read: ReadBytes): Section[] {
  const isWide = header.class === 64;
  const at = isWide
    ? { table: 40, sizes: 58, entry: 64, offset: 24, size: 32, link: 40 }
    : { table: 32, sizes: 46, entry: 40, offset: 16, size: 20, link: 24 };
  const head = new ElfReader(read(0, 64), header);
  const count = head.half(at.sizes + 2);
  if (head.half(at.sizes) !== at.entry || count > MAX_SECTIONS) return [];
  const bytes = read(head.address(at.table), count * at.entry);
  if (bytes.length < count * at.entry) return [];
  const reader = new ElfReader(bytes, header);
  return Array.from({ length: count }, (_none, index) => index * at.entry).map((entry) => ({
    type: reader.word(entry + 4),
    offset: reader.address(entry + at.offset),
    size: reader.address(entry + at.size),
    link: reader.word(entry + at.link),
  }));
}

function openNames(strings: ElfReader | undefined): ((at: number) => string | undefined) | undefined {
  return strings && ((at) => strings.text(at, MAX_NAME));
}

/** The number by which symbols say that they are of a version. */
function numberOf(
  needs: ElfReader,
  names: (at: number) => string | undefined,
  library: string,
  version: string,
): number | undefined {
  let left = MAX_VERSIONS;
  for (let at = 0, next = 1; next !== 0 && at + 16 <= needs.length && left > 0; at += next, left--) {
    next = needs.word(at + 12);
    if (names(needs.word(at + 4)) !== library) continue;
    let place = at + needs.word(at + 8);
    for (let step = 1; step !== 0 && place + 16 <= needs.length && left > 0; place += step, left--) {
      if (names(needs.word(place + 8)) === version) return needs.half(place + 6);
      step = needs.word(place + 12);
    }
  }
  return undefined;
}
