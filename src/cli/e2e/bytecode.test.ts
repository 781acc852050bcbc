import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pith, pithBuild } from '../../testing/commands.ts';
import { createContainerStorage, type ContainerStorage } from '../../testing/containers.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const NAME = 'team/app:latest';

describeWith(
  'byte code of Python modules',
  { tools: ['podman', 'runc'], unless: unlessRoot() ?? unlessAmd64() },
  () => {
    let storage: ContainerStorage;
    let definition: string;
    let layout: string;

    beforeAll(async () => {
      storage = await createContainerStorage();
      definition = join(storage.folder, 'pith.yaml');
      layout = join(storage.folder, 'images');
      await writeFile(definition, 'name: team/app\nextends: python3-debian13\nbytecode: true\n');
      await pithBuild([`${definition}:latest`, '--platform', 'linux/amd64', '-o', `oci:${layout}`]);
    });
    afterAll(() => storage.remove());

    it('is there for all modules, and Python takes it for what it has compiled itself', async () => {
      const files = await readImageFiles(await openImage(layout, NAME));
      const sources = [...files.keys()].filter((path) => /^usr\/lib\/python3.13\/.*\.py$/.test(path));
      expect(files.get('usr/lib/python3.13/__pycache__/ssl.cpython-313.pyc')?.mtime).toBe(
        files.get('usr/lib/python3.13/ssl.py')?.mtime,
      );
      const compiled = [...files.keys()].filter((path) => path.endsWith('.cpython-313.pyc'));
      expect(compiled.length).toBeGreaterThan(sources.length - 3);
      const id = await storage.pull(layout, NAME);
      const { stderr } = await storage.runImage(id, { command: ['-v', '-c', 'import ssl, asyncio'] });
      expect(stderr).toContain('ssl.cpython-313.pyc matches /usr/lib/python3.13/ssl.py');
      expect(stderr).not.toContain('wrote ');
      expect(stderr).not.toMatch(/code object from '\S+\.py'/);
    });

    it('is the same wherever it is made', async () => {
      const other = join(storage.folder, 'other');
      await pithBuild([
        ...[`${definition}:latest`, '--platform', 'linux/amd64', '-o', `oci:${other}`],
        ...['--cache-dir', join(storage.folder, 'a', 'longer', 'place')],
      ]);
      const [first, second] = [await openImage(layout, NAME), await openImage(other, NAME)];
      expect(second.descriptor.digest).toBe(first.descriptor.digest);
    });

    it('is refused for a processor whose programs this machine neither runs nor emulates', async () => {
      const args = [`${definition}:latest`, '--platform', 'linux/arm64', '-o', `oci:${layout}`];
      const { code, stderr } = await pith(['build', ...args]);
      if (existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64')) {
        expect(code).toBe(0);
        return;
      }
      expect(code).toBe(7);
      expect(stderr).toContain('[BYTECODE_FAILED]');
      expect(stderr).toMatch(/hint: .*leave out `bytecode`/);
    });
  },
);

function unlessAmd64(): string | undefined {
  return process.arch === 'x64' ? undefined : 'the image’s Python runs on amd64 only';
}
