import { Digester, PithError, type Digest } from '../core/index.ts';
import { blobOfBytes, imagesOf, type Artifact, type Blob } from '../oci/index.ts';
import type { NamedArtifact } from './contract.ts';

/** Everything that the artifacts are stored as, once each, ordered by digest: layers, configurations, manifests, indexes. */
export function blobsOf(artifacts: readonly NamedArtifact[]): Blob[] {
  const blobs = new Map<Digest, Blob>();
  for (const { artifact } of artifacts)
    for (const blob of partsOf(artifact)) if (!blobs.has(blob.digest)) blobs.set(blob.digest, blob);
  return [...blobs.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

function* partsOf(artifact: Artifact): Generator<Blob> {
  for (const image of imagesOf(artifact)) {
    for (const layer of image.layers) yield layer.blob;
    yield blobOfBytes(image.configBytes);
    yield blobOfBytes(image.manifestBytes);
  }
  if (artifact.kind === 'index') yield blobOfBytes(artifact.bytes);
}

/** Path of a blob in an OCI layout (image-spec 1.1, image-layout.md). */
export function blobPath(digest: Digest): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/**
 * The bytes of a blob; the stream fails at its end, or where it grows too long, if they are not what the digest says.
 * @throws CACHE_CORRUPT for a blob from a file of pith's own, else IMAGE_INVALID
 */
export async function* verified(blob: Blob): AsyncGenerator<Uint8Array> {
  const digester = new Digester();
  for await (const piece of blob.open()) {
    digester.update(piece);
    if (digester.size > blob.size) break;
    yield piece;
  }
  checkDigester(blob, digester);
}

/** Compares what was read with what the blob says. @throws as verified */
export function checkDigester(blob: Blob, digester: Digester): void {
  if (digester.size === blob.size && digester.digest() === blob.digest) return;
  const found =
    digester.size === blob.size
      ? `the digest ${digester.digest()}`
      : `another size than its ${blob.size} bytes`;
  throw blob.path === undefined
    ? new PithError('IMAGE_INVALID', `the blob ${blob.digest} has ${found}`)
    : new PithError('CACHE_CORRUPT', `the cached blob ${blob.digest} has ${found}`, {
        path: blob.path,
        hint: 'Run `pith cache verify` to remove what is damaged, then run the command again.',
      });
}
