import type { FoundSecret } from '../../facts.ts';
import { DER, derValue } from '../der.ts';

/** A key of RSA with 16,384 bits has 13 KB of text. */
const MAX_KEY = 32 << 10;
const BEGIN = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?)-----$/;
/** Start of a key in OpenSSH's own form (PROTOCOL.key): a mark, and the name of the cipher with its length before it. */
const OPENSSH = 'openssh-key-v1\0';
/** What encrypts old PEM keys says so in a header (RFC 1421, 4.6.1.1). */
const ENCRYPTED_HEADER = /^Proc-Type: *4, *ENCRYPTED$/m;
const HEADERS = /^(?:[A-Za-z-]+: .*\n)+\n?/;

type Found = Pick<FoundSecret, 'type' | 'hint'>;

/**
 * A private key in PEM form (RFC 7468) that is whole; what only shows how one looks is none.
 * @param text of the file
 * @param at where `PRIVATE KEY` stands in it
 */
export function privateKeyAt(text: string, at: number): Found | undefined {
  const close = text.slice(at, at + 'PRIVATE KEY BLOCK-----'.length).indexOf('-----');
  if (close < 0) return undefined;
  const start = at + close + '-----'.length;
  const [, label] = BEGIN.exec(text.slice(Math.max(0, at - 60), start)) ?? [];
  if (label === undefined) return undefined;
  const end = text.slice(start, start + MAX_KEY).indexOf('-----');
  if (end < 0 || !text.startsWith(`-----END ${label}-----`, start + end)) return undefined;
  // Texts in JSON and in environment variables have their line ends escaped.
  const body = text
    .slice(start, start + end)
    .replace(/\\r?\\n|\\n|\r/g, '\n')
    .replace(/^[ \t]+/gm, '')
    .trim();
  const headers = HEADERS.exec(body)?.[0] ?? '';
  const der = decode(body.slice(headers.length));
  if (!der) return undefined;
  const isEncrypted =
    ENCRYPTED_HEADER.test(headers) || label.startsWith('ENCRYPTED') || isEncryptedOpenSsh(der);
  if (!isEncrypted && !isKey(label, der)) return undefined;
  return isEncrypted
    ? { type: 'encrypted-private-key', hint: `${label}, encrypted with a passphrase` }
    : { type: 'private-key', hint: label };
}

/** A key in PuTTY's form. @param at where `PuTTY-User-Key-File-` stands */
export function puttyKeyAt(text: string, at: number): Found | undefined {
  const [, version, algorithm = '', encryption] =
    /^PuTTY-User-Key-File-(\d): *([\w-]+)\r?\nEncryption: *([\w-]+)\r?\n/.exec(text.slice(at, at + 200)) ??
    [];
  if (version === undefined || !/^Private-Lines: *\d/m.test(text.slice(at, at + MAX_KEY))) return undefined;
  const hint = `${algorithm} in PuTTY's form`;
  return encryption === 'none'
    ? { type: 'private-key', hint }
    : { type: 'encrypted-private-key', hint: `${hint}, encrypted with a passphrase` };
}

/** The bytes of a body; nothing for one that is no base64 or too short for a key. */
function decode(body: string): Buffer | undefined {
  // The checksum of OpenPGP (RFC 9580, 6.1) follows the last line.
  const text = body.replace(/\n=[A-Za-z0-9+/]{4}\s*$/, '').replace(/\s/g, '');
  if (text.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

function isEncryptedOpenSsh(bytes: Buffer): boolean {
  if (!bytes.toString('latin1', 0, OPENSSH.length).startsWith(OPENSSH) || bytes.length < OPENSSH.length + 8)
    return false;
  const length = bytes.readUInt32BE(OPENSSH.length);
  const start = OPENSSH.length + 4;
  return bytes.toString('latin1', start, start + Math.min(length, 40)) !== 'none';
}

/** Whether bytes are what the label says: a sequence in DER that ends where they end, or a key of OpenSSH or OpenPGP. */
function isKey(label: string, bytes: Buffer): boolean {
  if (label.startsWith('PGP')) return ((bytes[0] ?? 0) & 0x80) !== 0;
  if (label.startsWith('OPENSSH')) return bytes.toString('latin1', 0, OPENSSH.length) === OPENSSH;
  return derValue(bytes, 0, DER.SEQUENCE)?.end === bytes.length;
}
