import type { ListedFile } from '../rootfs/index.ts';

/** The files of a segment and the content of those that derived files are made of, as the store keeps them. */
export interface StoredListing {
  readonly files: readonly ListedFile[];
  /** Base64 by path. */
  readonly captured: Readonly<Record<string, string>>;
  /** Maintainer scripts: base64 by name. */
  readonly scripts: Readonly<Record<string, string>>;
}

export function encodeListing(
  files: readonly ListedFile[],
  captured: Readonly<Record<string, Uint8Array>> = {},
  scripts: Readonly<Record<string, Uint8Array>> = {},
): Buffer {
  const listing: StoredListing = { files, captured: encodeAll(captured), scripts: encodeAll(scripts) };
  return Buffer.from(JSON.stringify(listing));
}

function encodeAll(contents: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  const texts = Object.entries(contents).map(
    ([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const,
  );
  return Object.fromEntries(texts);
}

export function decodeListing(bytes: Buffer): StoredListing {
  return JSON.parse(bytes.toString('utf8')) as StoredListing;
}
