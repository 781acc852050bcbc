import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Lzma2Codec } from './lzma2.ts';

/** An integrity check over a stream of pieces. */
export interface Check {
  /** Bytes of the stored value. */
  readonly size: number;
  update(bytes: Uint8Array): void;
  /** The value as .xz stores it. */
  digest(): Uint8Array;
}

/** The check of this ID of .xz (xz-file-format 1.2, section 2.1.1.2), or undefined if there is none that pith knows. */
export function createCheck(id: number, codec: Lzma2Codec): Check | undefined {
  switch (id) {
    case 0:
      return { size: 0, update: () => undefined, digest: () => new Uint8Array(0) };
    case 1:
      return crc32Check();
    case 4:
      return crc64Check(codec);
    case 10:
      return sha256Check();
    default:
      return undefined;
  }
}

function crc32Check(): Check {
  let crc = 0;
  return {
    size: 4,
    update: (bytes) => {
      crc = crc32(bytes, crc);
    },
    digest: () => {
      const value = Buffer.alloc(4);
      value.writeUInt32LE(crc);
      return value;
    },
  };
}

/** Computed where the bytes are: they must lie in the codec's memory. */
function crc64Check(codec: Lzma2Codec): Check {
  let crc = 0n;
  return {
    size: 8,
    update: (bytes) => {
      crc = codec.crc64(crc, bytes.byteOffset, bytes.length);
    },
    digest: () => {
      const value = Buffer.alloc(8);
      value.writeBigUInt64LE(BigInt.asUintN(64, crc));
      return value;
    },
  };
}

function sha256Check(): Check {
  const hash = createHash('sha256');
  return { size: 32, update: (bytes) => hash.update(bytes), digest: () => hash.digest() };
}
