import { Digester, PithError, type Digest } from '../core/index.ts';
import {
  blobOfBytes,
  isForeignLayer,
  type AnyArtifact,
  type Blob,
  type Descriptor,
  type Image,
} from '../oci/index.ts';
import type { NamedArtifact } from './contract.ts';

/** A manifest or index as it is stored, with what it names. */
export interface StoredManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  /** Its configuration and layers, but those that are not stored with images. */
  readonly blobs: readonly Blob[];
  /** The manifests that an index lists. */
  readonly children: readonly StoredManifest[];
  readonly subject: Descriptor | undefined;
}

/** Everything that the artifacts are stored as, once each, ordered by digest: layers, configurations, manifests, indexes. */
export function blobsOf(artifacts: readonly NamedArtifact[]): Blob[] {
  const blobs = new Map<Digest, Blob>();
  for (const manifest of manifestsOf(artifacts.map(({ artifact }) => artifact))) {
    for (const blob of [...manifest.blobs, blobOfBytes(manifest.bytes)])
      if (!blobs.has(blob.digest)) blobs.set(blob.digest, blob);
  }
  return [...blobs.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** A blob of an artifact: a layer, a configuration, a manifest. */
export function findBlob(artifact: AnyArtifact, digest: Digest): Blob | undefined {
  const blob = blobsOf([{ names: [], artifact }]).find((one) => one.digest === digest);
  return blob && { ...blob, isVerified: true, open: () => verified(blob) };
}

/** All manifests of artifacts, once each, those that an index lists before it. */
export function manifestsOf(artifacts: readonly AnyArtifact[]): StoredManifest[] {
  const found = new Map<Digest, StoredManifest>();
  const visit = (artifact: AnyArtifact): StoredManifest => {
    const { digest } = artifact.descriptor;
    const known = found.get(digest);
    if (known) return known;
    const manifest = storedManifest(artifact, visit);
    found.set(digest, manifest);
    return manifest;
  };
  for (const artifact of artifacts) visit(artifact);
  return [...found.values()];
}

function storedManifest(
  artifact: AnyArtifact,
  visit: (child: AnyArtifact) => StoredManifest,
): StoredManifest {
  const { descriptor } = artifact;
  switch (artifact.kind) {
    case 'image': {
      const { manifest, manifestBytes, layers } = artifact;
      const stored = layers.filter((layer) => !isForeignLayer(layer.descriptor)).map(({ blob }) => blob);
      const blobs = [...stored, configOf(artifact)];
      return { descriptor, bytes: manifestBytes, blobs, children: [], subject: manifest.subject };
    }
    case 'index': {
      const { bytes, images, others = [], blobs = [], manifest } = artifact;
      const children = [...images, ...others].map(visit);
      return { descriptor, bytes, blobs, children, subject: manifest.subject };
    }
    case 'other': {
      const { bytes, blobs, subject } = artifact;
      return { descriptor, bytes, blobs, children: artifact.children.map(visit), subject };
    }
  }
}

function configOf({ configBytes, origin }: Image): Blob {
  return { ...blobOfBytes(configBytes), ...(origin ? { origin } : {}) };
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
  if (blob.isVerified) {
    yield* blob.open();
    return;
  }
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
