import type { FileSpec } from './definition-types.ts';
import type { OwnCertificate } from './own-certificates.ts';

/** A file of a definition with what was read of its source. */
export interface PlannedFile extends FileSpec {
  readonly certificates?: readonly OwnCertificate[];
}
