import { X509Certificate } from 'node:crypto';
import { type ErrorCode, PithError } from '../core/index.ts';

/** An X.509 certificate (RFC 5280). */
export interface Certificate {
  readonly der: Uint8Array;
  /** One PEM block (RFC 7468) that ends with a line end. */
  readonly pem: string;
  /** The subject's parts on one line. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';
/** RFC 7468, section 5.1, and the name that old tools write. */
const LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE'];

const KEY_HINT = 'Give the certificate alone: a private key must never get into an image.';

/** What people have at hand in place of a certificate, by the end of its PEM label, and how to get one out of it. */
const OTHER_LABELS: readonly (readonly [RegExp, string, string])[] = [
  [/PRIVATE KEY$/, 'a private key', KEY_HINT],
  [/PUBLIC KEY$/, 'a public key', 'Give the certificate of that key.'],
  [/CERTIFICATE REQUEST$/, 'a certificate signing request', 'Give the certificate that was issued for it.'],
  [/CRL$/, 'a list of revoked certificates', 'Give the certificate of the authority.'],
  [/^(PKCS7|CMS)$/, 'a PKCS #7 bundle', 'Convert it: `openssl pkcs7 -print_certs -in FILE -out FILE.crt`.'],
  [
    /^TRUSTED CERTIFICATE$/,
    "a certificate in OpenSSL's own form",
    'Convert it: `openssl x509 -in FILE -out FILE.crt`.',
  ],
];

/** The same of files that are not PEM, by what their bytes start with, behind the header of the outer sequence where there is one. */
const OTHER_BYTES: readonly (readonly [string, string, string])[] = [
  ['feedfeed', 'a Java keystore', 'Export the certificate: `keytool -exportcert -rfc`.'],
  ['020103', 'a PKCS #12 file', 'Export the certificate: `openssl pkcs12 -nokeys -in FILE -out FILE.crt`.'],
  ['020100', 'a private key', KEY_HINT],
  ['02010104', 'a private key', KEY_HINT],
  ['06092a864886f70d0107', 'a PKCS #7 bundle', 'Convert it: `openssl pkcs7 -inform der -print_certs`.'],
];
const HINT = 'Give an X.509 certificate, in PEM or in DER form.';

/**
 * The certificates of a file: one in DER form, or any number in PEM form.
 * @param what names the file in errors
 * @param code of the errors, which say what the file is if it is not that
 */
export function readCertificates(bytes: Uint8Array, what: string, code: ErrorCode): Certificate[] {
  const fail = (why: string, hint = HINT, cause?: unknown): never => {
    throw new PithError(code, `${what} ${why}`, { hint, cause });
  };
  if (bytes.length === 0) fail('is empty, not a certificate');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const blocks = pemBlocks(text);
  if (!blocks) return fail('is damaged: a PEM block has no end');
  if (blocks.length === 0) {
    const [, kind, hint] = otherBytes(bytes) ?? [];
    if (kind !== undefined) fail(`is ${kind}, not a certificate`, hint);
    if (bytes[0] !== SEQUENCE) fail('is not a certificate');
    return [parse(bytes, 'is not a certificate', fail)];
  }
  return blocks.map(({ label, body }, index) => {
    const [, kind = `a block ${JSON.stringify(label)}`, hint] =
      OTHER_LABELS.find(([form]) => form.test(label)) ?? [];
    if (!LABELS.includes(label))
      fail(blocks.length === 1 ? `is ${kind}, not a certificate` : `holds ${kind}`, hint);
    const der = Buffer.from(body.replace(/\s/g, ''), 'base64');
    return parse(der, `is damaged: its certificate ${index + 1} cannot be read`, fail);
  });
}

/**
 * The blocks of a text (RFC 7468, section 2); what stands around them is explanation and is not looked at.
 * @returns nothing if one does not end
 */
function pemBlocks(text: string): { label: string; body: string }[] | undefined {
  const blocks = [];
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
    const start = text.indexOf(DASHES, at + BEGIN.length);
    const label = text.slice(at + BEGIN.length, start);
    const end = start < 0 ? -1 : text.indexOf(`-----END ${label}-----`, start);
    if (end < 0) return undefined;
    blocks.push({ label, body: text.slice(start + DASHES.length, end) });
    at = end + DASHES.length;
  }
  return blocks;
}

/** First byte of a SEQUENCE (ITU-T X.690, 8.1.2). */
const SEQUENCE = 0x30;

function parse(
  der: Uint8Array,
  why: string,
  fail: (why: string, hint?: string, cause?: unknown) => never,
): Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch (error) {
    return fail(why, HINT, error);
  }
  const { raw, subject, validFrom, validTo } = certificate;
  if (raw.length !== der.length) fail(`${why}: it has ${der.length - raw.length} bytes behind its end`);
  return {
    der: raw,
    pem: pemOf(raw),
    subject: (subject as string | undefined)?.split('\n').join(', ') ?? '',
    validFrom: Date.parse(validFrom),
    validTo: Date.parse(validTo),
  };
}

/** RFC 7468, section 2: lines of 64 characters. */
function pemOf(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function otherBytes(bytes: Uint8Array): (typeof OTHER_BYTES)[number] | undefined {
  const length = bytes[1] ?? 0;
  const header = bytes[0] === SEQUENCE ? (length > 0x80 ? 2 + (length & 0x7f) : 2) : 0;
  const start = Buffer.from(bytes.subarray(header, header + 12)).toString('hex');
  return OTHER_BYTES.find(([form]) => start.startsWith(form));
}
