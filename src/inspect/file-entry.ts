import type { TarEntry } from '../archive/index.ts';
import type { Digest } from '../core/index.ts';

/**
 * One entry of a layer, as tar has it, with its path as paths in an image are written: without a slash at either end, `.` for
 * the root. Whiteouts are entries of type `file` whose last name begins with `.wh.`.
 */
export interface FileEntry extends Omit<TarEntry, 'deviceMajor' | 'deviceMinor'> {
  /** SHA-256 of the content of a file. */
  readonly digest?: Digest;
}
