import type { ImageTree } from '../inspect/index.ts';

/** Mode of a folder that no layer has. */
const IMPLICIT_MODE = 0o755;

/** All that is in an image, in the order in which layers brought it. */
export function* filesOf(tree: ImageTree): Generator<number> {
  for (let id = 0; id < tree.count; id++) if (tree.isThere(id)) yield id;
}

/** Permission bits of a file; cheaper than all that is known of it. */
export function modeOf(tree: ImageTree, id: number): number {
  const at = tree.entryNumber(id);
  const layer = tree.layers[tree.layer(id)];
  return at === undefined ? IMPLICIT_MODE : (layer?.entries.columns.modes[at] ?? IMPLICIT_MODE);
}
