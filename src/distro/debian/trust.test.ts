import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clearSign, createSigner, type Signer } from '../../testing/signing.ts';
import { keyringOf, loadKeyring, parseKeys, type Keyring } from './keyring.ts';
import { verifyInRelease } from './trust.ts';

const URL = 'http://archive.example/dists/trixie/InRelease';
const TEXT = 'Suite: stable\nSHA256:\n abc\n- dash\n-----BEGIN trick\nlast';
const NOW = new Date();
const YEAR = 365 * 86_400;
const yearsAgo = (years: number): Date => new Date(NOW.getTime() - years * YEAR * 1000);

let owner: Signer;
let second: Signer;
let stranger: Signer;
let signed: string;

beforeAll(async () => {
  [owner, second, stranger] = await Promise.all([createSigner(), createSigner(), createSigner()]);
  signed = await clearSign(TEXT, [owner], NOW);
});

function ringOf(...signers: Signer[]): Keyring {
  return keyringOf(
    signers.map((signer, at) => ({ path: `${at}.asc`, bytes: Buffer.from(signer.publicKey) })),
  );
}

async function verify(
  file: string | Uint8Array,
  keyring: Keyring = ringOf(owner),
  now = NOW,
): Promise<string> {
  return (await verifyInRelease(Buffer.from(file), keyring, now, URL)).text;
}

