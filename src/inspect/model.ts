import type { Digest } from '../core/index.ts';
import type { Image, Layer } from '../oci/index.ts';
import type { Entries } from './entries.ts';
import type { Fact } from './facts.ts';
import type { FileEntry } from './file-entry.ts';

export type { FileEntry } from './file-entry.ts';

/** What one layer holds: its entries in their order, and what was found in them. Plain data: it is cached by digest. */
export interface LayerContents {
  /** Bytes of the uncompressed tar. */
  readonly unpackedSize: number;
  /** SHA-256 of the uncompressed tar as it was read; another one than the config says is a fault of the image. */
  readonly diffId: Digest;
  readonly entries: Entries;
  /** By the number of the entry. */
  readonly facts: ReadonlyMap<number, readonly Fact[]>;
  /** Numbers of the entries whose path, as the layer has it, leads out of the root. */
  readonly outside?: readonly number[];
}

/** An image with what its layers hold, the lowest first. */
export interface ImageContents {
  readonly image: Image;
  readonly layers: readonly (LayerContents & { readonly layer: Layer })[];
}

/** Looks into one file while it passes by. Hostile content gives no facts; nothing is thrown. */
export interface FileScanner {
  /** A piece of the content: a view that is not valid after the call. */
  write(piece: Uint8Array): void;
  /** After the last piece. */
  finish(): readonly Fact[] | Promise<readonly Fact[]>;
}

/** Finds facts in files of some kind. */
export interface FileReader {
  /**
   * @param file path, size, mode …, without digest
   * @param head the first bytes of the content, at most 4096
   * @returns what looks into this file; nothing if it is not of this kind
   */
  open(file: FileEntry, head: Uint8Array): FileScanner | undefined;
}
