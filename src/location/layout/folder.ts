import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PithError } from '../../core/index.ts';
import { parseIndex, type IndexManifest } from '../../oci/index.ts';
import { orAbsent } from '../files.ts';

/** Names of pith's own in a layout while it is written; all start with OWN_PREFIX. */
export const LOCK_NAME = '.pith-lock';
export const TEMPORARY_NAME = '.pith-tmp';
export const OWN_PREFIX = '.pith-';

/** What is at the path of a layout: nothing, an empty folder, or a layout with its `index.json` (if it was ever finished). */
export type FolderState =
  | { readonly kind: 'absent' | 'empty' }
  | { readonly kind: 'layout'; readonly index: IndexManifest | undefined };

/**
 * Looks at the path of a layout. Others may be writing there: what seems odd is looked at again before it is called so.
 * @throws OUTPUT_EXISTS if there is something else
 */
export async function lookAtFolder(path: string): Promise<FolderState> {
  const info = await orAbsent(stat(path));
  if (!info) {
    const link = await orAbsent(lstat(path));
    if (link?.isSymbolicLink()) throw exists(path, 'a link that leads nowhere');
    return link ? await lookAtFolder(path) : { kind: 'absent' };
  }
  if (!info.isDirectory()) throw exists(path, 'not a folder');
  const marker = await orAbsent(readFile(join(path, 'oci-layout'), 'utf8'));
  if (marker === undefined) {
    const names = (await orAbsent(readdir(path))) ?? [];
    if (names.includes('oci-layout')) return await lookAtFolder(path);
    if (names.some((name) => !name.startsWith(OWN_PREFIX)))
      throw exists(path, 'not an OCI layout, and not empty');
    return { kind: 'empty' };
  }
  if (!isLayoutMarker(marker)) throw exists(path, 'not an OCI layout of version 1');
  const bytes = await orAbsent(readFile(join(path, 'index.json')));
  if (bytes === undefined) return { kind: 'layout', index: undefined };
  try {
    return { kind: 'layout', index: parseIndex(bytes, join(path, 'index.json')) };
  } catch (error) {
    throw exists(path, 'an OCI layout with a damaged index.json', error);
  }
}

/** Whether the content of `oci-layout` is of a version that is known. */
export function isLayoutMarker(text: string): boolean {
  try {
    const marker: unknown = JSON.parse(text);
    return (
      typeof marker === 'object' &&
      marker !== null &&
      'imageLayoutVersion' in marker &&
      typeof marker.imageLayoutVersion === 'string' &&
      /^1\.\d+\.\d+$/.test(marker.imageLayoutVersion)
    );
  } catch {
    return false;
  }
}

function exists(path: string, what: string, cause?: unknown): PithError {
  return new PithError('OUTPUT_EXISTS', `${path} exists and is ${what}`, {
    path,
    hint: 'Nothing was changed. Choose another path, or remove what is there.',
    ...(cause === undefined ? {} : { cause }),
  });
}