describe('verifyInRelease', () => {
  it('gives the signed text and who signed it', async () => {
    const verified = await verifyInRelease(Buffer.from(signed), ringOf(owner), NOW, URL);
    expect(verified.text).toBe(TEXT);
    expect(verified.signers).toMatchObject([
      { fingerprint: owner.fingerprint, userId: 'Test Archive <archive@example.org>' },
    ]);
  });

  it('accepts one known key among several signatures', async () => {
    const both = await clearSign(TEXT, [stranger, second], NOW);
    expect(await verify(both, ringOf(owner, second))).toBe(TEXT);
  });

  it('accepts lines that end in CR LF, as a signature does not cover line ends', async () => {
    expect(await verify(signed.replace(/\r?\n/g, '\r\n'))).toBe(TEXT);
  });

  it('leaves out white space at the ends of lines, which no signature covers', async () => {
    expect(await verify(signed.replace('Suite: stable', 'Suite: stable \t'))).toBe(TEXT);
  });

  it('names the keys that it does not know', async () => {
    await expect(verify(signed, ringOf(second))).rejects.toMatchObject({
      code: 'SIGNATURE_UNKNOWN_KEY',
      message: expect.stringContaining(owner.fingerprint) as string,
      url: URL,
    });
  });

  it.each([
    ['another text', (file: string) => file.replace('stable', 'sid')],
    ['a line more', (file: string) => file.replace('Suite', 'Extra: x\nSuite')],
    ['a line less', (file: string) => file.replace(' abc\n', '')],
    ['a line break more at the end', (file: string) => file.replace('last\n', 'last\n\n')],
    ['leading white space more', (file: string) => file.replace(' abc', '  abc')],
    ['a letter that looks alike', (file: string) => file.replace('Suite', '\u0405uite')],
  ])('refuses %s', async (_what, change) => {
    const normal = signed.replaceAll('\r\n', '\n');
    expect(change(normal)).not.toBe(normal);
    await expect(verify(change(normal))).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  it.each([
    ['an empty file', () => '', /not signed/],
    ['a page', () => '<html></html>', /not signed/],
    ['a text without signature', () => TEXT, /not signed/],
    ['text before the message', () => `Suite: evil\n\n${signed}`, /text before/],
    ['an empty line before the message', () => `\n${signed}`, /text before/],
    ['text after the signature', () => `${signed}\nSuite: evil\n`, /text after/],
    ['two messages', () => signed + signed, /text after|not escaped/],
    ['a message inside', () => signed.replace('Suite', `${signed}Suite`), /not escaped|text after/],
    ['a header of another name', () => signed.replace('Hash:', 'Comment:'), /not Hash/],
    ['text among the headers', () => signed.replace(/(Hash: .*\r?\n)/, '$1Suite: evil\n'), /not Hash/],
    ['a line whose dash is not escaped', () => signed.replace('- - dash', '-dash'), /not escaped/],
    ['a file cut off in the text', () => signed.slice(0, 60), /cut off|no text/],
    ['a file cut off in the signature', () => signed.slice(0, -60), /cut off/],
    ['bytes that are not UTF-8', () => Buffer.concat([Buffer.from(signed), Buffer.from([0xff])]), /UTF-8/],
    [
      'a second signature block',
      () => signed + signed.slice(signed.indexOf('-----BEGIN PGP SIGNATURE')),
      /text after/,
    ],
    [
      'a signature that is noise',
      () => signed.replace(/(BEGIN PGP SIGNATURE-----\r?\n\r?\n)[^-]*/, '$1AAAA\n'),
      /signature/,
    ],
  ])('refuses %s', async (_what, file, message) => {
    await expect(verify(file())).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', url: URL });
    await expect(verify(file())).rejects.toThrow(message);
  });

  it('refuses a signature of a certificate in place of one of a text', async () => {
    const [key] = await parseKeys(ringOf(owner));
    const certification = key?.users[0]?.selfCertifications[0];
    const { armor, enums, PacketList } = await import('openpgp');
    const list = new PacketList();
    if (certification) list.push(certification);
    const block = armor(enums.armor.signature, list.write());
    const forged = signed.slice(0, signed.indexOf('-----BEGIN PGP SIGNATURE')) + block;
    await expect(verify(forged)).rejects.toThrow(/no signature of a text/);
  });

  it('refuses a key that has expired, even where it was valid when it signed', async () => {
    const old = await createSigner({ createdAt: yearsAgo(5), validFor: 2 * YEAR });
    const file = await clearSign(TEXT, [old], yearsAgo(4));
    expect(await verify(file, ringOf(old), yearsAgo(3.5))).toBe(TEXT);
    await expect(verify(file, ringOf(old))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringContaining('expired') as string,
    });
  });

  it('refuses a signature from the future and allows for a clock that is a little slow', async () => {
    const file = await clearSign(TEXT, [owner], NOW);
    expect(await verify(file, ringOf(owner), new Date(NOW.getTime() - 60_000))).toBe(TEXT);
    await expect(verify(file, ringOf(owner), yearsAgo(1))).rejects.toThrow(/future/);
  });

  it('says when a signature ceases to count', async () => {
    const short = await createSigner({ createdAt: yearsAgo(1), validFor: 2 * YEAR });
    const file = await clearSign(TEXT, [short], NOW);
    const { signers } = await verifyInRelease(Buffer.from(file), ringOf(short), NOW, URL);
    expect(Math.abs((signers[0]?.expiresAt?.getTime() ?? 0) - (NOW.getTime() + YEAR * 1000))).toBeLessThan(
      2000,
    );
  });
});

describe('loadKeyring', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pith-keyring-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  }

  it('reads armored and binary files, several keys each', async () => {
    const armored = await write('a.asc', `${owner.publicKey}\n${second.publicKey}`);
    const binary = await write('b.gpg', Buffer.concat([stranger.binaryPublicKey, owner.binaryPublicKey]));
    const keys = await parseKeys(loadKeyring([armored, binary]));
    expect(keys.map((key) => key.getFingerprint().toUpperCase())).toEqual(
      [owner, second, stranger, owner].map((signer) => signer.fingerprint),
    );
  });

  it('has a digest that depends on the keys, not on their order or place', async () => {
    const [a, b, c] = await Promise.all([
      write('1.asc', owner.publicKey),
      write('2.asc', second.publicKey),
      write('3.asc', owner.publicKey),
    ]);
    const digestOfFiles = (...paths: string[]): string => loadKeyring(paths).digest;
    expect(digestOfFiles(a, b)).toBe(digestOfFiles(b, c));
    expect(digestOfFiles(a, b)).not.toBe(digestOfFiles(a));
  });

  it.each([
    ['an empty file', () => ''],
    ['a text', () => 'hello'],
    ['a private key', () => owner.privateKey.armor()],
    ['a message', () => signed],
    ['an armored block of noise', () => owner.publicKey.replace(/\r?\n\r?\n[^=]*/, '\n\nAAAA\n')],
    ['a binary file cut off', () => owner.binaryPublicKey.subarray(0, 20)],
  ])('refuses %s', async (_what, content) => {
    const path = await write('bad', content());
    const read = async (): Promise<unknown> => parseKeys(loadKeyring([path]));
    await expect(read()).rejects.toMatchObject({
      code: 'KEYRING_INVALID',
      path,
    });
  });

  it('refuses a missing file and an empty list', () => {
    const invalid = expect.objectContaining({ code: 'KEYRING_INVALID' }) as Error;
    expect(() => loadKeyring([join(folder, 'none.asc')])).toThrow(invalid);
    expect(() => loadKeyring([])).toThrow(invalid);
  });
});
