import { constants, crc32, inflateRawSync } from 'node:zlib';
import { zipFault } from './faults.ts';

/** Where the content of a member lies, and what it has to be. Plain data: it may go to another thread. */
export interface MemberPlace {
  /** Of the packed bytes, in the file. */
  readonly start: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly crc32: number;
  readonly isDeflated: boolean;
}

/**
 * Content of a member, checked against its size and CRC-32.
 * @param packed its bytes in the archive
 * @param what names the member in errors
 * @throws PithError ARCHIVE_INVALID
 */
export function unpackMember(packed: Uint8Array, place: MemberPlace, what: string): Uint8Array {
  const content = place.isDeflated ? inflate(packed, place.size, what) : packed;
  if (content.length !== place.size)
    throw zipFault(
      'ARCHIVE_INVALID',
      `${what} has ${content.length} bytes, not the ${place.size} that it should`,
    );
  if (crc32(content) !== place.crc32)
    throw zipFault('ARCHIVE_INVALID', `${what} is damaged: its CRC-32 is another one`);
  return content;
}

function inflate(packed: Uint8Array, size: number, what: string): Uint8Array {
  try {
    // Node.js refuses a bound of 0.
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw zipFault('ARCHIVE_INVALID', `${what} cannot be unpacked to ${size} bytes: it is damaged`);
  }
}

/** What the first packed bytes of a member come to; nothing if they are damaged. It is not checked: good for a look at it. */
export function peekMember(packed: Uint8Array, isDeflated: boolean): Uint8Array {
  if (!isDeflated) return packed;
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array(0);
  }
}
