import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeed } from './commands.ts';

/** What {@link unpackForArm64} needs. */
export const ARM64_TOOLS = ['qemu-aarch64-static', 'umoci', 'chroot'];

/**
 * Unpacks an image for linux/arm64 and puts an emulator into it.
 * @param name of the image in the layout
 * @param folder that does not exist yet
 * @returns runs a program of the image as nonroot and gives all that it says, with its exit code if it fails
 */
export async function unpackForArm64(
  layout: string,
  name: string,
  folder: string,
): Promise<(...command: readonly string[]) => Promise<string>> {
  await succeed('umoci', ['unpack', '--image', `${layout}:${name}`, folder]);
  const root = join(folder, 'rootfs');
  const emulator = (await succeed('sh', ['-c', 'command -v qemu-aarch64-static'])).trim();
  await copyFile(emulator, join(root, 'emulator'));
  return async (...command) => {
    const args = ['--userspec=65532:65532', root, '/emulator', ...command];
    const { code, stdout, stderr } = await run('chroot', args);
    return code === 0 ? stdout + stderr : `exit code ${code}\n${stdout}${stderr}`;
  };
}
