import { formatRoute } from '../route.ts';
import { pathOf, type Tree } from '../tree.ts';
import { type MapItem, type MapSource, withRest } from './source.ts';

/** A way to divide files into groups. */
export interface Level {
  /** The group of each entry, from -1 on. */
  readonly groups: Int32Array;
  label(group: number): string;
  /** Address of the page that tells more of a group. */
  href?(group: number): string;
}

interface Range extends MapItem {
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

/** Entries that are looked at between two yields. */
const SLICE = 1 << 15;

/**
 * A map of files in groups in groups, made in slices.
 * @param bytes of the content of each entry
 * @param levels the outermost first
 */
export function* groupSource(
  tree: Tree,
  bytes: Float64Array,
  levels: readonly Level[],
): Generator<undefined, MapSource> {
  const order = yield* sortByLevels(bytes, levels);
  const sums = new Float64Array(order.length + 1);
  for (let at = 0; at < order.length; at++) sums[at + 1] = (sums[at] ?? 0) + (bytes[order[at] ?? 0] ?? 0);
  yield;
  const valueOf = (from: number, to: number): number => (sums[to] ?? 0) - (sums[from] ?? 0);
  const rangeOf = (from: number, to: number, level: number, label: string, href?: string): Range => ({
    key: `${level}:${from}`,
    label,
    value: valueOf(from, to),
    isFolder: true,
    from,
    to,
    level,
    ...(href !== undefined && { href }),
  });
  return {
    root: rangeOf(0, order.length, 0, 'All'),
    children: (item, least) => {
      const { from, to, level: depth } = item as Range;
      const level = levels[depth];
      const items: MapItem[] = [];
      const rest = { count: 0, value: 0 };
      for (let at = from; at < to;) {
        const start = at;
        const first = order[at++] ?? 0;
        const group = level?.groups[first];
        while (level && at < to && level.groups[order[at] ?? 0] === group) at++;
        const value = valueOf(start, at);
        if (value < least) {
          rest.count++;
          rest.value += value;
        } else if (level && group !== undefined)
          items.push(rangeOf(start, at, depth + 1, level.label(group), level.href?.(group)));
        else items.push(fileItem(tree, first, value));
      }
      return withRest(item, items, rest);
    },
  };
}

function fileItem(tree: Tree, entry: number, value: number): MapItem {
  const path = pathOf(tree, entry);
  return {
    key: `file:${entry}`,
    label: path,
    value,
    entry,
    href: formatRoute('files', { path }),
    isFolder: false,
    ...(tree.difference && { change: tree.difference.changes[entry] ?? 0 }),
  };
}

/** Entries with content, group by group: a counting sort by each level, the innermost first. */
function* sortByLevels(bytes: Float64Array, levels: readonly Level[]): Generator<undefined, Int32Array> {
  let order = Int32Array.from(bytes.keys()).filter((entry) => (bytes[entry] ?? 0) > 0);
  for (const { groups } of [...levels].reverse()) {
    yield;
    const starts: number[] = [0, 0];
    for (const entry of order) {
      const place = (groups[entry] ?? -1) + 2;
      while (starts.length <= place) starts.push(0);
      starts[place] = (starts[place] ?? 0) + 1;
    }
    for (let place = 1; place < starts.length; place++)
      starts[place] = (starts[place] ?? 0) + (starts[place - 1] ?? 0);
    const sorted = new Int32Array(order.length);
    for (const [index, entry] of order.entries()) {
      const place = (groups[entry] ?? -1) + 1;
      const at = starts[place] ?? 0;
      sorted[at] = entry;
      starts[place] = at + 1;
      if (index % SLICE === 0) yield;
    }
    order = sorted;
  }
  return order;
}
