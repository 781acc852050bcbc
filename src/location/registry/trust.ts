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

/** The folders with certificates for one registry, as containers-certs.d(5) and Docker have them; the first that is there counts. */
export function certificateFolders(host: string, { HOME = '' }: Environment): string[] {
  const own = HOME === '' ? [] : [join(HOME, '.config/containers/certs.d')];
  return [...own, '/etc/containers/certs.d', '/etc/docker/certs.d'].map((folder) => join(folder, host));
}

/**
 * Reads what is trusted of a registry and shown to it: `*.crt` are authorities, `NAME.cert` with `NAME.key` is a
 * certificate of ours (containers-certs.d(5)). Undefined if there is nothing.
 * @param folders the first that exists is read
 * @throws OUTPUT_FAILED for a certificate without its key
 */
export async function readTrust(
  folders: readonly string[],
  environment: Environment,
): Promise<TlsSettings | undefined> {
  for (const folder of folders) {
    const names = await orNothing(readdir(folder));
    if (!names) continue;
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    const ending = (suffix: string): string[] => names.filter((name) => name.endsWith(suffix)).sort();
    const authorities = await Promise.all(ending('.crt').map(read));
    const [cert] = ending('.cert');
    const key = cert?.replace(/cert$/, 'key');
    if (cert !== undefined && (key === undefined || !names.includes(key)))
      throw new PithError('USAGE', `${join(folder, cert)} has no key beside it`, {
        path: folder,
        hint: `Put the key into ${cert.replace(/cert$/, 'key')}.`,
      });
    if (authorities.length === 0 && cert === undefined) return undefined;
    return {
      ...(authorities.length > 0 ? { ca: [...(await knownAuthorities(environment)), ...authorities] } : {}),
      ...(cert !== undefined && key !== undefined ? { cert: await read(cert), key: await read(key) } : {}),
    };
  }
  return undefined;
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
