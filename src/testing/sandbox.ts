import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from '../core/index.ts';
import { type CliResult, runPith, startPith } from './cli.ts';
import { makeDeb, type TestFile } from './deb.ts';
import { createArchive, type Publication, type TestArchive, type TestPackage } from './debian-archive.ts';
import { serve, type TestServer } from './server.ts';

/** A folder, an archive and an environment in which the command line can do no harm and reaches nothing else. */
export interface Sandbox {
  readonly folder: string;
  readonly archive: TestArchive;
  /** Folder of the cache; also the first part of what {@link flags} gives. */
  readonly cacheDir: string;
  /** Everything but 127.0.0.1 is behind this proxy, which refuses it. */
  readonly wall: TestServer;
  readonly env: Readonly<Record<string, string>>;
  /** The cache, the mirror and the key, as flags. */
  flags(cacheDir?: string): string[];
  path(...parts: string[]): string;
  write(path: string, content: string | Uint8Array): Promise<string>;
  /** Runs pith with these arguments and nothing more. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
  /** `pith build ./pith.yaml` for linux/amd64 into `oci:images`, with the flags; more arguments come behind and win. */
  build(more?: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
  /** The same, under way. */
  start(more?: readonly string[]): ReturnType<typeof startPith>;
  close(): Promise<void>;
}

export const DEFINITION = `name: app
suites: [{archive: debian, suite: trixie}]
platforms: [linux/amd64, linux/arm64]
packages: [alpha, beta]
`;

/** A package with files for amd64, published in the first suite. */
export function packageOf(
  name: string,
  files: readonly TestFile[] = [{ path: `usr/share/${name}`, content: `${name}\n` }],
  version = '1.0',
): TestPackage {
  return published(name, makeDeb({ name, version, files }), version);
}

/** A package with any bytes as its file. */
export function published(name: string, deb: Uint8Array, version = '1.0'): TestPackage {
  return { fields: { Package: name, Version: version, Architecture: 'amd64' }, deb };
}

/** Bytes that do not compress, the same in every run. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export const GOOD: Publication = {
  packages: [
    packageOf('alpha', [
      { path: 'usr/bin/alpha', content: noise(300_000), mode: 0o755 },
      { path: 'usr/lib/alpha.so', type: 'symlink', linkName: 'alpha.so.1' },
    ]),
    packageOf('beta'),
  ],
};

export async function createSandbox(publication: Publication = GOOD): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'pith-sandbox-'));
  const archive = await createArchive(publication);
  const wall = await serve((_request, response) => response.writeHead(403).end());
  const cacheDir = join(folder, 'cache');
  const path = (...parts: string[]): string => join(folder, ...parts);
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), content);
    return path(name);
  };
  await write('pith.yaml', DEFINITION);
  await write('keys.asc', archive.signer.publicKey);
  await mkdir(path('home'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: path('home'),
    CI: '1',
    http_proxy: wall.url,
    https_proxy: wall.url,
    no_proxy: '127.0.0.1',
    PITH_SNAPSHOT: archive.snapshotBase,
  };
  const flags = (cache = cacheDir): string[] => [
    ...['--cache-dir', cache, '--keyring', path('keys.asc')],
    ...Object.entries(archive.mirrors).flatMap(([name, url]) => ['--mirror', `${name}=${url}`]),
  ];
  const buildArgs = (more: readonly string[]): string[] => [
    ...['build', './pith.yaml', '--platform', 'linux/amd64', ...flags()],
    ...(more.includes('-o') ? [] : ['-o', 'oci:images']),
    ...more,
  ];
  return {
    folder,
    archive,
    cacheDir,
    wall,
    env,
    flags,
    path,
    write,
    run: (args, more = {}) => runPith(args, { cwd: folder, env: { ...env, ...more } }),
    build: (args = [], more = {}) => runPith(buildArgs(args), { cwd: folder, env: { ...env, ...more } }),
    start: (args = []) => startPith(buildArgs(args), { cwd: folder, env }),
    close: async () => {
      await archive.close();
      await wall.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
    },
  };
}

/** The digest of the only image of a build with `--json`. */
export function digestIn({ stdout, stderr }: CliResult): string {
  if (stdout === '') throw new Error(`no report: ${stderr}`);
  const { images } = JSON.parse(stdout) as { images: { digest: string }[] };
  return images[0]?.digest ?? '';
}

/** Every file below a folder with the digest of its content; what is absent has none. */
export function contentOf(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  try {
    for (const item of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const path = join(item.parentPath, item.name);
      found.set(path.slice(folder.length + 1), item.isFile() ? digestOf(readFileSync(path)) : 'folder');
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return found;
}
