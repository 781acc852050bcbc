import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './commands.ts';
import { SEARCH_PATH } from './tools.ts';

/** Whom a registry with passwords lets in. */
export const DOCKER_REGISTRY_USER = { username: 'ada', password: 'p:ss word' };
/** Of the user; bcrypt is the only form that the registry takes. */
const HTPASSWD = 'ada:$2b$04$j7L.3cnFvIfDfOO5.7hwtOQAEARMFSQNfuhqQlJ3WjhEV09UoEl8C\n';

export interface DockerRegistryOptions {
  /** Whether it wants the user's name and password. */
  readonly hasPasswords?: boolean;
  /** Serves https with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Wants a certificate of this authority from clients; only with `tls`. */
  readonly clientAuthority?: string;
}

/** Runs the program `docker-registry` on a free port of 127.0.0.1. */
export async function startDockerRegistry({
  hasPasswords = false,
  tls,
  clientAuthority,
}: DockerRegistryOptions = {}): Promise<{ host: string; close: () => Promise<void> }> {
  const { folder, remove } = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  await writeFile(path('htpasswd'), HTPASSWD);
  if (tls) {
    await writeFile(path('server.crt'), tls.cert);
    await writeFile(path('server.key'), tls.key);
    if (clientAuthority !== undefined) await writeFile(path('clients.crt'), clientAuthority);
  }
  const clients = clientAuthority === undefined ? {} : { clientcas: [path('clients.crt')] };
  const config = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: path('data') }, delete: { enabled: true } },
    http: {
      addr: '127.0.0.1:0',
      ...(tls ? { tls: { certificate: path('server.crt'), key: path('server.key'), ...clients } } : {}),
    },
    ...(hasPasswords ? { auth: { htpasswd: { realm: 'test', path: path('htpasswd') } } } : {}),
  };
  await writeFile(path('config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', path('config.yml')], { env: { PATH: SEARCH_PATH } });
  const ended = new Promise<void>((resolve) => child.once('close', resolve));
  const port = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      if (said.length < 100_000) said += piece;
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(`docker-registry ended: ${said}`));
    });
  });
  return {
    host: `127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await ended;
      await remove();
    },
  };
}
