import { readFileSync } from 'node:fs';
import type { PublicKey } from 'openpgp';
import { digestOf, PithError, type Digest } from '../../core/index.ts';

/** The keys that a suite's signature may come from. They are parsed when a signature has to be verified. */
export interface Keyring {
  files: readonly KeyFile[];
  /** Changes when any key does; part of the key under which a verification is remembered. */
  digest: Digest;
}

export interface KeyFile {
  path: string;
  bytes: Uint8Array;
}

const MAX_BYTES = 8 << 20;
const ARMOR = '-----BEGIN PGP PUBLIC KEY BLOCK-----';

/**
 * Reads key files, armored (`.asc`) or binary (`.gpg`, `.pgp`).
 *
 * @throws PithError KEYRING_INVALID for a file that cannot be read or does not begin like a public key
 */
export function loadKeyring(paths: readonly string[]): Keyring {
  return keyringOf(paths.map((path) => ({ path, bytes: readKeyFile(path) })));
}

/**
 * A keyring of files that are in memory.
 *
 * @throws PithError KEYRING_INVALID for a file that does not begin like a public key
 */
export function keyringOf(files: readonly KeyFile[]): Keyring {
  if (files.length === 0)
    throw new PithError('KEYRING_INVALID', 'no key file is named: nothing could be trusted', {
      hint: 'Name at least one file with public keys.',
    });
  for (const file of files)
    if (!beginsLikeKey(file.bytes)) throw notKeys(file.path, 'it does not begin like one');
  const digests = files.map((file) => digestOf(file.bytes)).sort();
  return { files, digest: digestOf(digests.join('\n')) };
}

/**
 * Parses all keys of a keyring; a file may hold several, and several armored blocks.
 *
 * @throws PithError KEYRING_INVALID
 * @internal
 */
export async function parseKeys(keyring: Keyring): Promise<PublicKey[]> {
  const { PublicKey, readKeys } = await import('openpgp');
  const keys: PublicKey[] = [];
  for (const { path, bytes } of keyring.files) {
    try {
      const blocks = isArmored(bytes) ? armoredBlocks(bytes) : undefined;
      const read = blocks
        ? await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys })))
        : [await readKeys({ binaryKeys: bytes })];
      const found = read.flat();
      if (found.length === 0) throw new Error('no key in it');
      for (const key of found) {
        if (!(key instanceof PublicKey) || key.isPrivate()) throw new Error('it holds a private key');
        keys.push(key);
      }
    } catch (error) {
      throw notKeys(path, error instanceof Error ? error.message : String(error), error);
    }
  }
  return keys;
}

function readKeyFile(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw notKeys(path, error instanceof Error ? error.message : String(error), error);
  }
  if (bytes.length > MAX_BYTES) throw notKeys(path, `it is larger than ${MAX_BYTES} bytes`);
  return bytes;
}

/** RFC 9580, 4.2: a packet's first byte has bit 7 set; tag 6 is a public key, in either header format. */
function beginsLikeKey(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  const tag = (first & 0x40) === 0 ? (first >> 2) & 0x0f : first & 0x3f;
  return isArmored(bytes) || ((first & 0x80) !== 0 && tag === 6);
}

function isArmored(bytes: Uint8Array): boolean {
  return textOf(bytes.subarray(0, 4096)).trimStart().startsWith(ARMOR);
}

function armoredBlocks(bytes: Uint8Array): string[] {
  return textOf(bytes)
    .split(/(?=^-----BEGIN PGP PUBLIC KEY BLOCK-----)/m)
    .filter((block) => block.trim() !== '');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function notKeys(path: string, why: string, cause?: unknown): PithError {
  return new PithError('KEYRING_INVALID', `${path} is not a file of OpenPGP public keys: ${why}`, {
    path,
    hint: 'Give a file made with `gpg --export` or `gpg --armor --export`.',
    cause,
  });
}
