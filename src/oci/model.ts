import type { Digest } from '../core/index.ts';
import type { Descriptor, ImageConfig, IndexManifest, Manifest } from './types.ts';

/** Bytes that are known by their digest; `open` may be called any number of times. */
export interface Blob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** A file of pith's own that should hold exactly these bytes, if there is one; who copies it verifies it. */
  readonly path?: string;
  open(): AsyncIterable<Uint8Array>;
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
}

/** Images of several platforms under one digest. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly descriptor: Descriptor;
  readonly manifest: IndexManifest;
  readonly bytes: Uint8Array;
  /** In the order of the manifest. */
  readonly images: readonly Image[];
}

/** What a name stands for. */
export type Artifact = Image | ImageIndex;

/** The images of an artifact: itself, or those of the index. */
export function imagesOf(artifact: Artifact): readonly Image[] {
  return artifact.kind === 'image' ? [artifact] : artifact.images;
}
