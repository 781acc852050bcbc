import { zipFault } from './faults.ts';
import type { Directory } from './end-record.ts';

/** Central directory header without its name, extra field and comment (APPNOTE 6.3.10, section 4.3.12). */
const HEADER_SIZE = 46;
const HEADER_SIGNATURE = 0x02014b50;
/** Local file header without its name and extra field (4.3.7). */
const LOCAL_SIZE = 30;
const ZIP64_FIELD = 0x0001;
const IN_ZIP64 = 0xffffffff;
/** General purpose bits (4.4.4): encryption, strong encryption, masked header values. */
const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;
const UNIX = 3;
const FILE_TYPE = 0o170000;
const LINK = 0o120000;

export const STORED = 0;
export const DEFLATED = 8;

/** A member as the central directory has it. */
export interface ZipMember {
  /** Relative, with `/`, without `..`; of a folder it ends in `/`. */
  readonly name: string;
  /** 0 stored, 8 deflated; others cannot be read. */
  readonly method: number;
  /** Bytes, unpacked and packed. */
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  readonly isEncrypted: boolean;
  readonly isLink: boolean;
  /** Unix permissions; undefined where the archive does not have them. */
  readonly mode: number | undefined;
  /** Where its local header starts in the file, and what it ends before. */
  readonly offset: number;
  readonly end: number;
}

const ASCII = /^[\x20-\x7e]*$/;
/** An empty part, `.`, `..` or a NUL byte. */
const UNSAFE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The members in the order of their offsets.
 * @throws PithError ARCHIVE_INVALID; ARCHIVE_UNSAFE for members that share bytes and for names that lead out of a folder
 */
export function parseDirectory(bytes: Buffer, directory: Directory, what: string): ZipMember[] {
  const members: ZipMember[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + HEADER_SIZE > bytes.length || bytes.readUInt32LE(at) !== HEADER_SIGNATURE)
      throw zipFault('ARCHIVE_INVALID', `${what}: header ${members.length + 1} of its directory is damaged`);
    const nameEnd = at + HEADER_SIZE + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const end = extraEnd + bytes.readUInt16LE(at + 32);
    if (end > bytes.length) throw zipFault('ARCHIVE_INVALID', `${what}: its directory is cut off`);
    members.push(readHeader(bytes.subarray(at, nameEnd), bytes.subarray(nameEnd, extraEnd), directory, what));
    at = end;
  }
  if (members.length !== directory.count)
    throw zipFault(
      'ARCHIVE_INVALID',
      `${what}: its directory holds ${members.length} members, not ${directory.count}`,
    );
  return withEnds(members, directory, what);
}

function readHeader(header: Buffer, extra: Buffer, { prefix }: Directory, what: string): ZipMember {
  const name = readName(header.subarray(HEADER_SIZE), what);
  const [size, compressedSize, offset] = readSizes(header, extra, `${what}: ${name}`);
  const mode = header.readUInt8(5) === UNIX ? header.readUInt16LE(40) : 0;
  return {
    name,
    method: header.readUInt16LE(10),
    size,
    compressedSize,
    crc32: header.readUInt32LE(16),
    isEncrypted: (header.readUInt16LE(8) & ENCRYPTED) !== 0,
    isLink: (mode & FILE_TYPE) === LINK,
    mode: mode === 0 ? undefined : mode & 0o777,
    offset: prefix + offset,
    end: 0,
  };
}

/** UTF-8 whatever bit 11 says, as Java reads it. */
function readName(bytes: Buffer, what: string): string {
  const plain = bytes.toString('latin1');
  const name = ASCII.test(plain) ? plain : decode(bytes, what);
  if (UNSAFE.test(name.endsWith('/') ? name.slice(0, -1) : name))
    throw zipFault('ARCHIVE_UNSAFE', `${what}: ${JSON.stringify(name)} is no name that a member may have`);
  return name;
}

function decode(bytes: Buffer, what: string): string {
  try {
    return strict.decode(bytes);
  } catch {
    const shown = JSON.stringify(bytes.toString('latin1'));
    throw zipFault('ARCHIVE_UNSUPPORTED', `${what}: the name ${shown} is not UTF-8`);
  }
}

/** Size, packed size and offset; those that do not fit stand in the zip64 extra field, in this order (4.5.3). */
function readSizes(header: Buffer, extra: Buffer, what: string): [number, number, number] {
  const own = [header.readUInt32LE(24), header.readUInt32LE(20), header.readUInt32LE(42)] as const;
  if (!own.includes(IN_ZIP64)) return [...own];
  const large = findExtra(extra, ZIP64_FIELD);
  let at = 0;
  const next = (value: number): number => {
    if (value !== IN_ZIP64) return value;
    if (!large || at + 8 > large.length)
      throw zipFault('ARCHIVE_INVALID', `${what}: its zip64 sizes are missing`);
    at += 8;
    return Number(large.readBigUInt64LE(at - 8));
  };
  return [next(own[0]), next(own[1]), next(own[2])];
}

function findExtra(extra: Buffer, wanted: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === wanted && end <= extra.length) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/** Each ends before the next one starts, and the last before the directory: no byte belongs to two of them. */
function withEnds(members: readonly ZipMember[], { start }: Directory, what: string): ZipMember[] {
  const sorted = [...members].sort((a, b) => a.offset - b.offset);
  return sorted.map((member, index) => {
    const { name, offset, compressedSize } = member;
    const end = sorted[index + 1]?.offset ?? start;
    if (!(offset + LOCAL_SIZE + Buffer.byteLength(name) + compressedSize <= end))
      throw zipFault('ARCHIVE_UNSAFE', `${what}: ${name} shares bytes with what follows it`);
    return { ...member, end };
  });
}
