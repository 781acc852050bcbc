import { DER, derValue } from './der.ts';

/** What a keystore tells without its password. */
export interface Keystore {
  /** Certificates in DER form. */
  readonly certificates: readonly Uint8Array[];
  /** Private and secret keys, which only the password opens. */
  readonly keys: number;
}

/** Formats JKS and JCEKS as OpenJDK documents them in sun.security.provider.JavaKeyStore and com.sun.crypto.provider.JceKeyStore. */
const MAGIC = { JKS: 0xfeedfeed, JCEKS: 0xcececece } as const;
const ENTRY = { PRIVATE_KEY: 1, CERTIFICATE: 2, SECRET_KEY: 3 } as const;
const MAX_ENTRIES = 10_000;
const MAX_CHAIN = 100;

/** Object identifiers of PKCS #12 (RFC 7292, 4.2 and appendix D): a certificate of X.509, a key, an encrypted key. */
const X509_CERTIFICATE = Buffer.from('060a2a864886f70d01091601', 'hex');
const PFX_VERSION = '020103';
const KEYS = ['060b2a864886f70d010c0a0101', '060b2a864886f70d010c0a0102'].map((oid) =>
  Buffer.from(oid, 'hex'),
);

/** @returns nothing for what is no keystore, or a damaged one */
export function readKeystore(bytes: Buffer): Keystore | undefined {
  if (bytes.length < 12) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic === MAGIC.JKS || magic === MAGIC.JCEKS) return readJavaKeystore(bytes);
  return isPkcs12(bytes) ? readPkcs12(bytes) : undefined;
}

/** Whether the first bytes of a file are those of a keystore. */
export function isKeystore(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 12) return false;
  const magic = bytes.readUInt32BE(0);
  return magic === MAGIC.JKS || magic === MAGIC.JCEKS || isPkcs12(bytes);
}

function readJavaKeystore(bytes: Buffer): Keystore {
  const reader = new Reader(bytes);
  const version = reader.word(4);
  const count = Math.min(MAX_ENTRIES, reader.word(8));
  const certificates: Uint8Array[] = [];
  let keys = 0;
  const takeCertificate = (): void => {
    if (version === 2) reader.text();
    certificates.push(reader.take());
  };
  reader.at = 12;
  for (let index = 0; index < count && !reader.isOver; index++) {
    const kind = reader.next();
    reader.text();
    reader.skip(8);
    if (kind === ENTRY.CERTIFICATE) takeCertificate();
    else if (kind === ENTRY.PRIVATE_KEY) {
      reader.take();
      keys++;
      const chain = Math.min(MAX_CHAIN, reader.next());
      for (let link = 0; link < chain; link++) takeCertificate();
    } else {
      // A secret key is an object of Java, which does not say where it ends.
      if (kind === ENTRY.SECRET_KEY) keys++;
      break;
    }
  }
  return { certificates, keys };
}

/** Certificates of keystores without a password, as the JDK has them since version 18, lie there in the clear. */
function readPkcs12(bytes: Buffer): Keystore {
  const certificates: Uint8Array[] = [];
  let at = bytes.indexOf(X509_CERTIFICATE);
  for (; at >= 0 && certificates.length < MAX_ENTRIES; at = bytes.indexOf(X509_CERTIFICATE, at)) {
    at += X509_CERTIFICATE.length;
    const outer = derValue(bytes, at, DER.CONTEXT_0);
    const octets = outer && derValue(bytes, outer.start, DER.OCTETS);
    if (octets) certificates.push(bytes.subarray(octets.start, octets.end));
  }
  return { certificates, keys: KEYS.reduce((sum, oid) => sum + occurrences(bytes, oid), 0) };
}

function isPkcs12(head: Buffer): boolean {
  const length = head[1] ?? 0;
  const start = length > 0x80 ? 2 + (length & 0x7f) : 2;
  return head[0] === DER.SEQUENCE && head.toString('hex', start, start + 3) === PFX_VERSION;
}

function occurrences(bytes: Buffer, wanted: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + wanted.length)) count++;
  return count;
}

/** Reads numbers and texts one after the other; throws a RangeError at the end of the bytes. */
class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isOver(): boolean {
    return this.at >= this.#bytes.length;
  }

  word(at: number): number {
    return this.#bytes.readUInt32BE(at);
  }

  next(): number {
    this.at += 4;
    return this.word(this.at - 4);
  }

  skip(length: number): void {
    this.at += length;
  }

  /** A text with its length before it. */
  text(): void {
    this.at += 2 + this.#bytes.readUInt16BE(this.at);
  }

  /** Bytes with their number before them. */
  take(): Uint8Array {
    const length = this.next();
    if (this.at + length > this.#bytes.length) throw new RangeError('the keystore ends too early');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}
