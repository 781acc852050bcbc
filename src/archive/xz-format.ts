import { crc32 } from 'node:zlib';
import { PithError } from '../core/index.ts';
import type { ByteInput } from './byte-input.ts';

// The fields of xz-file-format 1.2 (Tukaani); section numbers are its.

/** 2.1.1.1 and 2.1.2.4 */
const HEADER_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const FOOTER_MAGIC = Buffer.from('YZ', 'latin1');
const STREAM_HEADER_SIZE = 12;
const STREAM_FOOTER_SIZE = 12;
const LZMA2_FILTER = 0x21;
/** A variable-length integer has nine bytes at most. */
const INTEGER_BYTES = 9;

/** The filters that the specification (5.3) names and pith does not undo. */
const FILTER_NAMES: Readonly<Record<number, string>> = {
  3: 'delta',
  4: 'BCJ x86',
  5: 'BCJ PowerPC',
  6: 'BCJ IA-64',
  7: 'BCJ ARM',
  8: 'BCJ ARM-Thumb',
  9: 'BCJ SPARC',
  10: 'BCJ ARM64',
  11: 'BCJ RISC-V',
};

export interface BlockHeader {
  /** Bytes of the header itself. */
  readonly size: number;
  readonly compressedSize: number | undefined;
  readonly uncompressedSize: number | undefined;
  /** Bytes of the dictionary that LZMA2 needs. */
  readonly dictionary: number;
}

export function invalid(what: string): PithError {
  return new PithError('ARCHIVE_INVALID', `the xz data is damaged: ${what}`);
}

export function unsupported(what: string): PithError {
  return new PithError('ARCHIVE_UNSUPPORTED', `the xz data uses ${what}, which pith does not read`, {
    hint: 'Compress the file again with `xz` and its default filters.',
  });
}

/** Reads a stream header (2.1.1) and gives the two bytes of flags. */
export async function readStreamHeader(input: ByteInput): Promise<Buffer> {
  const header = await input.take(STREAM_HEADER_SIZE);
  if (!header.subarray(0, 6).equals(HEADER_MAGIC))
    throw invalid('a stream does not begin with the magic bytes');
  const flags = header.subarray(6, 8);
  if (crc32(flags) !== header.readUInt32LE(8)) throw invalid('the checksum of a stream header does not fit');
  if (flags[0] !== 0 || flags.readUInt8(1) > 15) throw unsupported('stream flags of a later format version');
  return flags;
}

/** Reads a stream footer (2.1.2) and compares it with what precedes it. */
export async function readStreamFooter(input: ByteInput, flags: Buffer, indexSize: number): Promise<void> {
  const footer = await input.take(STREAM_FOOTER_SIZE);
  if (!footer.subarray(10).equals(FOOTER_MAGIC)) throw invalid('a stream does not end with the magic bytes');
  if (crc32(footer.subarray(4, 10)) !== footer.readUInt32LE(0))
    throw invalid('the checksum of a stream footer does not fit');
  if ((footer.readUInt32LE(4) + 1) * 4 !== indexSize)
    throw invalid('a stream footer gives another size of the index');
  if (!footer.subarray(8, 10).equals(flags))
    throw invalid('the flags of a stream footer are not those of its header');
}

/** Reads the rest of a block header (3.1), whose first byte is `sizeByte`. */
export async function readBlockHeader(input: ByteInput, sizeByte: number): Promise<BlockHeader> {
  const size = (sizeByte + 1) * 4;
  const header = Buffer.alloc(size, sizeByte);
  await input.fill(header.subarray(1));
  const body = header.subarray(0, size - 4);
  if (crc32(body) !== header.readUInt32LE(size - 4))
    throw invalid('the checksum of a block header does not fit');
  return parseBlockHeader(body);
}

function parseBlockHeader(body: Buffer): BlockHeader {
  let at = 2;
  const byte = (): number => {
    const value = body[at++];
    if (value === undefined) throw invalid('a block header is too short for its fields');
    return value;
  };
  const integer = (): number => {
    const reader = new IntegerReader();
    while (!reader.push(byte()));
    return reader.value;
  };
  const flags = body.readUInt8(1);
  if ((flags & 0x3c) !== 0) throw unsupported('block flags of a later format version');
  const compressedSize = (flags & 0x40) === 0 ? undefined : integer();
  const uncompressedSize = (flags & 0x80) === 0 ? undefined : integer();
  if (compressedSize === 0) throw invalid('a block header gives a compressed size of 0');
  let dictionary: number | undefined;
  for (let filters = (flags & 3) + 1; filters > 0; filters--) {
    const id = integer();
    if (id !== LZMA2_FILTER)
      throw unsupported(`the ${FILTER_NAMES[id] ?? `unknown (0x${id.toString(16)})`} filter`);
    if (filters > 1) throw invalid('LZMA2 is not the last filter of a block');
    if (integer() !== 1) throw invalid('the properties of LZMA2 are not one byte');
    dictionary = dictionarySize(byte());
  }
  if (dictionary === undefined) throw invalid('a block has no filter');
  if (body.subarray(at).some((padding) => padding !== 0))
    throw unsupported('block header fields of a later format version');
  return { size: body.length + 4, compressedSize, uncompressedSize, dictionary };
}

/** 5.3.1: the dictionary size of LZMA2 from its property byte. */
function dictionarySize(bits: number): number {
  if (bits > 40) throw invalid('the dictionary size of LZMA2 is not valid');
  return bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
}

/** Reads a variable-length integer (1.2) byte by byte; what is over 2^53 - 1 is refused, as no file is that long. */
export class IntegerReader {
  #bytes = 0;
  value = 0;

  /** Takes a byte; true if it was the last one. */
  push(byte: number): boolean {
    if (this.#bytes === INTEGER_BYTES || (byte === 0 && this.#bytes > 0))
      throw invalid('a number is not well encoded');
    this.value += (byte & 0x7f) * 2 ** (7 * this.#bytes++);
    if (!Number.isSafeInteger(this.value)) throw invalid('a size is too large');
    return byte < 0x80;
  }
}
