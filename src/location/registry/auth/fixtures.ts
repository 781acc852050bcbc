import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { context as writing, inTemporaryFolder } from '../../fixtures.ts';
import type { LoginContext } from './choose.ts';
import { createHelperRunner } from './run-helper.ts';

/** A home of somebody who has nothing but what a test puts there. */
export interface TestHome {
  readonly folder: string;
  readonly environment: Record<string, string | undefined>;
  /** Reads the files of this home, and runs the helpers in its `bin`. */
  context(more?: Partial<LoginContext>): LoginContext;
  /** Writes a file; an object becomes JSON. */
  write(path: string, content: unknown): Promise<string>;
  read(path: string): Promise<string>;
  /** Makes `docker-credential-NAME` of a shell script. */
  writeHelper(name: string, script: string): Promise<void>;
}

export async function inHome<Result>(work: (home: TestHome) => Promise<Result>): Promise<Result> {
  return await inTemporaryFolder(async (folder) => {
    const environment = { HOME: folder, PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
    const write = async (path: string, content: unknown): Promise<string> => {
      const full = join(folder, path);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(
        full,
        typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
      );
      return full;
    };
    return await work({
      folder,
      environment,
      context: (more = {}) => {
        const used = { ...environment, ...more.environment };
        const runHelper = createHelperRunner({ environment: used, signal: more.signal });
        return { runHelper, writer: writing.writer, ...more, environment: used };
      },
      write,
      read: (path) => readFile(join(folder, path), 'utf8'),
      writeHelper: async (name, script) => {
        const path = await write(`bin/docker-credential-${name}`, '');
        await writeFile(path, `#!/bin/sh\n${script}\n`);
        await chmod(path, 0o755);
      },
    });
  });
}

/** The value of `auth` for a name and a password. */
export function authOf(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** A helper that keeps what it is given in files below its home, as the real ones do in keyrings. */
export const KEEPER = `
store="$HOME/keyring"; mkdir -p "$store"
name() { printf %s "$1" | tr '/:' '__'; }
case "$1" in
  get) server=$(cat); cat "$store/$(name "$server")" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; };;
  store) json=$(cat); server=$(printf %s "$json" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/'); printf %s "$json" > "$store/$(name "$server")";;
  erase) server=$(cat); rm "$store/$(name "$server")";;
  list) printf '{'; first=; for file in "$store"/*; do
    printf '%s' "$first"; sed 's/.*"ServerURL":\\("[^"]*"\\),"Username":\\("[^"]*"\\).*/\\1:\\2/' "$file"; first=,; done; printf '}';;
esac`;
