import { X509Certificate } from 'node:crypto';
import { type Digest, digestOf } from '../../core/index.ts';
import type { CertificateFacts, Fact } from '../facts.ts';
import type { FileReader } from '../model.ts';
import { DER } from './der.ts';
import { isKeystore, readKeystore } from './keystores.ts';
import { isPublicPlace } from './public-places.ts';
import { smallFile } from './small-file.ts';

/** The largest bundles have 1 MB. */
const LIMIT = 16 << 20;
/** Of one file. */
const MAX_CERTIFICATES = 5000;
const MAX_NAME = 1000;
const NAME = /\.(?:crt|cer|pem|der|cert|p12|pfx|jks|ks|keystore|truststore)$|(?:^|\/)cacerts$/i;
const BEGIN = '-----BEGIN ';
const DASHES = '-----';
/** RFC 7468, section 5.1, the name that old tools write, and OpenSSL's own form, which has more bytes behind the certificate. */
const LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** Certificates in PEM and DER form, and those of Java's and PKCS #12 keystores that can be read without a password. */
export const certificatesReader: FileReader = {
  open(file, head) {
    if (file.size < 64 || file.size > LIMIT) return undefined;
    const isNamed = NAME.test(file.path);
    if (head[0] === DER.SEQUENCE && isNamed)
      return smallFile(file, LIMIT, (bytes) =>
        isKeystore(bytes) ? ofKeystore(bytes, file.path) : describe([bytes]),
      );
    if (isKeystore(head)) return smallFile(file, LIMIT, (bytes) => ofKeystore(bytes, file.path));
    const isText = !head.includes(0);
    const begins =
      isText && Buffer.from(head.buffer, head.byteOffset, head.length).includes('CERTIFICATE-----');
    if (!begins && !(isNamed && isText)) return undefined;
    return smallFile(file, LIMIT, (bytes) => describe(pemBlocks(bytes)));
  },
};

function ofKeystore(bytes: Buffer, path: string): Fact[] {
  const keystore = readKeystore(bytes);
  if (!keystore) return [];
  const { certificates, keys } = keystore;
  const hint = `a keystore with ${keys} ${keys === 1 ? 'key' : 'keys'}, encrypted with a password`;
  const secrets =
    keys === 0 || isPublicPlace(path)
      ? []
      : [{ kind: 'secrets' as const, secrets: [{ type: 'keystore-key', line: 1, hint }] }];
  return [...describe(certificates), ...secrets];
}

function describe(list: readonly Uint8Array[]): Fact[] {
  const certificates = list.slice(0, MAX_CERTIFICATES).flatMap((der) => read(der) ?? []);
  return certificates.length > 0 ? [{ kind: 'certificates', certificates }] : [];
}

/** The certificates of a text (RFC 7468, section 2) in DER form; other blocks, and those without an end, are left out. */
function pemBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  const text = bytes.toString('latin1');
  for (
    let at = text.indexOf(BEGIN);
    at >= 0 && blocks.length < MAX_CERTIFICATES;
    at = text.indexOf(BEGIN, at)
  ) {
    at += BEGIN.length;
    const start = text.indexOf(DASHES, at);
    const label = start < 0 || start - at > 40 ? '' : text.slice(at, start);
    if (!LABELS.includes(label)) continue;
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end < 0) break;
    blocks.push(Buffer.from(text.slice(start + DASHES.length, end), 'base64'));
    at = end + DASHES.length;
  }
  return blocks;
}

/** Certificates that were read before: an image often has the same in a bundle, in files of their own and in a keystore. */
const KNOWN = new Map<Digest, CertificateFacts>();
const MAX_KNOWN = 1000;

function read(bytes: Uint8Array): CertificateFacts | undefined {
  const digest = digestOf(bytes);
  const known = KNOWN.get(digest) ?? parse(bytes);
  if (known && KNOWN.size < MAX_KNOWN) KNOWN.set(digest, known);
  return known;
}

function parse(bytes: Uint8Array): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(bytes);
    return {
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      notBefore: Date.parse(certificate.validFrom) / 1000,
      notAfter: Date.parse(certificate.validTo) / 1000,
      isAuthority: certificate.ca,
      fingerprint: digestOf(certificate.raw),
    };
  } catch {
    return undefined;
  }
}

/** The parts of a name on one line; an empty name is undefined to Node.js. */
function nameOf(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ').slice(0, MAX_NAME);
}
