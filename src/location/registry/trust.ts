import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PithError, systemCode } from '../../core/index.ts';
import type { TlsSettings } from '../../http/index.ts';

/** Where the certificate authorities of a machine are, by distribution. */
const MACHINE_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folders with certificates for one registry, as containers-certs.d(5) and Docker have them; the first that is there
 * counts.
 * @param names of the registry: that of references, and that of the host that is asked
 */
export function certificateFolders(names: readonly string[], { HOME = '' }: Environment): string[] {
  const own = HOME === '' ? [] : [join(HOME, '.config/containers/certs.d')];
  return [...own, '/etc/containers/certs.d', '/etc/docker/certs.d'].flatMap((folder) =>
    [...new Set(names)].map((name) => join(folder, name)),
  );
}

/**
 * Reads what is trusted of a registry and shown to it: `*.crt` are authorities, `NAME.cert` with `NAME.key` is a
 * certificate of ours (containers-certs.d(5)). Undefined if there is nothing.
 * @param folders the first that exists is read
 * @throws USAGE for a certificate that is none, or is without its key
 */
export async function readTrust(
  folders: readonly string[],
  environment: Environment,
): Promise<TlsSettings | undefined> {
  for (const folder of folders) {
    const names = await orNothing(readdir(folder));
    if (!names) continue;
    const ending = (suffix: string): string[] => names.filter((name) => name.endsWith(suffix)).sort();
    const authorities = await Promise.all(ending('.crt').map((name) => readCertificate(join(folder, name))));
    const pairs = await readPairs(folder, ending('.cert'));
    if (authorities.length === 0 && pairs.length === 0) return undefined;
    return {
      ...(authorities.length > 0 ? { ca: [...(await knownAuthorities(environment)), ...authorities] } : {}),
      ...(pairs.length > 0 ? { cert: pairs.map(({ cert }) => cert), key: pairs.map(({ key }) => key) } : {}),
    };
  }
  return undefined;
}

/** As readTrust, of a folder that somebody named. @throws USAGE if it is not there */
export async function readNamedTrust(
  folder: string,
  environment: Environment,
): Promise<TlsSettings | undefined> {
  if (await orNothing(readdir(folder))) return await readTrust([folder], environment);
  throw new PithError('USAGE', `${folder} is no folder that can be read`, {
    path: folder,
    hint: 'Name a folder with certificates: *.crt, NAME.cert with NAME.key.',
  });
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Certificates with their keys: the first of each kind of key, as a connection has no more; the server takes what it knows. */
async function readPairs(folder: string, names: readonly string[]): Promise<Pair[]> {
  const pairs = new Map<string, Pair>();
  for (const name of names) {
    const [path, keyName] = [join(folder, name), name.replace(/cert$/, 'key')];
    const cert = await readCertificate(path);
    const key = await orNothing(readFile(join(folder, keyName), 'utf8'));
    if (key === undefined)
      throw new PithError('USAGE', `${path} has no key beside it`, {
        path,
        hint: `Put the key into ${keyName}.`,
      });
    const { publicKey } = new X509Certificate(cert);
    if (!isKeyOf(cert, key))
      throw new PithError('USAGE', `${join(folder, keyName)} is not the key of ${name}`, {
        path,
        hint: 'It has to be the private key of the certificate, in PEM form and without a password.',
      });
    const kind = publicKey.asymmetricKeyType ?? '';
    if (!pairs.has(kind)) pairs.set(kind, { cert, key });
  }
  return [...pairs.values()];
}

/** A certificate, with those that come behind it. @throws USAGE if it is none */
async function readCertificate(path: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  if (isCertificate(text)) return text;
  throw new PithError('USAGE', `${path} is not a certificate in PEM form`, {
    path,
    hint: 'It begins with -----BEGIN CERTIFICATE-----; `openssl x509 -inform der` turns another form into it.',
  });
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

function isKeyOf(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** With the authorities that this machine trusts, for where those of Node.js are not enough; undefined if it has none. */
export async function withMachineTrust(
  tls: TlsSettings | undefined,
  environment: Environment,
): Promise<TlsSettings | undefined> {
  const told = environment['SSL_CERT_FILE'];
  for (const path of told === undefined || told === '' ? MACHINE_BUNDLES : [told]) {
    const bundle = await orNothing(readFile(path, 'utf8'));
    if (bundle !== undefined)
      return { ...tls, ca: [...(tls?.ca ?? (await knownAuthorities(environment))), bundle] };
  }
  return undefined;
}

/** The authorities that Node.js trusts by itself: naming others takes their place. */
async function knownAuthorities(environment: Environment): Promise<string[]> {
  const { rootCertificates } = await import('node:tls');
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  const more = extra === undefined || extra === '' ? undefined : await orNothing(readFile(extra, 'utf8'));
  return [...rootCertificates, ...(more === undefined ? [] : [more])];
}

/** Undefined for files and folders that are absent or not for us to read. */
async function orNothing<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
