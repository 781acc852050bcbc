import { createHash } from 'node:crypto';
import { byText } from '../../core/index.ts';
import { readCertificates } from '../certificates.ts';
import { folder, type ImageFile, regularFile } from '../files.ts';
import type { TreeFile } from '../tree-lookup.ts';
import { type TrustedFiles, trustedFiles } from './ca-bundle.ts';

/** Where Debian keeps the list of authorities of all JREs. */
export const KEYSTORE = 'etc/ssl/certs/java/cacerts';
/** The program of ca-certificates-java that makes the keystore. */
const MAKER = 'usr/share/ca-certificates-java/ca-certificates-java.jar';
/** What every JRE opens its own list of authorities with (keytool(1), "cacerts"); it protects nothing. */
const PASSWORD = 'changeit';

/** The Java keystore format JKS as OpenJDK documents it in sun.security.provider.JavaKeyStore (engineStore). */
const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const CERTIFICATE_TYPE = 'X.509';
/** Stands between the password and the entries in what the digest at the end is made of. */
const WHITENER = 'Mighty Aphrodite';

/** Files by path, such as `FileTree.entries()`. */
type Entries = Iterable<readonly [string, { readonly file: TreeFile }]>;

/** An authority in a keystore. */
export interface TrustedCertificate {
  /** Lower case: keytool(1) compares aliases without case. */
  readonly alias: string;
  readonly der: Uint8Array;
}

/**
 * A keystore of certificates, ordered by their aliases, which are unique.
 * @param time of every entry, seconds since 1970
 */
export function encodeJavaKeystore(
  certificates: readonly TrustedCertificate[],
  time: number,
  password: string,
): Uint8Array {
  const date = Buffer.alloc(8);
  date.writeBigUInt64BE(BigInt(time) * 1000n);
  const entries = [...certificates]
    .sort((a, b) => byText(a.alias, b.alias))
    .flatMap(({ alias, der }) => [
      uint32(TRUSTED_CERTIFICATE),
      javaText(alias),
      date,
      javaText(CERTIFICATE_TYPE),
      uint32(der.length),
      der,
    ]);
  const body = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(certificates.length), ...entries]);
  const digest = createHash('sha1')
    .update(Buffer.from(password, 'utf16le').swap16())
    .update(WHITENER)
    .update(body)
    .digest();
  return Buffer.concat([body, digest]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Length and modified UTF-8 (java.io.DataOutput.writeUTF): NUL has two bytes, and each half of a surrogate pair three. */
function javaText(text: string): Buffer {
  const bytes = [...Array(text.length).keys()].flatMap((index) => {
    const unit = text.charCodeAt(index);
    if (unit > 0 && unit < 0x80) return [unit];
    if (unit < 0x800) return [0xc0 | (unit >> 6), 0x80 | (unit & 0x3f)];
    return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  });
  return Buffer.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]);
}

/**
 * The keystore that ca-certificates-java's postinst makes: the certificates of the CA bundle, for images with that
 * package or with a JRE whose own list is a link to it.
 * @param mtime newest time of what holds the certificates, seconds since 1970
 */
export function deriveJavaKeystore(entries: Entries, trusted: TrustedFiles, mtime: number): ImageFile[] {
  const files = trustedFiles(trusted);
  if (files.length === 0 || !isWanted(entries)) return [];
  const certificates = new Map<string, Uint8Array>();
  for (const [path, bytes] of files)
    for (const { der } of readCertificates(bytes, `/${path}`, 'ARCHIVE_INVALID'))
      certificates.set(unusedAlias(aliasOf(path), certificates), der);
  const list = [...certificates].map(([alias, der]) => ({ alias, der }));
  const origin = `${list.length} certificates of the CA bundle`;
  return [
    folder('etc/ssl/certs/java', origin, { mtime }),
    regularFile(KEYSTORE, encodeJavaKeystore(list, mtime, PASSWORD), origin, { mtime }),
  ];
}

function isWanted(entries: Entries): boolean {
  for (const [path, { file }] of entries)
    if (path === MAKER || (file.type === 'symlink' && file.linkName === `/${KEYSTORE}`)) return true;
  return false;
}

/**
 * `debian:` and the name of the link that update-ca-certificates(8) makes in /etc/ssl/certs, as UpdateCertificates of
 * ca-certificates-java calls the entry.
 */
function aliasOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.crt$/, '');
  return `debian:${name.replace(/[ ,]/g, '_').replace(/[()]/g, '=')}.pem`.toLowerCase();
}

/** The alias, with a number if it is taken: a file may hold several certificates, and two folders files of one name. */
function unusedAlias(alias: string, taken: ReadonlyMap<string, unknown>): string {
  let name = alias;
  for (let number = 2; taken.has(name); number++) name = `${alias}-${number}`;
  return name;
}
