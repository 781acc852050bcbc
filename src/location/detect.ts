import { stat } from 'node:fs/promises';
import { PithError } from '../core/index.ts';
import { tarTree } from './archive/tar-tree.ts';
import type { FileLocation } from './location.ts';

/**
 * Says what a folder or file is that holds images, by what is in it.
 * @returns undefined if there is nothing under the path
 * @throws IMAGE_INVALID if it is neither a layout nor an archive
 */
export async function detectLocation(path: string): Promise<FileLocation | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return undefined;
  if (info.isDirectory()) return { kind: 'oci', path };
  const tree = await tarTree(path);
  const has = async (name: string): Promise<boolean> => (await tree.sizeOf(name)) !== undefined;
  // Docker's own archives hold a layout as well, and that keeps digests.
  if (await has('oci-layout')) return { kind: 'oci-archive', path };
  if (await has('manifest.json')) return { kind: 'docker-archive', path };
  throw new PithError('IMAGE_INVALID', `${path} is a tar archive, but none of images`, {
    path,
    hint: 'Archives of images are written by `pith build -o oci-archive:FILE`, `docker save` and `podman save`.',
  });
}
