import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUTHORITY } from '../../testing/authority.ts';
import { readKeystore } from '../../testing/java-keystore.ts';
import { entriesOf } from '../../testing/root-files.ts';
import { deriveJavaKeystore, encodeJavaKeystore } from './java-keystore.ts';

const PEM = Buffer.from(AUTHORITY);
const DER = Buffer.from(AUTHORITY.replace(/-----.*-----|\s/g, ''), 'base64');
const JRE = 'usr/lib/jvm/java-21-openjdk-amd64/lib/security/cacerts';
const LINK = { [JRE]: '-> /etc/ssl/certs/java/cacerts' };

function derive(
  packaged: Record<string, Uint8Array>,
  own: Record<string, Uint8Array> = {},
  tree: Parameters<typeof entriesOf>[0] = LINK,
): ReturnType<typeof deriveJavaKeystore> {
  const trusted = { packaged: new Map(Object.entries(packaged)), own: new Map(Object.entries(own)) };
  return deriveJavaKeystore(entriesOf(tree), trusted, 1_700_000_000);
}

function aliases(files: ReturnType<typeof derive>): string[] {
  return readKeystore(files.at(-1)?.content ?? new Uint8Array(0), 'changeit').map(({ alias }) => alias);
}

describe('the Java keystore', () => {
  it('is made where a JRE looks for it, of all certificates of the bundle', () => {
    const files = derive({ 'usr/share/ca-certificates/mozilla/Acme_Root.crt': PEM });
    expect(files).toMatchObject([
      { path: 'etc/ssl/certs/java', kind: 'directory', mode: 0o755 },
      { path: 'etc/ssl/certs/java/cacerts', kind: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 },
    ]);
    expect(readKeystore(files[1]?.content ?? new Uint8Array(0), 'changeit')).toEqual([
      { alias: 'debian:acme_root.pem', date: 1_700_000_000_000, type: 'X.509', der: DER },
    ]);
  });

  it('is made with the package that makes it, too', () => {
    const tree = { 'usr/share/ca-certificates-java/ca-certificates-java.jar': 'file' };
    expect(derive({ 'usr/share/ca-certificates/a.crt': PEM }, {}, tree)).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof entriesOf>[0]]>([
    ['there is no Java', { 'usr/bin/app': 'file' }],
    ['the JRE has a list of its own', { [JRE]: 'file' }],
    ['the JRE looks elsewhere', { [JRE]: '-> /etc/pki/java/cacerts' }],
  ])('is not made where %s', (_why, tree) => {
    expect(derive({ 'usr/share/ca-certificates/a.crt': PEM }, {}, tree)).toEqual([]);
  });

  it('is not made without certificates', () => {
    expect(derive({ 'etc/other': PEM })).toEqual([]);
  });

  it('has entries with the names of the links in /etc/ssl/certs, in lower case and in order', () => {
    const packaged = Object.fromEntries(
      ['Z.crt', 'Őr (A), B.crt', 'mozilla/a.crt'].map((name) => [`usr/share/ca-certificates/${name}`, PEM]),
    );
    expect(aliases(derive(packaged))).toEqual(['debian:a.pem', 'debian:z.pem', 'debian:őr_=a=__b.pem']);
  });

  it('has every certificate of a file, and two files of one name', () => {
    const own = { 'usr/local/share/ca-certificates/A.crt': PEM, 'opt/two.crt': Buffer.concat([PEM, PEM]) };
    expect(aliases(derive({ 'usr/share/ca-certificates/a.crt': PEM }, own))).toEqual([
      'debian:a.pem',
      'debian:a.pem-2',
      'debian:two.pem',
      'debian:two.pem-2',
    ]);
  });

  it('is not made of what is no certificate', () => {
    const damaged = Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(() => derive({ 'usr/share/ca-certificates/a.crt': damaged })).toThrow(
      '/usr/share/ca-certificates/a.crt is damaged: its certificate 1 cannot be read',
    );
  });
});

describe('the format JKS', () => {
  it('is the same bytes for the same certificates, in any order', () => {
    const list = [
      { alias: 'b', der: Buffer.of(2) },
      { alias: 'a', der: Buffer.of(1) },
    ];
    const bytes = encodeJavaKeystore(list, 1, 'changeit');
    expect(Buffer.from(bytes).toString('hex')).toBe(
      'feedfeed0000000200000002' +
        '00000002000161' +
        '00000000000003e8' +
        '0005582e353039' +
        '0000000101' +
        '00000002000162' +
        '00000000000003e8' +
        '0005582e353039' +
        '0000000102' +
        createHash('sha1')
          .update('\0c\0h\0a\0n\0g\0e\0i\0t')
          .update('Mighty Aphrodite')
          .update(bytes.subarray(0, -20))
          .digest('hex'),
    );
    expect(encodeJavaKeystore(list.toReversed(), 1, 'changeit')).toEqual(bytes);
  });

  it('gives back what went in', () => {
    const certificate = fc.record({
      alias: fc.string({ unit: 'binary', maxLength: 40 }),
      der: fc.uint8Array({ maxLength: 100 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(certificate, { selector: ({ alias }) => alias }),
        fc.nat(),
        fc.string({ unit: 'binary' }),
        (certificates, time, password) => {
          const found = readKeystore(encodeJavaKeystore(certificates, time, password), password);
          expect(new Map(found.map(({ alias, der }) => [alias, [...der]]))).toEqual(
            new Map(certificates.map(({ alias, der }) => [alias, [...der]])),
          );
          expect(found.every(({ date, type }) => date === time * 1000 && type === 'X.509')).toBe(true);
        },
      ),
    );
  });
});
