import type { FileSpec } from './definition-types.ts';
import type { DiskTree } from './disk-tree.ts';
import type { OwnCertificate } from './own-certificates.ts';

/** A file of a definition with what was read of its source. */
export interface PlannedFile extends FileSpec {
  /** What is taken from the disk as it is. */
  readonly tree?: DiskTree;
  readonly certificates?: readonly OwnCertificate[];
}
