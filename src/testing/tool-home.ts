import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pith, run, succeed, temporaryFolder, type Outcome, type RunOptions } from './commands.ts';
import { makeCertificates } from './certificates.ts';
import { DOCKER_REGISTRY_USER, startDockerRegistry } from './docker-registry.ts';

export interface ToolHomeOptions {
  /** Whether the registry wants a name and a password; the home has them then. */
  readonly hasPasswords?: boolean;
  /** Whether the registry speaks https; the home trusts its certificate then, unless `isStranger`. */
  readonly isSecure?: boolean;
  /** Whether the registry wants a certificate of clients; only if it is secure. */
  readonly wantsCertificate?: boolean;
  /** The home knows nothing of the registry: neither its authority nor the password. */
  readonly isStranger?: boolean;
}

/**
 * Debian's registry, and a home in which pith and the tools of others find what they have to know of it by themselves:
 * credentials, certificates, and a storage of containers.
 */
export interface ToolHome {
  /** `127.0.0.1:PORT` of the registry. */
  readonly host: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The registry's authority and its certificate, if it is secure. */
  readonly certificates: Awaited<ReturnType<typeof makeCertificates>> | undefined;
  path(...parts: string[]): string;
  write(path: string, content: string): Promise<string>;
  pith(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs a tool that has to succeed. @returns what it printed, without white space around it */
  tool(program: string, ...args: readonly string[]): Promise<string>;
  /** Runs a tool to its end, whatever that is. */
  attempt(program: string, ...args: readonly string[]): Promise<Outcome>;
  close(): Promise<void>;
}

export async function createToolHome(options: ToolHomeOptions = {}): Promise<ToolHome> {
  const { hasPasswords = false, isSecure = false, wantsCertificate = false, isStranger = false } = options;
  const { folder, remove } = temporaryFolder();
  const path = (...parts: string[]): string => join(folder, ...parts);
  const write = async (name: string, content: string): Promise<string> => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), content);
    return path(name);
  };
  const certificates = isSecure ? await makeCertificates(folder) : undefined;
  const registry = await startDockerRegistry({
    hasPasswords,
    ...(certificates ? { tls: certificates.server } : {}),
    ...(certificates && wantsCertificate ? { clientAuthority: certificates.authority } : {}),
  });
  const { host } = registry;
  const env = {
    HOME: folder,
    XDG_RUNTIME_DIR: path('session'),
    XDG_CONFIG_HOME: undefined,
    DOCKER_CONFIG: undefined,
    REGISTRY_AUTH_FILE: undefined,
    SSL_CERT_FILE: undefined,
    CONTAINERS_STORAGE_CONF: path('storage.conf'),
    PITH_CACHE_DIR: path('cache'),
    CI: '1',
  };
  await mkdir(path('session'));
  const storage = `graphroot = "${path('graph')}"\nrunroot = "${path('runs')}"\n`;
  await write('storage.conf', `[storage]\ndriver = "vfs"\n${storage}`);
  const isPlain = `[[registry]]\nlocation = "${host}"\ninsecure = true\n`;
  await write('.config/containers/registries.conf', isSecure ? '' : isPlain);
  if (hasPasswords && !isStranger) {
    const { username, password } = DOCKER_REGISTRY_USER;
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    await write('.docker/config.json', JSON.stringify({ auths: { [host]: { auth } } }));
  }
  if (certificates && !isStranger) {
    const trusted = `.config/containers/certs.d/${host}`;
    await write(`${trusted}/ca.crt`, certificates.authority);
    if (wantsCertificate) {
      await write(`${trusted}/client.cert`, certificates.server.cert);
      await write(`${trusted}/client.key`, certificates.server.key);
    }
  }
  return {
    host,
    folder,
    env,
    certificates,
    path,
    write,
    pith: (args, more = {}) => pith(args, { cwd: folder, ...more, env: { ...env, ...more.env } }),
    tool: async (program, ...args) => (await succeed(program, args, { cwd: folder, env })).trim(),
    attempt: (program, ...args) => run(program, args, { cwd: folder, env }),
    close: async () => {
      await registry.close();
      await remove();
    },
  };
}
