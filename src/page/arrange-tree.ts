import { byText, PithError } from '../core/index.ts';

/** The order in which entries are written: each folder, then all that it holds, by name. */
export interface Arrangement {
  /** Numbers of the entries. */
  readonly order: Int32Array;
  /** How many folders an entry is below the root, in that order. */
  readonly depths: Int32Array;
}

/**
 * Arranges a tree depth first.
 * @param names what siblings are ordered by
 * @param parents number of each entry's folder, lower than its own
 * @throws PithError INTERNAL for a parent that does not come before its children, which would allow a circle
 */
export function arrangeTree(names: readonly string[], parents: ArrayLike<number>): Arrangement {
  const count = names.length;
  const children = new Map<number, number[]>();
  for (let entry = 1; entry < count; entry++) {
    const parent = parents[entry] ?? -1;
    if (!(parent >= 0 && parent < entry))
      throw new PithError('INTERNAL', `entry ${entry} of a page's tree comes before its folder`);
    const siblings = children.get(parent);
    if (siblings) siblings.push(entry);
    else children.set(parent, [entry]);
  }
  // The last by name comes first on the stack's bottom, so that the first is on top.
  for (const siblings of children.values())
    siblings.sort((a, b) => byText(names[b] ?? '', names[a] ?? '') || b - a);
  const order = new Int32Array(count);
  const depths = new Int32Array(count);
  const depthOf = new Int32Array(count);
  const open = count > 0 ? [0] : [];
  for (let at = 0; at < count; at++) {
    const entry = open.pop() ?? 0;
    order[at] = entry;
    const depth = depthOf[entry] ?? 0;
    depths[at] = depth;
    for (const child of children.get(entry) ?? []) {
      depthOf[child] = depth + 1;
      open.push(child);
    }
  }
  return { order, depths };
}
