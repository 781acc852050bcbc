import type { Blob } from '../oci/index.ts';
import type { NamedArtifact, WriteReport } from './contract.ts';
import { formatLocation, type Location } from './location.ts';

/** What was written: of all blobs of the artifacts, those in `written`. */
export function reportOf(
  location: Location,
  named: readonly NamedArtifact[],
  blobs: readonly Blob[],
  written: readonly Blob[],
): WriteReport {
  return {
    location: formatLocation(location),
    names: named.flatMap(({ names, artifact }) =>
      names.map((name) => ({ name, digest: artifact.descriptor.digest })),
    ),
    blobsWritten: written.length,
    blobsReused: blobs.length - written.length,
    bytesWritten: written.reduce((sum, blob) => sum + blob.size, 0),
  };
}
