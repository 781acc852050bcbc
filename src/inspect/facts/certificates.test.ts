import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { makeCertificates } from '../../testing/certificates.ts';
import { describeWith } from '../../testing/tools.ts';
import type { Fact } from '../facts.ts';
import { certificatesReader } from './certificates.ts';
import { readFacts } from './fixtures.ts';

function subjects(facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) =>
    fact.kind === 'certificates' ? fact.certificates.map(({ subject }) => subject) : [],
  );
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)]);
}

/** A Java keystore (format JKS) with a private key and its chain, and a certificate. */
function makeKeystore(own: Uint8Array, authority: Uint8Array): Buffer {
  const certificate = (der: Uint8Array): Buffer => Buffer.concat([text('X.509'), word(der.length), der]);
  return Buffer.concat([
    Buffer.from('feedfeed', 'hex'),
    word(2),
    word(2),
    ...[word(1), text('key'), Buffer.alloc(8), word(5), Buffer.alloc(5), word(1), certificate(own)],
    ...[word(2), text('ca'), Buffer.alloc(8), certificate(authority)],
    Buffer.alloc(20),
  ]);
}

describeWith('certificates', { tools: ['openssl'] }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pith-certificates-'));
  let authority = '';
  let own = '';
  let key = '';
  const der = (pem: string): Uint8Array => new X509Certificate(pem).raw;

  beforeAll(async () => {
    const made = await makeCertificates(folder);
    authority = made.authority;
    own = made.server.cert;
    key = made.server.key;
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('of a bundle are told with names, dates and fingerprints, in its order', async () => {
    const bundle = `# comment\n${authority}Subject: x\n${own.replaceAll('\n', '\r\n')}${key}`;
    const facts = await readFacts(certificatesReader, 'etc/ssl/certs/ca-certificates.crt', bundle, {
      pieces: 99,
    });
    expect(subjects(facts)).toEqual(['CN=Test Authority', 'CN=localhost']);
    const [fact] = facts;
    const [first] = fact?.kind === 'certificates' ? fact.certificates : [];
    const parsed = new X509Certificate(authority);
    expect(first).toEqual({
      subject: 'CN=Test Authority',
      issuer: 'CN=Test Authority',
      notBefore: Date.parse(parsed.validFrom) / 1000,
      notAfter: Date.parse(parsed.validTo) / 1000,
      isAuthority: true,
      fingerprint: digestOf(parsed.raw),
    });
  });

  it('may be in DER form, if the name says so', async () => {
    expect(subjects(await readFacts(certificatesReader, 'x/own.der', der(own)))).toEqual(['CN=localhost']);
    expect(await readFacts(certificatesReader, 'x/own', der(own))).toEqual([]);
  });

  it('that are damaged are left out, the others not', async () => {
    const damaged = own.replace(/\n.{10}/, '\nAAAAAAAAAA');
    expect(subjects(await readFacts(certificatesReader, 'x.pem', damaged + authority))).toEqual([
      'CN=Test Authority',
    ]);
    expect(subjects(await readFacts(certificatesReader, 'x.pem', authority + own.slice(0, -40)))).toEqual([
      'CN=Test Authority',
    ]);
  });

  it("of Java's keystores are read without the password, and keys in them told", async () => {
    const facts = await readFacts(
      certificatesReader,
      'opt/app/store',
      makeKeystore(der(own), der(authority)),
    );
    expect(subjects(facts)).toEqual(['CN=localhost', 'CN=Test Authority']);
    expect(facts).toContainEqual({
      kind: 'secrets',
      secrets: [{ type: 'keystore-key', line: 1, hint: 'a keystore with 1 key, encrypted with a password' }],
    });
  });

  it('of a keystore that is cut are none, and nothing is thrown', async () => {
    const whole = makeKeystore(der(own), der(authority));
    for (let size = 0; size < whole.length - 20; size += 37)
      expect(subjects(await readFacts(certificatesReader, 'x.jks', whole.subarray(0, size)))).toEqual([]);
  });

  it('of PKCS #12 are read where they are not encrypted', async () => {
    const pack = (...more: string[]): Uint8Array => {
      const args = [
        'pkcs12',
        '-export',
        '-in',
        'server.crt',
        '-inkey',
        'server.key',
        '-passout',
        'pass:x',
        '-out',
        'x.p12',
      ];
      execFileSync('openssl', [...args, ...more], { cwd: folder, stdio: 'ignore' });
      return readFileSync(join(folder, 'x.p12'));
    };
    const open = await readFacts(certificatesReader, 'x.p12', pack('-certpbe', 'NONE'));
    expect(subjects(open)).toEqual(['CN=localhost']);
    expect(open.map(({ kind }) => kind)).toContain('secrets');
    expect(subjects(await readFacts(certificatesReader, 'x.p12', pack()))).toEqual([]);
  });
});

describe('what is no certificate', () => {
  it.each([
    ['etc/x.pem', 'nothing'.repeat(20)],
    ['etc/x.pem', '-----BEGIN CERTIFICATE-----'.repeat(5000)],
    ['etc/x.der', Buffer.from(`30820300${'00'.repeat(200)}`, 'hex')],
    ['etc/x.jks', Buffer.from(`feedfeed00000002ffffffff${'ff'.repeat(200)}`, 'hex')],
    [
      'etc/x.p12',
      Buffer.from(`3082ffff020103060a2a864886f70d01091601a084ffffffff${'00'.repeat(100)}`, 'hex'),
    ],
  ])('gives none: %s', async (path, content) => {
    expect(await readFacts(certificatesReader, path, content)).toEqual([]);
  });
});
