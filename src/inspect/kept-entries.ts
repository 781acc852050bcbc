import type { ImageTree } from './tree.ts';

/**
 * Which entries of the layers a container sees: one array a layer, 1 for an entry that the image is made of. A file that only
 * a hard link still names counts, since its bytes are needed.
 */
export function keptEntries(tree: ImageTree): readonly Uint8Array[] {
  const kept = tree.layers.map(({ entries }) => new Uint8Array(entries.length));
  for (let id = 0; id < tree.count; id++) {
    const at = tree.entryNumber(id);
    if (at === undefined || !tree.isThere(id)) continue;
    const marks = kept[tree.layer(id)];
    if (marks) marks[at] = 1;
  }
  for (const [layer, { entries }] of tree.layers.entries()) {
    const marks = kept[layer];
    if (!marks) continue;
    const targets = new Set<string>();
    for (const [at, target] of entries.columns.linkNames)
      if (marks[at] === 1 && entries.type(at) === 'hardlink') targets.add(target);
    if (targets.size === 0) continue;
    // The last entry of a name is the one that a link leads to.
    for (let at = entries.length - 1; at >= 0 && targets.size > 0; at--)
      if (targets.delete(entries.path(at)) && entries.type(at) === 'file') marks[at] = 1;
  }
  return kept;
}
