import { type ElfHeader, ElfReader, locate } from './elf-header.ts';
import type { HeldBytes } from './held-bytes.ts';

/** Tags of the dynamic section (gABI 4.1, "Dynamic Section"; the version tags: Linux Standard Base, "Symbol Versioning"). */
const TAG = {
  END: 0,
  NEEDED: 1,
  STRINGS: 5,
  SYMBOLS: 6,
  STRINGS_SIZE: 10,
  SONAME: 14,
  RPATH: 15,
  BIND_NOW: 24,
  RUNPATH: 29,
  FLAGS: 30,
  FLAGS_1: 0x6ffffffb,
  VERSIONS_DEFINED: 0x6ffffffc,
  VERSIONS_NEEDED: 0x6ffffffe,
} as const;

/** What else has an address: GOT, hashes, relocations, code and arrays at the start and the end, versions of symbols. */
const OTHER_ADDRESSES = [3, 4, 7, 12, 13, 17, 23, 25, 26, 36, 0x6ffffef5, 0x6ffffff0] as const;

/** Flags of a file (GNU extensions: binutils' elf/common.h). */
const FLAG = { BIND_NOW: 8, NOW_1: 1, PIE_1: 0x08000000 } as const;

/** Flags of a version: of the file itself, and of one that the loader does without. */
const VERSION_FLAG = { BASE: 1, WEAK: 2 } as const;

/** Longest name that is read; longer than any path. */
const MAX_NAME = 4096;
/** Bytes of all names of one file; the largest programs have some 10,000. */
const MAX_NAMES = 256 << 10;
const MAX_VERSIONS = 4096;

export interface Dynamic {
  readonly needed: readonly number[];
  readonly soname: number | undefined;
  readonly rpath: number | undefined;
  readonly runpath: number | undefined;
  /** Where the string table lies in the file. */
  readonly strings: { readonly offset: number; readonly size: number };
  /** Where the versions lie in the file, if there are any: those that it needs, and those that it defines. */
  readonly versionsNeeded: number | undefined;
  readonly versionsDefined: number | undefined;
  /** Where the symbols lie in the file: up to the next table, which may be a little more than there are. */
  readonly symbols: { readonly offset: number; readonly size: number } | undefined;
  /** The loader binds all functions before the program starts. */
  readonly bindsNow: boolean;
  /** It says that it is a position-independent program. */
  readonly isProgram: boolean;
}

/** The entries of the dynamic section; nothing if its string table lies in no segment of the file. */
export function readDynamic(bytes: Uint8Array, header: ElfHeader): Dynamic | undefined {
  const reader = new ElfReader(bytes, header);
  const width = header.class / 8;
  const needed: number[] = [];
  const values = new Map<number, number>();
  for (let at = 0; at + 2 * width <= reader.length; at += 2 * width) {
    const tag = reader.address(at);
    if (tag === TAG.END) break;
    const value = reader.address(at + width);
    if (tag === TAG.NEEDED) needed.push(value);
    else if (!values.has(tag)) values.set(tag, value);
  }
  const address = values.get(TAG.STRINGS);
  const size = values.get(TAG.STRINGS_SIZE);
  const place = address === undefined ? undefined : locate(header, address);
  if (!place || size === undefined || size > place.available) return undefined;
  const offsetOf = (at: number | undefined): number | undefined =>
    at === undefined ? undefined : locate(header, at)?.offset;
  const hasFlag = (tag: number, flag: number): boolean => ((values.get(tag) ?? 0) & flag) !== 0;
  return {
    needed,
    soname: values.get(TAG.SONAME),
    rpath: values.get(TAG.RPATH),
    runpath: values.get(TAG.RUNPATH),
    strings: { offset: place.offset, size },
    versionsNeeded: offsetOf(values.get(TAG.VERSIONS_NEEDED)),
    versionsDefined: offsetOf(values.get(TAG.VERSIONS_DEFINED)),
    symbols: placeOfSymbols(values, header),
    bindsNow:
      values.has(TAG.BIND_NOW) || hasFlag(TAG.FLAGS, FLAG.BIND_NOW) || hasFlag(TAG.FLAGS_1, FLAG.NOW_1),
    isProgram: hasFlag(TAG.FLAGS_1, FLAG.PIE_1),
  };
}

