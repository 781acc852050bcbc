import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUTHORITY } from '../../testing/authority.ts';
import { run, succeed } from '../../testing/commands.ts';
import { readKeystore } from '../../testing/java-keystore.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';
import { type TrustedFiles, deriveCaBundle } from './ca-bundle.ts';
import { deriveJavaKeystore, encodeJavaKeystore } from './java-keystore.ts';

const PACKAGED = 'usr/share/ca-certificates';
const LOCAL = 'usr/local/share/ca-certificates';
const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';
const KEYSTORE = 'etc/ssl/certs/java/cacerts';
const JAR = 'usr/share/ca-certificates-java/ca-certificates-java.jar';
/** Names whose links in /etc/ssl/certs and aliases are others. */
const OWN = ['Own Root (A), 2.crt', 'Größe.crt', 'sub/UPPER.crt'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pith-keystore-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Aliases and fingerprints, as keytool(1) lists them. */
async function list(path: string): Promise<string[]> {
  const flags = ['-J-Duser.language=en', '-list', '-keystore', path, '-storepass', 'changeit'];
  const text = await succeed('keytool', flags, { env: { LC_ALL: 'C.UTF-8' } });
  expect(text).toMatch(/^Keystore type: JKS$/m);
  const entries = text.matchAll(/^(.+), [^,]+, [^,]+, trustedCertEntry, ?\nCertificate .*: ([0-9A-F:]+)$/gm);
  const found = [...entries].map(([, alias = '', fingerprint = '']) => `${alias} ${fingerprint}`);
  expect(text).toContain(`contains ${found.length} entr`);
  return found.sort();
}

function certificatesOf(root: string): TrustedFiles {
  const read = (top: string): Map<string, Uint8Array> =>
    new Map(
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.crt'))
        .map((name) => [`${top}/${name}`, readFileSync(join(root, top, name))]),
    );
  return { packaged: read(PACKAGED), own: read(LOCAL) };
}

describeWith(
  'the keystore and the bundle that the scripts of Debian 13 make of the same certificates',
  { tools: ['mmdebstrap', 'keytool'], unless: unlessRoot() },
  () => {
    let root: string;
    let trusted: TrustedFiles;
    beforeAll(async () => {
      root = join(folder, 'root');
      const own = join(folder, 'own');
      mkdirSync(join(own, 'sub'), { recursive: true });
      for (const name of OWN) writeFileSync(join(own, name), AUTHORITY);
      await succeed('mmdebstrap', [
        '--variant=essential',
        '--include=ca-certificates-java,openjdk-21-jre-headless',
        `--essential-hook=mkdir -p "$1/${LOCAL}" && cp -r ${own}/. "$1/${LOCAL}"`,
        'trixie',
        root,
      ]);
      trusted = certificatesOf(root);
    });

    it('have the same entries', async () => {
      const tree = [[JAR, { file: { type: 'file', linkName: '', mtime: 0 } }]] as const;
      const [, made] = deriveJavaKeystore(tree, trusted, 0);
      writeFileSync(join(folder, 'ours'), made?.content ?? '');
      const ours = await list(join(folder, 'ours'));
      expect(ours).toEqual(await list(join(root, KEYSTORE)));
      expect(ours.length).toBe(trusted.packaged.size + OWN.length);
      expect(ours.join('\n')).toMatch(/^debian:own_root_=a=__2\.pem /m);
    });

    it('have the same fields, as a reader of the format sees them', () => {
      const real = readKeystore(readFileSync(join(root, KEYSTORE)), 'changeit');
      const again = encodeJavaKeystore(real, 0, 'changeit');
      const plain = ({ alias, type, der }: (typeof real)[number]): object => ({ alias, type, der });
      const byAlias = (a: { alias: string }, b: { alias: string }): number => (a.alias < b.alias ? -1 : 1);
      expect(readKeystore(again, 'changeit').map(plain)).toEqual(real.sort(byAlias).map(plain));
    });

    it('have the same certificates in the same order in the bundle', () => {
      const bundle = deriveCaBundle(trusted, 0).find(({ path }) => path === BUNDLE);
      expect(Buffer.from(bundle?.content ?? []).toString('latin1')).toBe(
        readFileSync(join(root, BUNDLE), 'latin1'),
      );
    });
  },
);

describeWith('keytool', { tools: ['keytool'] }, () => {
  const der = Buffer.from(AUTHORITY.replace(/-----.*-----|\s/g, ''), 'base64');

  it('reads every name that a file may have, and opens the keystore with the usual password alone', async () => {
    const names = ['plain', 'with space', 'ünï', '日本', '𝔘nicode', 'x'.repeat(4000)];
    const path = join(folder, 'names');
    writeFileSync(
      path,
      encodeJavaKeystore(
        names.map((alias) => ({ alias, der })),
        0,
        'changeit',
      ),
    );
    expect((await list(path)).map((line) => line.replace(/ [0-9A-F:]+$/, '')).sort()).toEqual(names.sort());
    const { code, stdout } = await run('keytool', ['-list', '-keystore', path, '-storepass', 'changed']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/password/);
  });

  it('refuses one that was changed', async () => {
    const bytes = Buffer.from(encodeJavaKeystore([{ alias: 'a', der }], 0, 'changeit'));
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(join(folder, 'changed'), bytes);
    await expect(list(join(folder, 'changed'))).rejects.toThrow();
  });
});
