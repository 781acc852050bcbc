import { crc32 } from 'node:zlib';
import { type MemberPlace, unpackMember } from '../archive/index.ts';
import { PithError } from '../core/index.ts';
import { changedFile, readContent, readPart } from './disk-content.ts';

/** Where the content of a file is. */
export interface DiskSource {
  readonly path: string;
  /** What it is called in errors. */
  readonly name: string;
  /** A member of the zip archive at that path, in place of the file itself. */
  readonly member?: MemberPlace;
}

/** A deflated member is unpacked whole. */
const MAX_DEFLATED = 512 << 20;

/**
 * The content of a file, or of a member of one, in pieces that are valid until the next one is taken by anybody in this thread.
 * @param size the bytes that it has to have
 * @throws PithError DEFINITION_INVALID if it cannot be read, or is not what it was; ARCHIVE_INVALID for a damaged member
 */
export function* readSource({ path, name, member }: DiskSource, size: number): Generator<Uint8Array> {
  if (!member) yield* readContent(path, name, size);
  else if (member.size !== size) throw changedFile(path, name);
  else if (member.isDeflated) yield unpackWhole(path, name, member);
  else yield* readStored(path, name, member);
}

function unpackWhole(path: string, name: string, member: MemberPlace): Uint8Array {
  const { start, size, compressedSize } = member;
  if (Math.max(size, compressedSize) > MAX_DEFLATED)
    throw new PithError('ARCHIVE_TOO_LARGE', `${name} unpacks to ${size} bytes`, {
      path,
      hint: 'Leave it out of the archive, or store it without compression.',
    });
  const packed = Buffer.concat(
    Array.from(readPart(path, name, start, compressedSize), (piece) => Buffer.from(piece)),
  );
  return unpackMember(packed, member, name);
}

function* readStored(path: string, name: string, member: MemberPlace): Generator<Uint8Array> {
  let check = 0;
  for (const piece of readPart(path, name, member.start, member.size)) {
    check = crc32(piece, check);
    yield piece;
  }
  if (check !== member.crc32)
    throw new PithError('ARCHIVE_INVALID', `${name} is damaged: its CRC-32 is another one`, {
      path,
      hint: 'Build or fetch the archive anew.',
    });
}
