import {
  type Dynamic,
  NameReader,
  readDynamic,
  readVersionsDefined,
  readVersionsNeeded,
} from './elf-dynamic.ts';
import {
  constantsOf,
  ELF_MAGIC,
  type ElfHeader,
  MAX_HEADERS,
  readHeader,
  type Segment,
  SEGMENT_TYPE,
} from './elf-header.ts';
import { type Hardening, readHardening } from './elf-hardening.ts';
import { findTables, isStripped, placeOfSections } from './elf-sections.ts';
import { readIsaLevel, readMinimumKernel } from './elf-notes.ts';
import { HeldBytes } from './held-bytes.ts';

/** What the loader and ldconfig want to know of a program or shared object. Plain data: it may go through JSON. */
export interface ElfInfo {
  readonly class: 32 | 64;
  readonly endianness: 'little' | 'big';
  /** `e_type`: a position-independent program is `shared`, too. */
  readonly type: 'executable' | 'shared';
  /** `e_machine`, `e_flags` and `EI_OSABI` of the ELF header. */
  readonly machine: number;
  readonly flags: number;
  readonly osAbi: number;
  /** Whether there is a dynamic section: without one, a shared object is no library and a program is static. */
  readonly dynamic: boolean;
  readonly soname?: string;
  readonly needed: readonly string[];
  /** Folders separated by `:`, as the file has them. */
  readonly rpath?: string;
  readonly runpath?: string;
  /** Path of the loader. */
  readonly interpreter?: string;
  /** Oldest kernel, of the ABI tag: `3.2.0`. */
  readonly minimumKernel?: string;
  /** Highest bit of the ISA that an x86 file needs (1: x86-64-v2 …); absent if it is 0. */
  readonly isaLevel?: number;
  /** Versions that it needs, by library; not those that the loader does without. */
  readonly versionsNeeded?: Readonly<Record<string, readonly string[]>>;
  /** Versions of symbols that it defines as a library. */
  readonly versionsDefined?: readonly string[];
}

/** What else people ask of a program or shared object. */
export interface ElfDetails {
  readonly elf: ElfInfo;
  readonly hardening: Hardening;
  /** Neither the table of symbols nor debugging information is in it. */
  readonly stripped: boolean;
  /** It is meant to be started, and no library. */
  readonly isProgram: boolean;
}

type VersionKey = 'versionsNeeded' | 'versionsDefined';

/** Bytes of the file's first segment that are held: the string table is in there. libLLVM 19 needs 5 MiB of them. */
const MAX_HEAD = 16 << 20;
/** A string table behind the dynamic section, as patchelf(1) writes it. */
const MAX_STRINGS = 16 << 20;
/** A table that lies before the dynamic section, in a segment that is not the first. */
const MAX_TABLE = 1 << 20;
/** The dynamic section; one has less than 200 entries. */
const MAX_DYNAMIC = 64 << 10;
const MAX_INTERPRETER = 4096;
const MAX_NOTE = 4096;
/** Program headers of notes that are looked at; files have up to 3. */
const MAX_NOTES = 8;
/** What is kept before the headers of sections, where linkers put the sections' names. */
const MAX_SECTION_NAMES = 16 << 10;

/**
 * Reads what an ELF file says to the loader while its bytes pass by.
 *
 * Memory is bounded: at most the file's size, and at most 64 KiB for its headers, 16 MiB of its first segment, 16 MiB for a
 * string table behind that, 8 MiB for tables between segments, and 0.2 MiB for the rest. A file that is no ELF file costs nothing.
 */
export class ElfScanner {
  readonly #size: number;
  readonly #held = new HeldBytes();
  /** Where to look at what is held, before more bytes pass. */
  #milestone: number;
  #header: ElfHeader | undefined;
  #dynamic: Dynamic | undefined;
  #isElf = true;
  readonly #isDetailed: boolean;
  /** Where the headers of sections lie. */
  #sections: ReturnType<typeof placeOfSections>;

  /**
   * @param size bytes of the file
   * @param options.details whether {@link finishWithDetails} is wanted: takes 16 MiB and 272 KiB more at most
   */
  constructor(size: number, { details = false } = {}) {
    this.#size = size;
    this.#isDetailed = details;
    this.#milestone = Math.min(size, MAX_HEADERS);
  }

