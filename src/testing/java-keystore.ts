import { createHash } from 'node:crypto';

/** An entry of a keystore of trusted certificates. */
export interface KeystoreEntry {
  readonly alias: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  readonly type: string;
  readonly der: Uint8Array;
}

/** Reads a Java keystore (format JKS, version 2) of trusted certificates, as OpenJDK would, and checks its digest. */
export function readKeystore(bytes: Uint8Array, password: string): KeystoreEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const uint32 = (): number => view.getUint32((at += 4) - 4);
  const take = (length: number): Uint8Array => bytes.slice(at, (at += length));
  const text = (): string => readModifiedUtf8(take(view.getUint16((at += 2) - 2)));
  if (uint32() !== 0xfeedfeed || uint32() !== 2) throw new Error('no keystore in the format JKS');
  const entries = Array.from({ length: uint32() }, () => {
    if (uint32() !== 2) throw new Error('an entry is no trusted certificate');
    const alias = text();
    const date = Number(view.getBigInt64((at += 8) - 8));
    return { alias, date, type: text(), der: take(uint32()) };
  });
  const utf16 = Buffer.from(password, 'utf16le').swap16();
  const digest = createHash('sha1').update(utf16).update('Mighty Aphrodite').update(bytes.subarray(0, at));
  if (!digest.digest().equals(bytes.subarray(at))) throw new Error('the digest is wrong');
  return entries;
}

/** java.io.DataInput.readUTF without its length. */
function readModifiedUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at++] ?? 0;
    const next = (): number => (bytes[at++] ?? 0) & 0x3f;
    if (first < 0x80) text += String.fromCharCode(first);
    else if (first < 0xe0) text += String.fromCharCode(((first & 0x1f) << 6) | next());
    else text += String.fromCharCode(((first & 0x0f) << 12) | (next() << 6) | next());
  }
  return text;
}
