import { open, stat } from 'node:fs/promises';
import { PithError, systemCode, toPithError } from '../../../core/index.ts';
import { configFault, parseConfig, type AuthConfig } from './config.ts';
import type { AuthFile, AuthPlace } from './places.ts';

/** In bytes; the files of people with hundreds of registries have a tenth of it. */
const MAX_SIZE = 4 * 1024 * 1024;

/** An auth file as it is. */
export interface AuthText {
  readonly text: string;
  readonly config: AuthConfig;
}

/** Why there is nothing to read. */
export interface Unread {
  readonly reason: string;
  readonly isAbsent: boolean;
}

/**
 * Reads a place of credentials. One that is absent or not for us to read gives the reason: the others may do.
 * @throws CREDENTIALS_FAILED for what is no auth file, and for a required one that cannot be read
 */
export async function readPlace(place: AuthPlace): Promise<AuthText | Unread> {
  if (place.role === 'variable') return { text: place.text, config: parseConfig(place.text, place) };
  const bytes = await readFile(place);
  if (bytes instanceof Uint8Array) {
    const text = decode(bytes, place);
    return { text, config: parseConfig(text, place) };
  }
  if (place.isRequired) throw configFault(place, bytes.reason);
  return bytes;
}

async function readFile(file: AuthFile): Promise<Uint8Array | Unread> {
  try {
    // Opening a pipe would wait for its other end.
    if (!(await stat(file.path)).isFile()) return { reason: 'it is not a file', isAbsent: false };
    return await readLimited(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || error instanceof PithError) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'no such file', isAbsent: true };
    const { message } = toPithError(error);
    return { reason: message.split(': ').at(-1) ?? message, isAbsent: false };
  }
}

async function readLimited(file: AuthFile): Promise<Uint8Array> {
  const handle = await open(file.path, 'r');
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of handle.createReadStream({
      end: MAX_SIZE,
      autoClose: false,
    }) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
    }
    if (size > MAX_SIZE) throw configFault(file, `it is larger than ${MAX_SIZE / 1024 / 1024} MiB`);
    return Buffer.concat(pieces);
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array, place: AuthPlace): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw configFault(place, 'it is not UTF-8');
  }
}
