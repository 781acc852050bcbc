import { readdir, readFile } from 'node:fs/promises';
import { findAptAuth, findNetrc, parseNetrc, type Entry } from './netrc.ts';

/** How files of credentials are read; absent and unreadable ones give nothing. */
export interface CredentialFiles {
  read(path: string): Promise<string | undefined>;
  list(folder: string): Promise<readonly string[]>;
}

export const machineFiles: CredentialFiles = {
  read: (path) => readFile(path, 'utf8').catch(() => undefined),
  list: (folder) => readdir(folder).catch(() => []),
};

const APT_AUTH = '/etc/apt/auth.conf';

/** Finds the credentials for an address; the files are read at the first question. */
export class Credentials {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #files: CredentialFiles;
  #entries: Promise<{ apt: Entry[]; netrc: Entry[] }> | undefined;

  constructor(env: Readonly<Record<string, string | undefined>>, files: CredentialFiles) {
    this.#env = env;
    this.#files = files;
  }

  /**
   * The value of the Authorization header for the address: user info in it, else apt's auth.conf and
   * auth.conf.d, else netrc ($NETRC or ~/.netrc); undefined if there are none.
   */
  async authorizationFor(url: URL): Promise<string | undefined> {
    if (url.username !== '') return basic(decode(url.username), decode(url.password));
    this.#entries ??= this.#load();
    const { apt, netrc } = await this.#entries;
    const entry = findAptAuth(apt, url) ?? findNetrc(netrc, url);
    return entry && entry.login !== '' ? basic(entry.login, entry.password) : undefined;
  }

  async #load(): Promise<{ apt: Entry[]; netrc: Entry[] }> {
    const home = this.#env['HOME'];
    const netrcPath =
      this.#env['NETRC'] ?? (home === undefined || home === '' ? undefined : `${home}/.netrc`);
    const parts = (await this.#files.list(`${APT_AUTH}.d`)).filter((name) =>
      /^[A-Za-z0-9._-]+\.conf$/.test(name),
    );
    const aptPaths = [APT_AUTH, ...[...parts].sort().map((name) => `${APT_AUTH}.d/${name}`)];
    const read = async (path: string): Promise<Entry[]> => parseNetrc((await this.#files.read(path)) ?? '');
    return {
      apt: (await Promise.all(aptPaths.map(read))).flat(),
      netrc: netrcPath === undefined ? [] : await read(netrcPath),
    };
  }
}

function basic(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
