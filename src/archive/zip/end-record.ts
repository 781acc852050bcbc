import { zipFault } from './faults.ts';

/** End of central directory record without its comment (APPNOTE 6.3.10, section 4.3.16). */
const END_SIZE = 22;
const END_SIGNATURE = 0x06054b50;
const MAX_COMMENT = 0xffff;
/** Zip64 end of central directory locator (4.3.15) and record (4.3.14), the latter without extensible data. */
const LOCATOR_SIZE = 20;
const LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIZE = 56;
const END64_SIGNATURE = 0x06064b50;
/** A field of so many set bits has its value in the zip64 record (4.4.1.4). */
const IN_ZIP64_16 = 0xffff;
const IN_ZIP64_32 = 0xffffffff;

/** Bytes at the end of an archive in which its end record lies. */
export const TAIL_SIZE = END_SIZE + MAX_COMMENT + LOCATOR_SIZE;

/** Bytes of a file. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** Reads a range; what lies behind the end of the file is left out. */
export type ReadRange = (range: Range) => Promise<Uint8Array>;

/** Where the central directory lies. */
export interface Directory {
  readonly start: number;
  readonly size: number;
  readonly count: number;
  /** Bytes before the archive, such as the start script of an executable jar: offsets do not count them. */
  readonly prefix: number;
}

interface Fields {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the directory ends at the latest. */
  readonly end: number;
}

/**
 * Finds the central directory.
 * @param tail the last {@link TAIL_SIZE} bytes of the archive, or all of it
 * @param size bytes of the archive
 * @throws PithError ARCHIVE_INVALID, ARCHIVE_UNSUPPORTED for one in several parts
 */
export async function findDirectory(
  tail: Buffer,
  size: number,
  read: ReadRange,
  what: string,
): Promise<Directory> {
  const at = findEnd(tail);
  if (at === undefined)
    throw zipFault('ARCHIVE_INVALID', `${what} is no zip archive: its end record is missing`);
  const end = size - tail.length + at;
  const fields = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    end,
  };
  const isLarge =
    fields.count === IN_ZIP64_16 || fields.size === IN_ZIP64_32 || fields.offset === IN_ZIP64_32;
  const large = isLarge ? await readZip64(tail, at, end, read, what) : undefined;
  if (!large) checkSingle([tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)], what);
  return place(large ?? fields, what);
}

/** The end record reaches the very end of the file with its comment; what a comment holds is none. */
function findEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - END_SIZE; at >= 0; at--)
    if (tail.readUInt32LE(at) === END_SIGNATURE && at + END_SIZE + tail.readUInt16LE(at + 20) === tail.length)
      return at;
  return undefined;
}

async function readZip64(
  tail: Buffer,
  at: number,
  end: number,
  read: ReadRange,
  what: string,
): Promise<Fields | undefined> {
  const locator = at - LOCATOR_SIZE;
  if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR_SIGNATURE) return undefined;
  checkSingle([tail.readUInt32LE(locator + 4), Math.max(1, tail.readUInt32LE(locator + 16)) - 1], what);
  const latest = end - LOCATOR_SIZE - END64_SIZE;
  const stated = Number(tail.readBigUInt64LE(locator + 8));
  // The record without extensible data lies before its locator, wherever that is; one with such data is where it is stated.
  for (const start of new Set([latest, stated])) {
    if (start < 0 || start > latest) continue;
    const record = Buffer.from(await read({ start, length: END64_SIZE }));
    if (record.length < END64_SIZE || record.readUInt32LE(0) !== END64_SIGNATURE) continue;
    checkSingle([record.readUInt32LE(16), record.readUInt32LE(20)], what);
    return {
      count: Number(record.readBigUInt64LE(32)),
      size: Number(record.readBigUInt64LE(40)),
      offset: Number(record.readBigUInt64LE(48)),
      end: start,
    };
  }
  throw zipFault('ARCHIVE_INVALID', `${what}: its zip64 end record is missing`);
}

function place({ count, size, offset, end }: Fields, what: string): Directory {
  const prefix = end - size - offset;
  if (!(prefix >= 0))
    throw zipFault('ARCHIVE_INVALID', `${what} is cut off: its directory does not lie in it`);
  return { start: end - size, size, count, prefix };
}

function checkSingle(disks: readonly number[], what: string): void {
  if (disks.some((disk) => disk !== 0))
    throw zipFault('ARCHIVE_UNSUPPORTED', `${what} is one part of a zip archive of several files`);
}
