import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PithError } from '../core/index.ts';
import { archiveTree } from './archive/archive-tree.ts';
import { WRITERS } from './archive/tar-tree.ts';
import type { FileLocation } from './location.ts';

/**
 * Says what a folder or file is that holds images, by what is in it.
 * @returns undefined if there is nothing under the path
 * @throws IMAGE_INVALID if it is neither a layout nor an archive
 */
export async function detectLocation(path: string): Promise<FileLocation | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return undefined;
  if (info.isDirectory()) {
    if (await stat(join(path, 'oci-layout')).catch(() => undefined)) return { kind: 'oci', path };
    throw new PithError('IMAGE_INVALID', `${path} is a folder, but no OCI layout`, {
      path,
      hint: 'A layout has a file oci-layout. Archives are named by their file, images in a registry as docker://NAME.',
    });
  }
  const tree = await archiveTree(path);
  const has = async (name: string): Promise<boolean> => (await tree.sizeOf(name)) !== undefined;
  // Docker's own archives hold a layout as well, and that keeps digests.
  if (await has('oci-layout')) return { kind: 'oci-archive', path };
  if (await has('manifest.json')) return { kind: 'docker-archive', path };
  throw new PithError('IMAGE_INVALID', `${path} is a tar archive, but none of images`, {
    path,
    hint: WRITERS,
  });
}
