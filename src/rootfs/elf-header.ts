/** Numbers of the ELF specification (gABI 4.1, "Object files"; System V ABI supplements for the machines). */
export const MACHINE = {
  I386: 3,
  POWERPC: 20,
  POWERPC64: 21,
  S390: 22,
  ARM: 40,
  X86_64: 62,
  AARCH64: 183,
  RISCV: 243,
} as const;

export const SEGMENT_TYPE = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERPRETER: 3,
  NOTE: 4,
  GNU_STACK: 0x6474e551,
  GNU_RELRO: 0x6474e552,
  GNU_PROPERTY: 0x6474e553,
} as const;

/** p_flags. */
export const SEGMENT_FLAG = { EXECUTE: 1, WRITE: 2 } as const;

/** e_type: a program that lies where it was linked, or anything that the loader may place. */
const EXECUTABLE = 2;
const SHARED = 3;

/** First bytes of every ELF file. */
export const ELF_MAGIC = Buffer.from('\x7fELF', 'latin1');
/** Program headers that end behind this offset are not read; linkers and patchelf(1) put them at the start of the file. */
export const MAX_HEADERS = 64 << 10;

/** A program header, with offsets and sizes in the file. Addresses above 2^53 lose their low bits; none of a program lies there. */
export interface Segment {
  readonly type: number;
  /** What the memory is for: {@link SEGMENT_FLAG}. */
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly address: number;
  readonly align: number;
}

export interface ElfHeader {
  readonly class: 32 | 64;
  readonly endianness: 'little' | 'big';
  readonly type: 'executable' | 'shared';
  readonly machine: number;
  readonly flags: number;
  readonly osAbi: number;
  readonly segments: readonly Segment[];
}

/** Reads numbers of one ELF file: its byte order and its width of addresses. */
export class ElfReader {
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #wide: boolean;

  constructor(bytes: Uint8Array, { endianness, class: width }: Pick<ElfHeader, 'class' | 'endianness'>) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = endianness === 'little';
    this.#wide = width === 64;
  }

  get length(): number {
    return this.#view.byteLength;
  }

  /** The text at an offset; nothing if it lies outside, or has no end within so many bytes. */
  text(at: number, limit: number): string | undefined {
    if (at >= this.length) return undefined;
    const { buffer, byteOffset } = this.#view;
    const bytes = new Uint8Array(buffer, byteOffset + at, Math.min(limit, this.length - at));
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : Buffer.from(bytes.subarray(0, end)).toString('utf8');
  }

  half(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  word(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  /** An address, offset or size. */
  address(at: number): number {
    return this.#wide ? Number(this.#view.getBigUint64(at, this.#little)) : this.word(at);
  }
}

/**
 * The ELF header and the program headers.
 * @param prefix the first bytes of the file, {@link MAX_HEADERS} or all of them
 * @returns nothing for what is no program or shared object that the loader could take
 */
export function readHeader(prefix: Uint8Array): ElfHeader | undefined {
  const width = prefix[4] === 1 ? 32 : prefix[4] === 2 ? 64 : undefined;
  const endianness = prefix[5] === 1 ? 'little' : prefix[5] === 2 ? 'big' : undefined;
  const isElf = prefix.length >= 64 && ELF_MAGIC.equals(prefix.subarray(0, 4)) && prefix[6] === 1;
  if (!isElf || width === undefined || endianness === undefined) return undefined;
  const reader = new ElfReader(prefix, { class: width, endianness });
  const at = width === 64 ? { table: 32, flags: 48, size: 56 } : { table: 28, flags: 36, size: 32 };
  const type = reader.half(16);
  const table = reader.address(at.table);
  const count = reader.half(at.flags + 8);
  const isReadable = reader.half(at.flags + 6) === at.size && table + count * at.size <= prefix.length;
  if ((type !== EXECUTABLE && type !== SHARED) || count === 0 || !isReadable) return undefined;
  return {
    class: width,
    endianness,
    type: type === SHARED ? 'shared' : 'executable',
    machine: reader.half(18),
    flags: reader.word(at.flags),
    osAbi: prefix[7] ?? 0,
    segments: Array.from({ length: count }, (_none, index) =>
      readSegment(reader, table + index * at.size, width),
    ),
  };
}

function readSegment(reader: ElfReader, at: number, width: 32 | 64): Segment {
  const fields =
    width === 64
      ? { flags: 4, offset: 8, address: 16, size: 32, align: 48 }
      : { flags: 24, offset: 4, address: 8, size: 16, align: 28 };
  return {
    type: reader.word(at),
    flags: reader.word(at + fields.flags),
    offset: reader.address(at + fields.offset),
    size: reader.address(at + fields.size),
    address: reader.address(at + fields.address),
    align: reader.address(at + fields.align),
  };
}

/** Where an address of the loaded program lies in the file, and how many bytes of the file follow it in its segment. */
export function locate(
  { segments }: Pick<ElfHeader, 'segments'>,
  address: number,
): { offset: number; available: number } | undefined {
  const segment = segments.find(
    (candidate) =>
      candidate.type === SEGMENT_TYPE.LOAD &&
      address >= candidate.address &&
      address - candidate.address < candidate.size,
  );
  if (!segment) return undefined;
  const within = address - segment.address;
  return { offset: segment.offset + within, available: segment.size - within };
}

/**
 * The constants of a program behind its code, if they have a segment of their own. Go's own linker puts the loader's tables
 * there, and only sections say where; what strips such a file moves the sections to its end.
 */
export function constantsOf({ segments }: ElfHeader): Segment | undefined {
  const [first, second] = segments.filter(({ type }) => type === SEGMENT_TYPE.LOAD);
  const isBehindCode = first && (first.flags & SEGMENT_FLAG.EXECUTE) !== 0;
  const isConstant = second && (second.flags & (SEGMENT_FLAG.EXECUTE | SEGMENT_FLAG.WRITE)) === 0;
  return isBehindCode && isConstant ? second : undefined;
}