/** The dynamic section says where the symbols begin, but not how many there are. */
function placeOfSymbols(values: ReadonlyMap<number, number>, header: ElfHeader): Dynamic['symbols'] {
  const start = values.get(TAG.SYMBOLS);
  const place = start === undefined ? undefined : locate(header, start);
  if (start === undefined || !place) return undefined;
  const tags = [TAG.STRINGS, TAG.VERSIONS_NEEDED, TAG.VERSIONS_DEFINED, ...OTHER_ADDRESSES];
  const behind = tags.map((tag) => (values.get(tag) ?? 0) - start).filter((distance) => distance > 0);
  return { offset: place.offset, size: Math.min(place.available, ...behind) };
}

/** Reads names of the string table, as many bytes of them as one file may have. */
export class NameReader {
  readonly #held: HeldBytes;
  readonly #strings: Dynamic['strings'];
  #left = MAX_NAMES;

  constructor(held: HeldBytes, strings: Dynamic['strings']) {
    this.#held = held;
    this.#strings = strings;
  }

  /** The name at an offset of the table; nothing if it lies outside, has no end, was not held, or is one too many. */
  read(offset: number): string | undefined {
    const limit = Math.min(MAX_NAME, this.#left, this.#strings.size - offset);
    if (limit <= 0) return undefined;
    const bytes = this.#held.readUpTo(this.#strings.offset + offset, limit);
    const end = bytes.indexOf(0);
    if (end < 0) return undefined;
    this.#left -= end + 1;
    return Buffer.from(bytes.subarray(0, end)).toString('utf8');
  }
}

/**
 * The versions that a file needs of its libraries, by the library's name (`libc.so.6`: `GLIBC_2.34`); in the file's order,
 * without those that are needed weakly. What cannot be read is left out: versions are no condition for using the file.
 */
export function readVersionsNeeded(
  start: number,
  header: ElfHeader,
  held: HeldBytes,
  names: NameReader,
): Record<string, string[]> {
  const found = new Map<string, string[]>();
  const open = (at: number): ElfReader | undefined => openAt(held, header, at, 16);
  let count = 0;
  for (let at = start, next = 1; next !== 0 && count < MAX_VERSIONS; at += next, count++) {
    const library = open(at);
    const name = library && names.read(library.word(4));
    if (!library || name === undefined) break;
    const versions: string[] = [];
    let place = at + library.word(8);
    for (let left = library.half(2); left > 0 && count < MAX_VERSIONS; left--, count++) {
      const version = open(place);
      const text = version && names.read(version.word(8));
      if (!version || text === undefined) break;
      if ((version.half(4) & VERSION_FLAG.WEAK) === 0) versions.push(text);
      if (version.word(12) === 0) break;
      place += version.word(12);
    }
    found.set(name, versions);
    next = library.word(12);
  }
  return Object.fromEntries(found);
}

/**
 * The versions that a library defines (`GLIBC_2.34`), in the file's order and without the one that stands for the file
 * itself. What cannot be read is left out.
 */
export function readVersionsDefined(
  start: number,
  header: ElfHeader,
  held: HeldBytes,
  names: NameReader,
): string[] {
  const versions: string[] = [];
  for (let at = start, next = 1, count = 0; next !== 0 && count < MAX_VERSIONS; at += next, count++) {
    const definition = openAt(held, header, at, 20);
    if (!definition) break;
    next = definition.word(16);
    if ((definition.half(2) & VERSION_FLAG.BASE) !== 0) continue;
    // The first name is the version's own, those behind it are of the versions that it follows.
    const name = openAt(held, header, at + definition.word(12), 8);
    const text = name && names.read(name.word(0));
    if (text === undefined) break;
    versions.push(text);
  }
  return versions;
}

function openAt(held: HeldBytes, header: ElfHeader, at: number, length: number): ElfReader | undefined {
  const bytes = held.read(at, length);
  return bytes && new ElfReader(bytes, header);
}
