import { type ElfHeader, ElfReader, locate } from './elf-header.ts';
import type { HeldBytes } from './held-bytes.ts';

/** Tags of the dynamic section (gABI 4.1, "Dynamic Section"; the version tags: Linux Standard Base, "Symbol Versioning"). */
const TAG = {
  END: 0,
  NEEDED: 1,
  STRINGS: 5,
  STRINGS_SIZE: 10,
  SONAME: 14,
  RPATH: 15,
  RUNPATH: 29,
  VERSIONS: 0x6ffffffe,
} as const;

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
  /** Where the needed versions lie in the file, if there are any. */
  readonly versions: number | undefined;
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
  const versions = values.get(TAG.VERSIONS);
  return {
    needed,
    soname: values.get(TAG.SONAME),
    rpath: values.get(TAG.RPATH),
    runpath: values.get(TAG.RUNPATH),
    strings: { offset: place.offset, size },
    versions: versions === undefined ? undefined : locate(header, versions)?.offset,
  };
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
 * The versions that a file needs of its libraries, by the library's name (`libc.so.6`: `GLIBC_2.34`); in the file's order.
 * What cannot be read is left out: versions are no condition for using the file.
 */
export function readVersions(
  start: number,
  header: ElfHeader,
  held: HeldBytes,
  names: NameReader,
): Record<string, string[]> {
  const found = new Map<string, string[]>();
  const open = (at: number): ElfReader | undefined => {
    const bytes = held.read(at, 16);
    return bytes && new ElfReader(bytes, header);
  };
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
      versions.push(text);
      if (version.word(12) === 0) break;
      place += version.word(12);
    }
    found.set(name, versions);
    next = library.word(12);
  }
  return Object.fromEntries(found);
}
