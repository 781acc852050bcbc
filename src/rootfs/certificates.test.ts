import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PithError } from '../core/index.ts';
import { AUTHORITY } from '../testing/authority.ts';
import { failureOf } from '../testing/thrown.ts';
import { describeWith } from '../testing/tools.ts';
import { readCertificates } from './certificates.ts';

const PEM = Buffer.from(AUTHORITY);
const DER = Buffer.from(AUTHORITY.replace(/-----.*-----|\s/g, ''), 'base64');

function read(bytes: Uint8Array): ReturnType<typeof readCertificates> {
  return readCertificates(bytes, './team.crt', 'DEFINITION_INVALID');
}

function failure(bytes: Uint8Array): PithError {
  return failureOf(() => read(bytes));
}

describe('certificates', () => {
  it.each<[string, Uint8Array]>([
    ['PEM', PEM],
    ['DER', DER],
    ['PEM with explanations around it', Buffer.from(`# our own\n${AUTHORITY}\nthe end`)],
    ['PEM with Windows line ends', Buffer.from(AUTHORITY.replaceAll('\n', '\r\n'))],
    ['PEM with a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), PEM])],
    ['PEM on long lines', Buffer.from(AUTHORITY.replace(/(?<=[^-])\n(?=[^-])/g, ''))],
    ['PEM with the old name', Buffer.from(AUTHORITY.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE'))],
  ])('are read from %s, and always the same', (_form, bytes) => {
    expect(read(bytes)).toEqual([
      {
        der: DER,
        pem: AUTHORITY,
        subject: 'O=pith tests, CN=Test Authority',
        validFrom: Date.UTC(2024, 0, 1),
        validTo: Date.UTC(2054, 0, 1),
      },
    ]);
  });

  it('are read from a bundle, in its order', () => {
    expect(read(Buffer.concat([PEM, Buffer.from('between\n'), PEM])).map(({ pem }) => pem)).toEqual([
      AUTHORITY,
      AUTHORITY,
    ]);
  });

  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const { privateKey: privateDer } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const block = (label: string): Buffer =>
    Buffer.from(`-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`);
  const encrypted =
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n';

  it.each<[string, Uint8Array, RegExp, RegExp]>([
    ['nothing', Buffer.alloc(0), /^\.\/team\.crt is empty/, /PEM or in DER/],
    ['text', Buffer.from('hello\n'), /is not a certificate$/, /PEM or in DER/],
    [
      'a private key',
      Buffer.from(privateKey),
      /is a private key, not a certificate/,
      /never get into an image/,
    ],
    ['an encrypted key', Buffer.from(encrypted), /is a private key/, /never get into an image/],
    ['a key in DER form', privateDer, /is a private key, not a certificate/, /never get into an image/],
    ['a certificate and its key', Buffer.from(AUTHORITY + privateKey), /holds a private key/, /never get/],
    ['a public key', Buffer.from(publicKey), /is a public key, not a certificate/, /certificate of that key/],
    ['a request', block('CERTIFICATE REQUEST'), /is a certificate signing request/, /issued for it/],
    ['an old request', block('NEW CERTIFICATE REQUEST'), /is a certificate signing request/, /issued for it/],
    ['a revocation list', block('X509 CRL'), /is a list of revoked certificates/, /authority/],
    ['a PKCS #7 bundle', block('PKCS7'), /is a PKCS #7 bundle/, /openssl pkcs7/],
    ['a trusted certificate', block('TRUSTED CERTIFICATE'), /OpenSSL's own form/, /openssl x509/],
    ['something else', block('PGP MESSAGE'), /is a block "PGP MESSAGE", not a certificate/, /PEM or in DER/],
    ['a Java keystore', Buffer.from('feedfeed00000002', 'hex'), /is a Java keystore/, /keytool/],
    ['PKCS #12', Buffer.from('3082100002010330', 'hex'), /is a PKCS #12 file/, /openssl pkcs12/],
    ['PKCS #7 in DER', Buffer.from('301006092a864886f70d010702', 'hex'), /is a PKCS #7 bundle/, /pkcs7/],
    ['a sequence', Buffer.from('30030101ff', 'hex'), /is not a certificate/, /PEM or in DER/],
    ['a certificate cut short', DER.subarray(0, -1), /is not a certificate/, /PEM or in DER/],
    ['a certificate and more', Buffer.concat([DER, DER]), /has \d+ bytes behind its end/, /PEM or in DER/],
    ['a block without its end', PEM.subarray(0, -5), /is damaged: a PEM block has no end/, /PEM or in DER/],
    ['a damaged second', Buffer.concat([PEM, block('CERTIFICATE')]), /damaged: its certificate 2/, /PEM or/],
  ])('are not made of %s', (_what, bytes, message, hint) => {
    const error = failure(bytes);
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID' });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('are looked for in one pass: many beginnings without an end cost nothing', () => {
    expect(failure(Buffer.from('-----BEGIN A-----'.repeat(500_000))).message).toMatch(/no end/);
  });
});

describeWith('what openssl makes', { tools: ['openssl'] }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pith-certificates-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };

  it('is told apart', () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=A',
      '-keyout',
      'key',
      '-out',
      'crt',
    );
    openssl('req', '-new', '-key', 'key', '-subj', '/CN=A', '-outform', 'DER', '-out', 'request');
    openssl('pkcs12', '-export', '-in', 'crt', '-inkey', 'key', '-passout', 'pass:x', '-out', 'p12');
    openssl('crl2pkcs7', '-nocrl', '-certfile', 'crt', '-outform', 'DER', '-out', 'p7');
    openssl('rsa', '-in', 'key', '-traditional', '-outform', 'DER', '-out', 'key1');
    openssl('x509', '-in', 'crt', '-trustout', '-addtrust', 'serverAuth', '-out', 'trusted');
    const said = (name: string): string => failure(readFileSync(join(folder, name))).message;
    expect(['key', 'key1', 'request', 'p12', 'p7', 'trusted'].map(said)).toEqual([
      './team.crt is a private key, not a certificate',
      './team.crt is a private key, not a certificate',
      './team.crt is not a certificate',
      './team.crt is a PKCS #12 file, not a certificate',
      './team.crt is a PKCS #7 bundle, not a certificate',
      "./team.crt is a certificate in OpenSSL's own form, not a certificate",
    ]);
    expect(read(readFileSync(join(folder, 'crt')))).toMatchObject([{ subject: 'CN=A' }]);
  });
});
