import type { LayerCompression } from '../archive/index.ts';
import { type Digest, type ErrorCode, PithError } from '../core/index.ts';
import type { SegmentRules } from '../rootfs/index.ts';
import type { ReadFile } from './digest-memory.ts';
import type { FileToRead } from './disk-facts.ts';
import type { PackedFiles } from './packed-files.ts';

/** How a package file is packed: Debian's ar of tars, or npm's tarball. */
export type PackageFormat = 'deb' | 'npm';

/** Make a segment of the package file at `path`. */
export interface SegmentJob {
  readonly kind: 'segment';
  readonly id: number;
  readonly path: string;
  /** What the file must be; it is checked before anything of it is read. */
  readonly digest: Digest;
  readonly format: PackageFormat;
  /** Name and version of the package, for errors. */
  readonly what: string;
  readonly rules: SegmentRules;
  readonly compression: LayerCompression;
}

/** Make a segment of files of the disk. */
export interface FilesJob {
  readonly kind: 'files';
  readonly id: number;
  readonly files: PackedFiles;
  readonly compression: LayerCompression;
}

/** The next chunk of a segment, to be compressed by any worker. */
export interface Chunk {
  readonly kind: 'chunk';
  readonly segment: number;
  readonly bytes: Uint8Array;
  readonly dictionary: Uint8Array;
  readonly last: boolean;
}

export interface SegmentDone {
  readonly kind: 'segment-done';
  readonly id: number;
  /** Digest of the uncompressed segment with the end-of-archive blocks: the diffID of a layer of this segment alone. */
  readonly diffId: Digest;
  /** Bytes of the uncompressed segment without the end-of-archive blocks. */
  readonly size: number;
  readonly crc: number;
  /** Encoded by encodeListing. */
  readonly listing: Uint8Array;
  readonly omitted: number;
  readonly unmatched: readonly string[];
  readonly newest: number;
  readonly dependsOnMerge: boolean;
  /** Uncompressed bytes of the package's archive that were read. */
  readonly decompressed: number;
}

export type ToWorker =
  | SegmentJob
  | FilesJob
  | {
      readonly kind: 'deflate';
      readonly id: number;
      readonly compression: LayerCompression;
      readonly bytes: Uint8Array;
      readonly dictionary: Uint8Array;
      readonly last: boolean;
    }
  | { readonly kind: 'index'; readonly id: number; readonly path: string }
  /** Read files of the disk for their digests. */
  | { readonly kind: 'read'; readonly id: number; readonly files: readonly FileToRead[] }
  /** One chunk of the segment was written: another may come. */
  | { readonly kind: 'credit'; readonly id: number }
  | { readonly kind: 'cancel'; readonly id: number };

export type FromWorker =
  | Chunk
  | SegmentDone
  | { readonly kind: 'deflated'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'index-done'; readonly id: number; readonly bytes: Uint8Array }
  /** In the order of the files. */
  | { readonly kind: 'read-done'; readonly id: number; readonly found: readonly ReadFile[] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError };

/** A PithError as a message can carry it. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly path?: string;
}

/** The error for a message that is none of this protocol. @param message typed as what is left when all others are dealt with */
export function unknownMessage(what: string, message: never): PithError {
  const { kind } = message as { readonly kind?: unknown };
  return new PithError('INTERNAL', `${what} something unknown: ${JSON.stringify(kind)}`, {
    hint: 'pith was updated while it ran: run the command again.',
  });
}
