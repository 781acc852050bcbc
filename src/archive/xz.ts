import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { PithError } from '../core/index.ts';
import { ByteInput } from './byte-input.ts';
import { createCheck } from './crc.ts';
import { acquireCodec, decodeLzma2, releaseCodec, type Lzma2Codec } from './lzma2.ts';
import {
  type BlockHeader,
  IntegerReader,
  invalid,
  readBlockHeader,
  readStreamFooter,
  readStreamHeader,
  unsupported,
} from './xz-format.ts';

export interface XzOptions {
  /** Largest dictionary that a block may ask for, in bytes, 1 GiB at most; 64 MiB, what `xz -9` uses, if not given. */
  maxDictionary?: number;
}

const DEFAULT_MAX_DICTIONARY = 2 ** 26;
const HIGHEST_MAX_DICTIONARY = 2 ** 30;

/**
 * Decodes .xz data (xz-file-format 1.2, Tukaani): any number of streams and blocks, stream padding, all checks, LZMA2 without
 * further filters. Headers, sizes, checks and indexes are verified; the check of a block comes after its last byte, so what
 * was yielded is good only once the next block's bytes, or the end, have been reached.
 * @returns pieces of 1 MiB at most, each a view that is valid only until the next pull
 * @throws ARCHIVE_INVALID for damaged, truncated or trailing data, ARCHIVE_UNSUPPORTED for other filters and checks,
 *   ARCHIVE_TOO_LARGE for a dictionary over the limit; a fault of the source as it is. Memory is the dictionary and a constant.
 */
export async function* decodeXz(
  source: AsyncIterable<Uint8Array>,
  options: XzOptions = {},
): AsyncGenerator<Uint8Array> {
  const maxDictionary = Math.min(options.maxDictionary ?? DEFAULT_MAX_DICTIONARY, HIGHEST_MAX_DICTIONARY);
  const input = new ByteInput(source, 'the xz data');
  const codec = acquireCodec();
  try {
    do {
      yield* decodeStream(input, codec, maxDictionary);
    } while (await skipPadding(input));
  } finally {
    releaseCodec(codec);
    await input.close();
  }
}

async function* decodeStream(
  input: ByteInput,
  codec: Lzma2Codec,
  maxDictionary: number,
): AsyncGenerator<Uint8Array> {
  const flags = await readStreamHeader(input);
  const checkId = flags.readUInt8(1);
  const decoded = new Records();
  let sizeByte = await input.byte();
  for (; sizeByte !== 0; sizeByte = await input.byte()) {
    const header = await readBlockHeader(input, sizeByte);
    if (header.dictionary > maxDictionary) throw dictionaryTooLarge(header.dictionary, maxDictionary);
    decoded.add(yield* decodeBlock(input, codec, header, checkId));
  }
  const indexSize = await readIndex(input, decoded);
  await readStreamFooter(input, flags, indexSize);
}

/** Decodes the rest of a block (3.2 to 3.4) and gives its record for the index. */
async function* decodeBlock(
  input: ByteInput,
  codec: Lzma2Codec,
  header: BlockHeader,
  checkId: number,
): AsyncGenerator<Uint8Array, BlockRecord> {
  const check = createCheck(checkId, codec);
  if (!check) throw unsupported(`the check with the ID ${checkId}`);
  const { size, uncompressedSize, compressedSize } = header;
  const start = input.consumed;
  let uncompressed = 0;
  for await (const piece of decodeLzma2(input, codec, header.dictionary)) {
    uncompressed += piece.length;
    if (uncompressedSize !== undefined && uncompressed > uncompressedSize)
      throw invalid('a block is longer than its header says');
    check.update(piece);
    yield piece;
  }
  const compressed = input.consumed - start;
  if (uncompressedSize !== undefined && uncompressed !== uncompressedSize)
    throw invalid('a block is shorter than its header says');
  if (compressedSize !== undefined && compressed !== compressedSize)
    throw invalid('a block header gives another compressed size');
  await skipZeros(input, -compressed & 3, 'the padding of a block is not zero');
  if (!(await input.take(check.size)).equals(check.digest()))
    throw invalid('the check of a block does not fit');
  return { unpadded: size + compressed + check.size, uncompressed };
}

interface BlockRecord {
  /** Bytes of the block without its padding (4.3). */
  readonly unpadded: number;
  readonly uncompressed: number;
}

/** A summary of the records of blocks in constant memory: equal summaries mean equal records. */
class Records {
  readonly #hash = createHash('sha256');
  count = 0;

  add(record: BlockRecord): void {
    this.#hash.update(`${record.unpadded} ${record.uncompressed},`);
    this.count++;
  }

  /** Ends the summary. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Reads the index (4) behind its indicator, compares it with the blocks decoded, and gives its size in bytes. */
async function readIndex(input: ByteInput, decoded: Records): Promise<number> {
  const start = input.consumed - 1;
  let crc = crc32(Buffer.alloc(1));
  const readInteger = async (): Promise<number> => {
    const reader = new IntegerReader();
    for (;;) {
      const byte = await input.byte();
      crc = crc32(Uint8Array.of(byte), crc);
      if (reader.push(byte)) return reader.value;
    }
  };
  const count = await readInteger();
  if (count !== decoded.count) throw invalid(`the index lists ${count} blocks, there are ${decoded.count}`);
  const listed = new Records();
  while (listed.count < count)
    listed.add({ unpadded: await readInteger(), uncompressed: await readInteger() });
  if (listed.digest() !== decoded.digest()) throw invalid('the index does not fit the blocks');
  const padding = -(input.consumed - start) & 3;
  await skipZeros(input, padding, 'the padding of the index is not zero');
  crc = crc32(Buffer.alloc(padding), crc);
  if ((await input.take(4)).readUInt32LE() !== crc) throw invalid('the checksum of the index does not fit');
  return input.consumed - start;
}

/** Skips stream padding (2.2): zeros, a multiple of four. True if another stream follows. */
async function skipPadding(input: ByteInput): Promise<boolean> {
  while (!(await input.atEnd())) {
    if (input.peek() !== 0) return true;
    await skipZeros(input, 4, 'there are bytes behind the end that are not a stream');
  }
  return false;
}

async function skipZeros(input: ByteInput, length: number, otherwise: string): Promise<void> {
  if ((await input.take(length)).some((byte) => byte !== 0)) throw invalid(otherwise);
}

function dictionaryTooLarge(dictionary: number, limit: number): PithError {
  return new PithError(
    'ARCHIVE_TOO_LARGE',
    `the xz data needs a dictionary of ${dictionary} bytes; the limit is ${limit}`,
    {
      hint: 'Compress the file again with `xz -9` or a lower level.',
    },
  );
}
