import type { ImageTree } from '../../inspect/index.ts';
import { matcher } from '../../rootfs/index.ts';

/**
 * A test of the nodes of a tree for a search: a text with `*` or `?` is a pattern of the whole path (of the name, if it has
 * no slash; `**` is any number of folders), any other is looked for anywhere in the path. Upper and lower case differ only
 * where the text has upper case.
 */
export function pathSearch(tree: ImageTree, text: string): (id: number) => boolean {
  return /[*?]/.test(text) ? patternSearch(tree, text) : textSearch(tree, text);
}

function patternSearch(tree: ImageTree, text: string): (id: number) => boolean {
  const pattern = text.replace(/^\/+/, '');
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  const isName = last === '' || last.includes('**') ? () => true : matcher([last]);
  if (!pattern.includes('/') && !pattern.includes('**')) return (id) => isName(tree.name(id));
  const isPath = matcher([pattern.replace(/\/$/, '')]);
  return (id) => isName(tree.name(id)) && isPath(tree.path(id));
}

/** Compares part by part, so that no path has to be put together. */
function textSearch(tree: ImageTree, text: string): (id: number) => boolean {
  const isSensitive = text !== text.toLowerCase();
  const nameOf = (id: number): string => (isSensitive ? tree.name(id) : tree.name(id).toLowerCase());
  const parts = text.split('/');
  const last = parts.pop() ?? '';
  const first = parts.shift();
  if (first === undefined) return (id) => nameOf(id).includes(last);
  return (id) => {
    if (!nameOf(id).startsWith(last)) return false;
    let folder = tree.parent(id);
    for (let at = parts.length - 1; at >= 0; at--) {
      if (folder === tree.root || nameOf(folder) !== parts[at]) return false;
      folder = tree.parent(folder);
    }
    return folder === tree.root ? first === '' : nameOf(folder).endsWith(first);
  };
}
