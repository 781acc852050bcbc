import { readFileSync } from 'node:fs';
import { chown, cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildReport } from '../build/index.ts';
import { type Outcome, pith, run } from './commands.ts';
import { type ContainerStorage, createContainerStorage } from './containers.ts';

/** Asks until something answers, or the container is no more. */
const REQUEST = `
const [url, pid] = process.argv.slice(1);
for (;;) {
  try {
    const response = await fetch(url);
    process.stdout.write(response.status + ' ' + (await response.text()));
    break;
  } catch {
    process.kill(Number(pid), 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}`;

export interface AnswerOptions {
  readonly port: number;
  readonly path?: string;
  /** Of `podman run`, before the image. */
  readonly flags?: readonly string[];
  /** Arguments of the program. */
  readonly command?: readonly string[];
}

/** Folders of applications, and podman to run what `pith pack` makes of them. */
export interface PackBench {
  readonly storage: ContainerStorage;
  path(...parts: string[]): string;
  /** Writes a file of an application; gives its path. */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<string>;
  /** Copies a folder. */
  copy(from: string, to: string): Promise<string>;
  /** Runs `pith pack PATH` for linux/amd64 with a layout beside it as output. */
  pack(path: string, ...more: string[]): Promise<Outcome>;
  /** The same as a user who is not root, with a cache of its own. */
  packAs(user: number, path: string, ...more: string[]): Promise<Outcome>;
  /** The same, which has to succeed; the image is called `app:1`. */
  image(path: string, ...more: string[]): Promise<BuildReport['images'][number]>;
  /** Runs `pith pack PATH`, which has to be refused with APP_INVALID; gives what it says. */
  refusal(path: string, ...more: string[]): Promise<string>;
  /** Digests of the layers of an image of {@link image}. */
  layers(path: string): string[];
  /** What `pith pack PATH --explain` says, which has to succeed. */
  explain(path: string, ...more: string[]): Promise<string>;
  /**
   * Starts an image of {@link image} with nothing that it could write to, without capabilities, as the user that it names,
   * and asks it once by HTTP, from inside of its network.
   * @param path of the application
   * @returns status and body: `200 hello`; what the container said if it ends before it answers
   */
  answer(path: string, options: AnswerOptions): Promise<string>;
  /** Runs such an image to its end. */
  output(path: string, ...command: string[]): Promise<Outcome>;
  remove(): Promise<void>;
}

const CONFINED = [
  ...['--read-only', '--read-only-tmpfs=false', '--cap-drop', 'all', '--network', 'none'],
  ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
];

export async function createPackBench(): Promise<PackBench> {
  const storage = await createContainerStorage();
  const path = (...parts: string[]): string => join(storage.folder, 'apps', ...parts);
  await mkdir(path());
  const layoutOf = (name: string): string =>
    join(storage.folder, 'images', name.replace(/^.*\/apps\//, '').replace(/[^a-z0-9]/g, '-'));
  const pack = (name: string, ...more: string[]): Promise<Outcome> => {
    const output = more.includes('-o') || more.includes('--explain') ? [] : ['-o', `oci:${layoutOf(name)}`];
    const platform = more.includes('--platform') ? [] : ['--platform', 'linux/amd64'];
    return pith(['pack', name, ...platform, ...output, ...more], { cwd: path() });
  };
  const succeed = async (name: string, ...more: string[]): Promise<string> => {
    const { code, stdout, stderr } = await pack(name, ...more);
    if (code === 0) return stdout;
    throw new Error(`pith pack ${[name, ...more].join(' ')} ended with ${code}:\n${stderr}`);
  };
  return {
    storage,
    path,
    write: async (name, content, mode = 0o644) => {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), content, { mode });
      return path(name);
    },
    copy: async (from, to) => {
      await cp(from, path(to), { recursive: true, verbatimSymlinks: true });
      return path(to);
    },
    pack,
    packAs: async (user, name, ...more) => {
      const home = join(storage.folder, `home-${user}`);
      await mkdir(home);
      await chown(home, user, user);
      const node = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', process.execPath];
      const args = ['pack', name, '--platform', 'linux/amd64', '-o', `oci:${home}/images`, ...more];
      return pith(args, { cwd: path(), node, env: { HOME: home, PITH_CACHE_DIR: join(home, 'cache') } });
    },
    image: async (name, ...more) => {
      const { images } = JSON.parse(await succeed(name, '--json', '-t', 'app:1', ...more)) as BuildReport;
      const [image] = images;
      if (!image) throw new Error('no image');
      return image;
    },
    refusal: async (name, ...more) => {
      const { code, stdout, stderr } = await pack(name, ...more);
      if (code === 6 && stdout === '' && stderr.includes(' [APP_INVALID]\n')) return stderr;
      throw new Error(`pith pack ${[name, ...more].join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    },
    layers: (name) => layersOf(layoutOf(name)),
    explain: (name, ...more) => succeed(name, '--explain', ...more),
    answer: async (name, options) => answer(storage, layoutOf(name), options),
    output: async (name, ...command) => {
      const id = await storage.pull(layoutOf(name), 'app:1');
      const args = ['--runtime', 'runc', 'run', '--rm', ...CONFINED, id, ...command];
      return run('podman', args, { env: storage.env });
    },
    remove: () => storage.remove(),
  };
}

/** Of the only image of a layout. */
function layersOf(layout: string): string[] {
  const read = (path: string): OciDocument =>
    JSON.parse(readFileSync(join(layout, path), 'utf8')) as OciDocument;
  let document = read('index.json');
  while (document.manifests)
    document = read(`blobs/${document.manifests[0]?.digest.replace(':', '/') ?? ''}`);
  return (document.layers ?? []).map(({ digest }) => digest);
}

interface OciDocument {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly layers?: readonly { readonly digest: string }[];
}

async function answer(
  storage: ContainerStorage,
  layout: string,
  { port, path = '/', flags = [], command = [] }: AnswerOptions,
): Promise<string> {
  const { env } = storage;
  const id = await storage.pull(layout, 'app:1');
  const args = ['run', '--detach', ...CONFINED, ...flags, id, ...command];
  const container = (await storage.podman('--runtime', 'runc', ...args)).trim();
  try {
    const pid = (await storage.podman('inspect', '--format', '{{.State.Pid}}', container)).trim();
    if (pid === '0') return await said(container, env);
    const request = ['--input-type=module', '--eval', REQUEST, `http://127.0.0.1:${port}${path}`, pid];
    const { code, stdout } = await run('nsenter', ['--target', pid, '--net', process.execPath, ...request]);
    if (code === 0) return stdout;
    await sleep(100);
    return await said(container, env);
  } finally {
    await run('podman', ['rm', '--force', '--time', '0', container], { env });
  }
}

async function said(container: string, env: ContainerStorage['env']): Promise<string> {
  const { stdout, stderr } = await run('podman', ['logs', container], { env });
  return `no answer: ${stdout}${stderr}`;
}
