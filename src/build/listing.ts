import type { ListedFile } from '../rootfs/index.ts';

/** The files of a segment and the content of those that derived files are made of, as the store keeps them. */
export interface StoredListing {
  readonly files: readonly ListedFile[];
  /** Base64 by path. */
  readonly captured: Readonly<Record<string, string>>;
}

export function encodeListing(
  files: readonly ListedFile[],
  captured: Readonly<Record<string, Uint8Array>> = {},
): Buffer {
  const texts = Object.entries(captured).map(([path, bytes]) => [
    path,
    Buffer.from(bytes).toString('base64'),
  ]);
  const listing: StoredListing = { files, captured: Object.fromEntries(texts) as Record<string, string> };
  return Buffer.from(JSON.stringify(listing));
}

export function decodeListing(bytes: Buffer): StoredListing {
  return JSON.parse(bytes.toString('utf8')) as StoredListing;
}