  write(piece: Uint8Array): void {
    if (!this.#isElf) return;
    if (this.#held.position === 0 && piece.length > 0) {
      if (this.#size < 52 || piece[0] !== ELF_MAGIC[0]) {
        this.#isElf = false;
        return;
      }
      if (!this.#held.covers(0, this.#milestone)) this.#held.hold(0, this.#milestone);
    }
    let rest = piece;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#milestone - this.#held.position);
      this.#held.write(part);
      rest = rest.subarray(part.length);
      if (this.#held.position === this.#milestone) this.#advance();
    }
  }

  /**
   * Ends the file.
   * @returns nothing for anything but a program or shared object whose tables are whole and within the bounds above: what
   * the loader could not use, a damaged or hostile file included. Nothing is ever thrown.
   */
  finish(): ElfInfo | undefined {
    const header = this.#header;
    if (!this.#isElf || !header || this.#held.position !== this.#size) return undefined;
    const isDynamic = find(header, SEGMENT_TYPE.DYNAMIC) !== undefined;
    const names = isDynamic ? this.#readNames(header) : { needed: [] };
    const interpreter = this.#readInterpreter(header);
    if (!names || interpreter === null) return undefined;
    const kernel = this.#firstNote(header, (bytes, segment) => readMinimumKernel(bytes, segment, header));
    const isaLevel = this.#readIsaLevel(header);
    return {
      class: header.class,
      endianness: header.endianness,
      type: header.type,
      machine: header.machine,
      flags: header.flags,
      osAbi: header.osAbi,
      dynamic: isDynamic,
      ...names,
      ...(interpreter === undefined ? {} : { interpreter }),
      ...(kernel === undefined ? {} : { minimumKernel: kernel }),
      ...(isaLevel === 0 ? {} : { isaLevel }),
    };
  }

  /** As {@link finish}, and more of it. */
  finishWithDetails(): ElfDetails | undefined {
    const elf = this.finish();
    const header = this.#header;
    if (!elf || !header) return undefined;
    const hardening = readHardening(header, this.#dynamic, this.#held);
    const isProgram = hardening.pie !== undefined || !elf.dynamic;
    const stripped = !this.#sections || isStripped(this.#sections, header, this.#held);
    return { elf, hardening, isProgram, stripped };
  }

  #advance(): void {
    if (!this.#header) this.#startBody();
    else this.#holdStrings(this.#header);
  }

  /** The headers are there: holds the parts of the file that they point to. */
  #startBody(): void {
    const prefix = this.#held.read(0, this.#milestone);
    const header = prefix && readHeader(prefix);
    this.#milestone = Infinity;
    if (!header) {
      this.#isElf = false;
      this.#held.release();
      return;
    }
    this.#header = header;
    const head = header.segments.find(({ type }) => type === SEGMENT_TYPE.LOAD);
    this.#hold(0, Math.min(head ? head.offset + head.size : 0, MAX_HEAD));
    const constants = this.#isDetailed ? constantsOf(header) : undefined;
    if (constants) this.#hold(constants.offset, Math.min(constants.size, MAX_HEAD));
    for (const segment of small(header)) this.#hold(segment.offset, segment.size);
    for (const { offset, size } of findTables(prefix, header))
      if (size <= MAX_TABLE) this.#hold(offset, size);
    if (this.#isDetailed) this.#holdSections(prefix, header);
    const dynamic = find(header, SEGMENT_TYPE.DYNAMIC);
    if (!dynamic) return;
    const size = Math.min(dynamic.size, MAX_DYNAMIC);
    this.#hold(dynamic.offset, size);
    if (dynamic.offset + size > this.#held.position) this.#milestone = dynamic.offset + size;
    else this.#holdStrings(header);
  }

  #holdSections(prefix: Uint8Array, header: ElfHeader): void {
    this.#sections = placeOfSections(prefix, header);
    if (!this.#sections) return;
    const { offset, size } = this.#sections;
    const start = Math.max(0, offset - MAX_SECTION_NAMES);
    this.#hold(start, offset - start + size);
  }

  /** The dynamic section is there: holds the string table if it is still to come. */
  #holdStrings(header: ElfHeader): void {
    this.#milestone = Infinity;
    const segment = find(header, SEGMENT_TYPE.DYNAMIC);
    const bytes = segment && this.#held.read(segment.offset, Math.min(segment.size, MAX_DYNAMIC));
    this.#dynamic = bytes && readDynamic(bytes, header);
    if (this.#dynamic)
      this.#hold(this.#dynamic.strings.offset, Math.min(this.#dynamic.strings.size, MAX_STRINGS));
  }

  /** Holds a part of the file, unless it is outside of it or held already. */
  #hold(offset: number, length: number): void {
    if (length <= 0 || offset + length > this.#size) return;
    if (!this.#held.covers(offset, offset + length)) this.#held.hold(offset, length);
  }

  #readNames(
    header: ElfHeader,
  ): Pick<ElfInfo, 'needed' | 'soname' | 'rpath' | 'runpath' | VersionKey> | undefined {
    const dynamic = this.#dynamic;
    if (!dynamic) return undefined;
    const names = new NameReader(this.#held, dynamic.strings);
    const needed = dynamic.needed.map((offset) => names.read(offset));
    const single = { soname: dynamic.soname, rpath: dynamic.rpath, runpath: dynamic.runpath };
    const texts = Object.entries(single).flatMap(([key, offset]) =>
      offset === undefined ? [] : [[key, names.read(offset)] as const],
    );
    if (![...needed, ...texts.map(([, text]) => text)].every((text) => text !== undefined)) return undefined;
    return {
      needed: needed.filter((name) => name !== undefined),
      ...Object.fromEntries(texts),
      ...this.#readVersions(header, dynamic, names),
    };
  }

  #readVersions(header: ElfHeader, dynamic: Dynamic, names: NameReader): Pick<ElfInfo, VersionKey> {
    const { versionsNeeded: need, versionsDefined: definition } = dynamic;
    const needed = need === undefined ? {} : readVersionsNeeded(need, header, this.#held, names);
    const defined =
      definition === undefined ? [] : readVersionsDefined(definition, header, this.#held, names);
    return {
      ...(Object.keys(needed).length === 0 ? {} : { versionsNeeded: needed }),
      ...(defined.length === 0 ? {} : { versionsDefined: defined }),
    };
  }

  /** The loader's path, undefined if the file names none, null if it cannot be read. */
  #readInterpreter(header: ElfHeader): string | null | undefined {
    const segment = find(header, SEGMENT_TYPE.INTERPRETER);
    if (!segment) return undefined;
    const bytes = segment.size > MAX_INTERPRETER ? undefined : this.#held.read(segment.offset, segment.size);
    const end = bytes?.indexOf(0) ?? -1;
    return !bytes || end <= 0 ? null : Buffer.from(bytes.subarray(0, end)).toString('utf8');
  }

  #readIsaLevel(header: ElfHeader): number {
    const segment = find(header, SEGMENT_TYPE.GNU_PROPERTY);
    const bytes = segment && this.#held.read(segment.offset, segment.size);
    return bytes ? readIsaLevel(bytes, segment, header) : 0;
  }

  #firstNote<T>(
    header: ElfHeader,
    read: (bytes: Uint8Array, segment: Segment) => T | undefined,
  ): T | undefined {
    for (const segment of small(header).filter(({ type }) => type === SEGMENT_TYPE.NOTE)) {
      const bytes = this.#held.read(segment.offset, segment.size);
      const found = bytes && read(bytes, segment);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function find({ segments }: ElfHeader, wanted: number): Segment | undefined {
  return segments.find(({ type }) => type === wanted);
}

/** The segments that are read whole: the loader's path and the notes. */
function small(header: ElfHeader): Segment[] {
  const interpreter = find(header, SEGMENT_TYPE.INTERPRETER);
  const notes = header.segments.filter(
    ({ type, size }) =>
      (type === SEGMENT_TYPE.NOTE || type === SEGMENT_TYPE.GNU_PROPERTY) && size <= MAX_NOTE,
  );
  return [
    ...(interpreter && interpreter.size <= MAX_INTERPRETER ? [interpreter] : []),
    ...notes.slice(0, MAX_NOTES),
  ];
}
