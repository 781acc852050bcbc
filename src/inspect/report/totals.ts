import type { ImageView } from '../view.ts';
import type { InspectSummary } from './inspect-schema.ts';
import { absolute } from './findings.ts';

/** How many of the largest files are named. */
const LARGEST = 25;

export function reportTotals({ image, contents: { layers }, tree }: ImageView): InspectSummary['totals'] {
  let [files, folders, links] = [0, 0, 0];
  for (let id = 1; id < tree.count; id++) {
    if (!tree.isThere(id)) continue;
    const type = tree.type(id);
    if (type === 'file') files++;
    else if (type === 'directory') folders++;
    else if (type === 'symlink') links++;
  }
  return {
    size: image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    unpackedSize: layers.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0),
    layers: layers.length,
    files,
    folders,
    links,
    bytes: tree.totals().bytes[tree.root] ?? 0,
  };
}

/** The largest files, the largest first. */
export function findLargest({ tree }: ImageView): InspectSummary['largest'] {
  const largest: number[] = [];
  let least = 0;
  for (let id = 0; id < tree.count; id++) {
    const size = tree.size(id);
    if (!tree.isThere(id) || size <= least) continue;
    largest.push(id);
    if (largest.length < LARGEST * 20) continue;
    shorten(largest, tree);
    least = tree.size(largest.at(-1) ?? 0);
  }
  shorten(largest, tree);
  return largest.map((id) => ({ path: absolute(tree.path(id)), size: tree.size(id), layer: tree.layer(id) }));
}

/** In the order of size and, of the same size, as the layers have them. */
function shorten(ids: number[], tree: ImageView['tree']): void {
  ids.sort((a, b) => tree.size(b) - tree.size(a) || a - b).splice(LARGEST);
}
