import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeed, temporaryFolder, type Outcome } from './commands.ts';

/** How the tests run an image: read-only, without capabilities and network, as nobody in particular. */
const CONFINED = [
  '--read-only',
  ...['--cap-drop', 'all'],
  ...['--user', '65532'],
  ...['--ulimit', 'nofile=1024:1024'],
  ...['--ulimit', 'nproc=1024:1024'],
];

export interface RunImageOptions {
  /** Arguments of `podman run` before the image; later ones win. */
  readonly flags?: readonly string[];
  readonly command?: readonly string[];
  /** None unless given. */
  readonly network?: 'none' | 'host';
}

/** A container storage of its own, for podman, buildah and skopeo. */
export interface ContainerStorage {
  readonly folder: string;
  /** What makes the tools use this storage. */
  readonly env: Readonly<Record<string, string>>;
  podman(...args: readonly string[]): Promise<string>;
  /** Brings an image of a layout into the storage; gives its ID. */
  pull(layout: string, name: string): Promise<string>;
  /** Runs an image confined. */
  runImage(image: string, options?: RunImageOptions): Promise<Outcome>;
  remove(): Promise<void>;
}

export async function createContainerStorage(): Promise<ContainerStorage> {
  const { folder, remove } = temporaryFolder();
  const root = join(folder, 'root');
  await mkdir(root);
  const settings = `[storage]\ndriver = "overlay"\nrunroot = "${join(folder, 'run')}"\ngraphroot = "${root}"\n`;
  await writeFile(join(folder, 'storage.conf'), settings);
  const env = { CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf') };
  const podman = (...args: readonly string[]): Promise<string> => succeed('podman', args, { env });
  return {
    folder,
    env,
    podman,
    pull: async (layout, name) => (await podman('pull', '--quiet', `oci:${layout}:${name}`)).trim(),
    runImage: (image, { flags = [], command = [], network = 'none' } = {}) => {
      const args = ['run', '--rm', ...CONFINED, '--network', network, ...flags, image, ...command];
      return run('podman', ['--runtime', 'runc', ...args], { env });
    },
    remove: async () => {
      await run('podman', ['rm', '--all', '--force'], { env });
      await run('podman', ['rmi', '--all', '--force'], { env });
      await run('umount', [join(root, 'overlay')]);
      await remove();
    },
  };
}
