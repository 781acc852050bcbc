import { formatRoute } from '../route.ts';
import { DIRECTORY, pathOf, textAt, type Tree } from '../tree.ts';
import { type MapItem, type MapSource, withRest } from './source.ts';

/**
 * A map of folders in folders. A folder with nothing but one folder in it is one item with that: `var/lib/dpkg`.
 * @param bytes of every entry with all that is in it
 */
export function folderSource(tree: Tree, bytes: Float64Array): MapSource {
  const itemOf = (entry: number, label: string): MapItem => ({
    key: `${entry}`,
    label,
    value: bytes[entry] ?? 0,
    entry,
    get href() {
      return formatRoute('files', { path: pathOf(tree, entry) });
    },
    isFolder: tree.types[entry] === DIRECTORY,
    ...(tree.difference && { change: tree.difference.changes[entry] ?? 0 }),
  });
  /** The only thing with bytes in a folder, if it is one folder. */
  const onlyFolder = (folder: number): number | undefined => {
    const end = tree.ends[folder] ?? 0;
    for (let child = folder + 1; child < end; child = tree.ends[child] ?? end)
      if ((bytes[child] ?? 0) > 0)
        return bytes[child] === bytes[folder] && tree.types[child] === DIRECTORY ? child : undefined;
    return undefined;
  };
  const joined = (entry: number): MapItem => {
    let label = textAt(tree.names, entry);
    let last = entry;
    for (let next = onlyFolder(last); next !== undefined; next = onlyFolder(last)) {
      label = `${label}/${textAt(tree.names, next)}`;
      last = next;
    }
    return itemOf(last, label);
  };
  return {
    root: itemOf(0, '/'),
    children: (item, least) => {
      const folder = item.entry ?? 0;
      const end = tree.ends[folder] ?? 0;
      const items: MapItem[] = [];
      const rest = { count: 0, value: 0 };
      for (let child = folder + 1; child < end; child = tree.ends[child] ?? end) {
        const value = bytes[child] ?? 0;
        if (value > 0 && value >= least) items.push(joined(child));
        else if (value > 0) {
          rest.count++;
          rest.value += value;
        }
      }
      return withRest(item, items, rest);
    },
  };
}
