import { chmod, link, mkdir, open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageView, visitFiles } from '../../inspect/index.ts';

/** What every sandbox mounts something on. */
const MOUNT_POINTS = ['dev', 'proc'];

/**
 * Unpacks the files of an image into a new folder, as they are when all layers lie one on the other. All folders are made
 * first and all symbolic links last, so nothing is ever written through a link of the image. Files belong to whoever runs
 * this; setuid and setgid bits, extended attributes and devices are left out.
 * @param folder that does not exist yet
 * @throws as visitFiles, and what the file system says
 */
export async function unpackImage(
  { tree, contents }: ImageView,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const nodes = [...tree.walk()];
  const ofType = (type: ReturnType<typeof tree.type>): number[] =>
    nodes.filter((id) => tree.type(id) === type);
  const pathOf = (id: number): string => join(folder, tree.path(id));
  const [folders, files] = [ofType('directory'), ofType('file')];
  for (const id of folders) await mkdir(pathOf(id), { mode: 0o700 });
  const openFile = async (id: number) => {
    const file = await open(pathOf(id), 'wx', 0o600);
    return {
      write: (piece: Uint8Array) => file.writeFile(piece),
      async end() {
        await file.chmod(tree.file(id).mode & 0o777);
        await file.close();
      },
    };
  };
  await visitFiles(contents, tree, files, openFile, signal);
  for (const id of ofType('hardlink')) {
    const content = tree.contentOf(id);
    if (content !== undefined) await link(pathOf(content), pathOf(id));
  }
  for (const id of ofType('symlink')) await symlink(tree.file(id).linkName, pathOf(id));
  for (const path of MOUNT_POINTS) if (tree.find(path) === undefined) await mkdir(join(folder, path));
  for (const id of folders) await chmod(pathOf(id), (tree.file(id).mode & 0o1777) | 0o700);
}
