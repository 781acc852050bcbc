import { gzipSync } from 'node:zlib';
import { encodeHeader, paddingOf, type TarEntry } from '../archive/index.ts';
import { makeAr, makeTar, type TestFile } from './deb.ts';

/** A package whose data.tar has exactly these files, or is exactly these bytes. */
export function debOf(
  name: string,
  data: readonly TestFile[] | Uint8Array,
  options: { ending?: string; control?: string; members?: readonly (readonly [string, Uint8Array])[] } = {},
): Buffer {
  const { ending = '', members = [] } = options;
  const control =
    options.control ?? `Package: ${name}\nVersion: 1.1\nArchitecture: amd64\nDescription: test\n`;
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(makeTar([{ path: './control', content: control }]))],
    [`data.tar${ending}`, data instanceof Uint8Array ? data : makeTar(data)],
    ...members,
  ]);
}

/** The header of a regular file that says it has `size` bytes. */
export function headerOf(path: string, size: number): Buffer {
  const entry: TarEntry = {
    path,
    size,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 1_700_000_000,
    linkName: '',
    deviceMajor: 0,
    deviceMinor: 0,
  };
  return Buffer.concat([encodeHeader(entry), Buffer.alloc(paddingOf(0))]);
}

/**
 * zstd data (RFC 8878, 3.1.1) of some bytes as they are and then zeros: 4 bytes for each 128 KiB of them.
 * @param zeros number of blocks of 128 KiB
 */
export function zstdBomb(start: Uint8Array, zeros: number): Buffer {
  const block = (size: number, kind: number, isLast = 0): Buffer => {
    const header = Buffer.alloc(3);
    header.writeUIntLE(size * 8 + kind * 2 + isLast, 0, 3);
    return header;
  };
  const zeroBlock = Buffer.concat([block(128 * 1024, 1), Buffer.alloc(1)]);
  // A frame without content size and checksum, with a window of 128 KiB.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
  return Buffer.concat([
    frame,
    Buffer.concat([block(start.length, 0), start]),
    Buffer.alloc(zeroBlock.length * zeros, zeroBlock),
    block(0, 0, 1),
  ]);
}
