import { type MemberPlace, peekMember, unpackMember } from './content.ts';
import { DEFLATED, parseDirectory, STORED, type ZipMember } from './directory.ts';
import { findDirectory, type Range, type ReadRange, TAIL_SIZE } from './end-record.ts';
import { zipFault } from './faults.ts';

/** Local file header without its name and extra field (APPNOTE 6.3.10, section 4.3.7). */
const LOCAL_SIZE = 30;
const LOCAL_SIGNATURE = 0x04034b50;
/** 700,000 members. */
const MAX_DIRECTORY = 64 << 20;
/** A member that is read whole. */
const MAX_MEMBER = 64 << 20;
/** Deflate makes no more of a byte (RFC 1951: 258 bytes of two bits). */
const MAX_RATIO = 1032;
/** Packed bytes that are enough for the header of a class or a library. */
const PEEK = 1024;
/** What all members unpack to. */
const MAX_TOTAL = 16 * 2 ** 30;

/** A zip archive (jar, war, zipapp, wheel) that is read by ranges. */
export class ZipArchive {
  /** By name, in the order of their offsets; of two with one name the last of the archive, as Java takes it. */
  readonly members: ReadonlyMap<string, ZipMember>;
  readonly #read: ReadRange;
  readonly #what: string;
  readonly #ambiguous: ReadonlySet<string>;

  constructor(members: readonly ZipMember[], read: ReadRange, what: string) {
    this.members = new Map(members.map((member) => [member.name, member]));
    this.#read = read;
    this.#what = what;
    this.#ambiguous = new Set(
      this.members.size === members.length
        ? []
        : members.filter((one) => !isSame(one, this.members.get(one.name))).map(({ name }) => name),
    );
  }

  /**
   * Content of a member.
   * @param limit most bytes that it may have
   * @throws PithError ARCHIVE_INVALID if there is none or it is damaged, ARCHIVE_TOO_LARGE, else like {@link locate}
   */
  async read(name: string, limit = MAX_MEMBER): Promise<Uint8Array> {
    const place = await this.locate(name);
    const what = `${this.#what}: ${name}`;
    if (place.size > limit)
      throw zipFault('ARCHIVE_TOO_LARGE', `${what} has ${place.size} bytes, more than ${limit}`);
    const packed = await this.#read({ start: place.start, length: place.compressedSize });
    return unpackMember(packed, place, what);
  }

  /**
   * The first bytes of a member, some dozens at least, without a check of them; else like {@link locate}.
   */
  async peek(name: string): Promise<Uint8Array> {
    const { start, compressedSize, isDeflated } = await this.locate(name);
    return peekMember(await this.#read({ start, length: Math.min(compressedSize, PEEK) }), isDeflated);
  }

  /**
   * Where the content of a member lies. Its local header has to agree with the directory.
   * @throws PithError ARCHIVE_INVALID; ARCHIVE_UNSAFE for one of several different ones with the name; ARCHIVE_UNSUPPORTED for
   * one that is encrypted, or packed in another way than by deflate
   */
  async locate(name: string): Promise<MemberPlace> {
    const what = `${this.#what}: ${name}`;
    const member = this.members.get(name);
    if (!member) throw zipFault('ARCHIVE_INVALID', `${this.#what} has no member ${name}`);
    if (this.#ambiguous.has(name))
      throw zipFault('ARCHIVE_UNSAFE', `${what} is there several times, and not the same`);
    if (member.isEncrypted) throw zipFault('ARCHIVE_UNSUPPORTED', `${what} is encrypted`);
    if (member.isLink) throw zipFault('ARCHIVE_UNSUPPORTED', `${what} is a symbolic link`);
    const { method, size, compressedSize, crc32 } = member;
    if (method !== STORED && method !== DEFLATED)
      throw zipFault('ARCHIVE_UNSUPPORTED', `${what} is packed by method ${method}`);
    if (method === STORED && size !== compressedSize)
      throw zipFault('ARCHIVE_INVALID', `${what} is stored, but has two sizes`);
    const start = await this.#findContent(member, what);
    return { start, compressedSize, size, crc32, isDeflated: method === DEFLATED };
  }

  /** Bytes of a stored member that lies at `start`; less than was asked for at its end. */
  readRange(start: number, size: number, range: Range): Promise<Uint8Array> {
    const from = Math.min(range.start, size);
    return this.#read({ start: start + from, length: Math.min(range.length, size - from) });
  }

  async #findContent(
    { name, offset, end, compressedSize, method }: ZipMember,
    what: string,
  ): Promise<number> {
    const bytes = Buffer.from(name);
    const header = viewOf(await this.#read({ start: offset, length: LOCAL_SIZE + bytes.length }));
    const isSound =
      header.length === LOCAL_SIZE + bytes.length &&
      header.readUInt32LE(0) === LOCAL_SIGNATURE &&
      header.readUInt16LE(8) === method &&
      header.readUInt16LE(26) === bytes.length &&
      header.subarray(LOCAL_SIZE).equals(bytes);
    const start = isSound ? offset + header.length + header.readUInt16LE(28) : end;
    if (!isSound || start + compressedSize > end)
      throw zipFault('ARCHIVE_INVALID', `${what}: its header is not what the directory says`);
    return start;
  }
}

/**
 * Opens a zip archive (PKWARE APPNOTE 6.3.10): zip64 and bytes before the archive included. Only its directory is read.
 * @param read bytes of the file; less than was asked for at its end
 * @param size bytes of the file
 * @param what names the archive in errors
 * @throws PithError ARCHIVE_INVALID; ARCHIVE_UNSAFE for members that share bytes or whose names lead out of a folder;
 * ARCHIVE_TOO_LARGE for what no archive of its size can hold; ARCHIVE_UNSUPPORTED for one in several parts
 */
export async function openZip(read: ReadRange, size: number, what: string): Promise<ZipArchive> {
  const length = Math.min(size, TAIL_SIZE);
  const tail = viewOf(await read({ start: size - length, length }));
  const directory = await findDirectory(tail, size, read, what);
  if (directory.size > MAX_DIRECTORY)
    throw zipFault('ARCHIVE_TOO_LARGE', `${what}: its directory has ${directory.size} bytes`);
  const within = directory.start - (size - tail.length);
  const bytes =
    within >= 0
      ? tail.subarray(within, within + directory.size)
      : viewOf(await read({ start: directory.start, length: directory.size }));
  if (bytes.length !== directory.size) throw zipFault('ARCHIVE_INVALID', `${what} is cut off`);
  const members = parseDirectory(bytes, directory, what);
  checkExpansion(members, what);
  return new ZipArchive(members, read, what);
}

function checkExpansion(members: readonly ZipMember[], what: string): void {
  let total = 0;
  for (const { name, size, compressedSize } of members) {
    total += size;
    if (size > compressedSize * MAX_RATIO || total > MAX_TOTAL)
      throw zipFault('ARCHIVE_TOO_LARGE', `${what}: ${name} claims to unpack to ${size} bytes`);
  }
}

function isSame(one: ZipMember, other: ZipMember | undefined): boolean {
  return one.crc32 === other?.crc32 && one.size === other.size && one.method === other.method;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
