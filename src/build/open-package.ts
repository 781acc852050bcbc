import { openDeb, openTarball } from '../distro/index.ts';
import { npmEntry, type ReadEntry } from '../rootfs/index.ts';
import type { SegmentJob } from './worker-protocol.ts';

interface OpenPackage {
  /** Files that describe the package for the package database; undefined where it has no place there. */
  readonly metadata?: ReadonlyMap<string, Uint8Array>;
  /** The uncompressed tar archive of its files. */
  readonly data: AsyncIterable<Uint8Array>;
  /** How an entry of the archive is to be read, unless it is laid out like the image. */
  readonly readEntry?: ReadEntry;
}

/** Opens a package file, whose digest has been verified, by its format. */
export async function openPackage({
  format,
  path,
  what,
}: Pick<SegmentJob, 'format' | 'path' | 'what'>): Promise<OpenPackage> {
  switch (format) {
    case 'deb':
      return openDeb(path, what);
    case 'npm':
      return { data: openTarball(path, what), readEntry: npmEntry };
  }
}
