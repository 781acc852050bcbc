import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from './commands.ts';

/** Python 3.13 does not take an authority without it. */
const AUTHORITY_USAGE = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/**
 * Makes a certificate authority and a certificate of it for `localhost`, with the program openssl.
 * @param names what it is for in place of `localhost`, as openssl writes it
 * @param days how long it is valid
 * @returns everything in PEM form
 */
export async function makeCertificates(
  folder: string,
  { names = 'DNS:localhost,IP:127.0.0.1', days = 30 }: { names?: string; days?: number } = {},
): Promise<{ authority: string; server: { key: string; cert: string } }> {
  const openssl = (...args: readonly string[]): Promise<string> => succeed('openssl', args, { cwd: folder });
  await writeFile(join(folder, 'extensions'), `subjectAltName=${names}\nauthorityKeyIdentifier=keyid\n`);
  const authority = ['-subj', '/CN=Test Authority', '-keyout', 'ca.key', '-out', 'ca.crt'];
  await openssl('req', '-x509', ...KEY, ...authority, ...AUTHORITY_USAGE, '-days', '30');
  await openssl('req', ...KEY, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions'];
  await openssl('x509', '-req', '-in', 'server.csr', ...issuer, '-days', String(days), '-out', 'server.crt');
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const [ca, key, cert] = await Promise.all([read('ca.crt'), read('server.key'), read('server.crt')]);
  return { authority: ca, server: { key, cert } };
}
