import { crc32, deflateRawSync } from 'node:zlib';

/** A member of a test's zip archive. What is not told is what a sound archive has. */
export interface TestMember {
  readonly name: string | Buffer;
  readonly content?: string | Uint8Array;
  readonly isStored?: boolean;
  /** Unix mode with the type of file. */
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  /** What the headers say in place of the truth. */
  readonly size?: number;
  readonly compressedSize?: number;
  readonly crc32?: number;
  readonly offset?: number;
  /** Name in the local header. */
  readonly localName?: string;
  readonly localExtra?: Uint8Array;
  /** Sizes behind the content, and none in the local header. */
  readonly hasDescriptor?: boolean;
  /** Sizes and offset in the zip64 extra field. */
  readonly isZip64?: boolean;
}

export interface TestZip {
  readonly prefix?: Uint8Array;
  /** Whether offsets count the prefix. */
  readonly isAdjusted?: boolean;
  readonly comment?: string;
  readonly isZip64?: boolean;
  readonly count?: number;
  readonly disk?: number;
}

/** A zip archive (APPNOTE 6.3.10) of these members, by name or as they are told. */
export function makeZip(
  members: readonly TestMember[] | Readonly<Record<string, string | Uint8Array>>,
  zip: TestZip = {},
): Buffer {
  const list: readonly TestMember[] = Array.isArray(members)
    ? (members as readonly TestMember[])
    : Object.entries(members).map(([name, content]: [string, string | Uint8Array]) => ({ name, content }));
  const prefix = Buffer.from(zip.prefix ?? []);
  const base = zip.isAdjusted ? prefix.length : 0;
  const locals: Buffer[] = [];
  const headers: Buffer[] = [];
  let at = base;
  for (const member of list) {
    const encoded = encode(member);
    const local = localRecord(member, encoded);
    headers.push(centralHeader(member, encoded, member.offset ?? at));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(headers);
  return Buffer.concat([prefix, ...locals, directory, endOf(list.length, directory.length, at, zip)]);
}

interface Encoded {
  readonly name: Buffer;
  readonly packed: Buffer;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly compressedSize: number;
}

function encode(member: TestMember): Encoded {
  const content = Buffer.from(member.content ?? '');
  const packed = member.isStored ? content : deflateRawSync(content);
  return {
    name: Buffer.from(member.name),
    packed,
    method: member.method ?? (member.isStored ? 0 : 8),
    crc: member.crc32 ?? crc32(content),
    size: member.size ?? content.length,
    compressedSize: member.compressedSize ?? packed.length,
  };
}

function flagsOf({ flags, hasDescriptor }: TestMember): number {
  return (flags ?? 0x0800) | (hasDescriptor ? 0x0008 : 0);
}

function localRecord(member: TestMember, encoded: Encoded): Buffer {
  const { packed, method, crc, size, compressedSize } = encoded;
  const name = member.localName === undefined ? encoded.name : Buffer.from(member.localName);
  const extra = Buffer.from(member.localExtra ?? []);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flagsOf(member), 6);
  header.writeUInt16LE(method, 8);
  const sizes = Buffer.alloc(12);
  for (const [index, value] of [crc, compressedSize, size].entries()) sizes.writeUInt32LE(value, 4 * index);
  if (!member.hasDescriptor) header.set(sizes, 14);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  const descriptor = member.hasDescriptor ? [Buffer.from('PK\x07\x08', 'latin1'), sizes] : [];
  return Buffer.concat([header, name, extra, packed, ...descriptor]);
}

function centralHeader(member: TestMember, encoded: Encoded, offset: number): Buffer {
  const { name, method, crc, size, compressedSize } = encoded;
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50);
  header.writeUInt16LE((3 << 8) | 20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flagsOf(member), 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(crc, 16);
  const values = [compressedSize, size, offset] as const;
  for (const [index, position] of [20, 24, 42].entries())
    header.writeUInt32LE(member.isZip64 ? 0xffffffff : (values[index] ?? 0), position);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 38);
  const extra = Buffer.alloc(member.isZip64 ? 28 : 0);
  if (member.isZip64) {
    extra.writeUInt16LE(1);
    extra.writeUInt16LE(24, 2);
    for (const [index, value] of [size, compressedSize, offset].entries())
      extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  }
  header.writeUInt16LE(extra.length, 30);
  return Buffer.concat([header, name, extra]);
}

function endOf(members: number, size: number, offset: number, zip: TestZip): Buffer {
  const count = zip.count ?? members;
  const comment = Buffer.from(zip.comment ?? '');
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(zip.disk ?? 0, 4);
  for (const position of [8, 10]) end.writeUInt16LE(zip.isZip64 ? 0xffff : count, position);
  end.writeUInt32LE(zip.isZip64 ? 0xffffffff : size, 12);
  end.writeUInt32LE(zip.isZip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  if (!zip.isZip64) return Buffer.concat([end, comment]);
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt32LE(zip.disk ?? 0, 16);
  for (const position of [24, 32]) record.writeBigUInt64LE(BigInt(count), position);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, end, comment]);
}
