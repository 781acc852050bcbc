import { PithError } from '../core/index.ts';

/** Layout of a common ar archive: ar(5), and deb(5) for what packages use of it. */
const MAGIC = '!<arch>\n';
const HEADER_SIZE = 60;
const NAME = [0, 16] as const;
const SIZE = [48, 10] as const;
const TRAILER = [58, 2] as const;
const MAX_MEMBERS = 64;

export interface ArMember {
  /** Without the slash or the blanks that may follow it. */
  readonly name: string;
  /** Where the content starts, in bytes from the start of the archive. */
  readonly offset: number;
  readonly size: number;
}

/**
 * Lists the members of an ar archive.
 * @param read gives `length` bytes at `position`, fewer only at the end of the archive
 * @param archiveSize length of the whole archive; no member may reach over it
 * @param name what the archive is called in errors (ARCHIVE_INVALID)
 */
export async function listAr(
  read: (position: number, length: number) => Promise<Uint8Array>,
  archiveSize: number,
  name: string,
): Promise<ArMember[]> {
  const fail = (why: string): never => {
    throw new PithError('ARCHIVE_INVALID', `${name} is not a sound ar archive: ${why}`);
  };
  if (text(await read(0, MAGIC.length)) !== MAGIC) fail('it does not start as one');
  const members: ArMember[] = [];
  for (let at = MAGIC.length; at < archiveSize;) {
    const header = text(await read(at, HEADER_SIZE));
    if (header.length < HEADER_SIZE || cut(header, TRAILER) !== '`\n')
      fail(`the member header at ${at} is malformed or cut short`);
    const digits = cut(header, SIZE).trim();
    const size = /^\d+$/.test(digits) ? Number(digits) : fail(`the size of the member at ${at} is no number`);
    const offset = at + HEADER_SIZE;
    if (offset + size > archiveSize)
      fail(`the member at ${at} says ${size} bytes, which is more than the archive has`);
    members.push({ name: cut(header, NAME).trimEnd().replace(/\/$/, ''), offset, size });
    if (members.length > MAX_MEMBERS) fail(`it has more than ${MAX_MEMBERS} members`);
    at = offset + size + (size % 2);
  }
  return members;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function cut(header: string, [offset, length]: readonly [number, number]): string {
  return header.slice(offset, offset + length);
}
