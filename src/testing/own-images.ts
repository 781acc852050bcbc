import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildReport } from '../build/index.ts';
import { pith, type Outcome } from './commands.ts';
import { createContainerStorage, type ContainerStorage, type RunImageOptions } from './containers.ts';

const PROGRAMS = fileURLToPath(new URL('../cli/e2e/programs/', import.meta.url));

/** Images in one layout, those of the catalogue and of definitions beside it, and podman to run them confined. */
export interface ImageBench {
  readonly storage: ContainerStorage;
  /** Folder of the layout. */
  readonly layout: string;
  /** A path beside the definitions. */
  path(name: string): string;
  /** Writes a definition, or a file that one names; gives its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /**
   * Builds for linux/amd64, which has to succeed.
   * @returns also the lines that the command printed although it was told to be quiet
   */
  build(...targets: readonly string[]): Promise<{ images: BuildReport['images']; notes: string[] }>;
  /** Runs an image with the tests' programs at /programs. */
  run(name: string, command: readonly string[], options?: RunImageOptions): Promise<Outcome>;
  /** What a program says that has to succeed; else its exit code and all that it said. */
  output(name: string, command: readonly string[], options?: RunImageOptions): Promise<string>;
  remove(): Promise<void>;
}

export async function createImageBench(): Promise<ImageBench> {
  const storage = await createContainerStorage();
  const layout = join(storage.folder, 'images');
  const path = (name: string): string => join(storage.folder, 'own', name);
  const ids = new Map<string, string>();
  const run: ImageBench['run'] = async (name, command, { flags = [], ...more } = {}) => {
    const id = ids.get(name) ?? (await storage.pull(layout, name));
    ids.set(name, id);
    return storage.runImage(id, { ...more, flags: ['-v', `${PROGRAMS}:/programs:ro`, ...flags], command });
  };
  return {
    storage,
    layout,
    path,
    write: async (name, content) => {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), content);
      return path(name);
    },
    build: async (...targets) => {
      const args = ['build', '--quiet', '--json', ...targets, '--platform', 'linux/amd64'];
      const { code, stdout, stderr } = await pith([...args, '-o', `oci:${layout}`]);
      if (code !== 0) throw new Error(`pith build ${targets.join(' ')} ended with ${code}:\n${stderr}`);
      const { images } = JSON.parse(stdout) as BuildReport;
      return { images, notes: stderr.split('\n').filter((line) => line !== '') };
    },
    run,
    output: async (name, command, options) => {
      const { code, stdout, stderr } = await run(name, command, options);
      return code === 0 ? stdout : `exit code ${code}\n${stdout}${stderr}`;
    },
    remove: () => storage.remove(),
  };
}
