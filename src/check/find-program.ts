import type { ImageTree } from '../inspect/index.ts';
import { showPath, showText } from './show.ts';

/** Where engines look without a variable PATH. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** As many links as Linux follows for one path (path_resolution(7)). */
const MAX_LINKS = 40;

/** Where a command leads. */
export type FoundProgram =
  | { readonly id: number; readonly path: string }
  /** Why it leads nowhere, in words. */
  | { readonly absent: string };

/**
 * Looks for a program as engines do (runc: exec.LookPath): a name without a slash in the folders of PATH, of which the first
 * that may be executed wins, anything else from the working folder.
 * @param mayRun whether a file may be executed; what may not is only found if there is nothing else
 */
export function findProgram(
  tree: ImageTree,
  name: string,
  { path, folder, mayRun }: { path: string; folder: string; mayRun: (id: number) => boolean },
): FoundProgram {
  if (name === '') return { absent: 'it is empty' };
  if (name.includes('/')) return fileAt(tree, name.startsWith('/') ? name : `${folder}/${name}`);
  let other: FoundProgram | undefined;
  for (const part of path.split(':')) {
    const found = fileAt(tree, `${part.startsWith('/') ? part : `${folder}/${part}`}/${name}`);
    if ('absent' in found) continue;
    if (mayRun(found.id)) return found;
    other ??= found;
  }
  return other ?? { absent: `it is in no folder of PATH (${showText(path)})` };
}

/** The regular file that an absolute path leads to, or why there is none. */
export function fileAt(tree: ImageTree, path: string): FoundProgram {
  const id = tree.resolve(path);
  if (id !== undefined) {
    const type = tree.type(id);
    if (type === 'directory') return { absent: `${showPath(path)} is a folder` };
    return tree.contentOf(id) === undefined
      ? {
          absent:
            type === 'hardlink'
              ? `what ${showPath(path)} repeats is not there`
              : `${showPath(path)} is no regular file`,
        }
      : { id, path: tree.path(id) };
  }
  const last = tree.resolve(path, { followLast: false });
  return { absent: last === undefined ? `${showPath(path)} is not there` : whyLinkFails(tree, path, last) };
}

/** @param link that leads nowhere */
function whyLinkFails(tree: ImageTree, path: string, link: number): string {
  let at = link;
  for (let links = 0; links <= MAX_LINKS; links++) {
    const target = tree.file(at).linkName;
    const next = tree.resolve(target, { from: tree.parent(at), followLast: false });
    if (next === undefined)
      return `the link ${showPath(tree.path(at))} leads to ${showText(target)}, which is not there`;
    at = next;
  }
  return `the links of ${showPath(path)} lead in a circle`;
}
