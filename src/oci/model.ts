import type { Digest } from '../core/index.ts';
import type { Descriptor, ImageConfig, IndexManifest, Manifest } from './types.ts';

/** Bytes that are known by their digest; `open` may be called any number of times. */
export interface Blob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** A file of pith's own that should hold exactly these bytes, if there is one; who copies it verifies it. */
  readonly path?: string;
  /** Whether what `open` gives fails at its end unless it is what the digest and the size say. */
  readonly isVerified?: boolean;
  /** The repository that it was found in, from which others of the same registry can mount it. */
  readonly origin?: BlobOrigin;
  open(): AsyncIterable<Uint8Array>;
}

/** A repository of a registry. */
export interface BlobOrigin {
  /** `HOST[:PORT]`, or `docker.io`. */
  readonly registry: string;
  readonly repository: string;
}

export interface Layer {
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed tar. */
  readonly diffId: Digest;
  /** The layer as it is stored: compressed if its media type says so. */
  readonly blob: Blob;
}

/** One image of one platform. It never changes; a change is a function that gives a new one. */
export interface Image {
  readonly kind: 'image';
  /** Of the manifest, with the platform. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly config: ImageConfig;
  readonly configBytes: Uint8Array;
  /** In the order in which they are applied. */
  readonly layers: readonly Layer[];
  /** Where a registry has it. */
  readonly origin?: BlobOrigin;
}

/** Images of several platforms under one digest. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly descriptor: Descriptor;
  readonly manifest: IndexManifest;
  readonly bytes: Uint8Array;
  /** In the order of the manifest. */
  readonly images: readonly Image[];
  /** What the manifest lists beside images: attestations, indexes inside it … */
  readonly others?: readonly OtherArtifact[];
  /** Blobs that the manifest lists by themselves, as build caches do. */
  readonly blobs?: readonly Blob[];
}

/**
 * A manifest that is no container image, or an index inside another one, with everything below it: an attestation, a
 * signature, a chart. Nothing in it is understood; it is kept byte for byte.
 */
export interface OtherArtifact {
  readonly kind: 'other';
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  /** What it is about, if it refers to another manifest. */
  readonly subject?: Descriptor;
  /** Its configuration and layers. */
  readonly blobs: readonly Blob[];
  /** Manifests below it. */
  readonly children: readonly OtherArtifact[];
}

/** What a name stands for. */
export type Artifact = Image | ImageIndex;

/** As Artifact, with what is no container image. */
export type AnyArtifact = Artifact | OtherArtifact;

/** The images of an artifact: itself, or those of the index. */
export function imagesOf(artifact: AnyArtifact): readonly Image[] {
  if (artifact.kind === 'other') return [];
  return artifact.kind === 'image' ? [artifact] : artifact.images;
}
