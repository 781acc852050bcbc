import { byText } from '../core/index.ts';
import { keptEntries } from './kept-entries.ts';
import type { ImageTree } from './tree.ts';

/** What could be saved: bytes that are stored, and that no container sees. */
export interface Waste {
  /** Bytes of the content of all files in all layers. */
  readonly storedBytes: number;
  /** Of these, what a higher layer replaces or removes. */
  readonly wastedBytes: number;
  /** From 0 to 1: what a container sees of what is stored; 1 if nothing is stored. */
  readonly efficiency: number;
  /** Wasted bytes of each layer. */
  readonly byLayer: readonly number[];
  /** Most bytes first. */
  readonly paths: readonly WastedPath[];
}

export interface WastedPath {
  readonly path: string;
  readonly bytes: number;
  /** Copies that no container sees. */
  readonly copies: number;
  /** Nothing is at this path in the image any more. */
  readonly removed: boolean;
}

/** Adds up the copies of files that are hidden by what lies above them. */
export function measureWaste(tree: ImageTree): Waste {
  const kept = keptEntries(tree);
  const byPath = new Map<string, { bytes: number; copies: number }>();
  const byLayer = tree.layers.map(() => 0);
  let storedBytes = 0;
  for (const [layer, { entries }] of tree.layers.entries())
    for (let at = 0; at < entries.length; at++) {
      const size = entries.size(at);
      storedBytes += size;
      if (size === 0 || kept[layer]?.[at] === 1) continue;
      byLayer[layer] = (byLayer[layer] ?? 0) + size;
      const path = entries.path(at);
      const before = byPath.get(path);
      if (before) {
        before.bytes += size;
        before.copies++;
      } else byPath.set(path, { bytes: size, copies: 1 });
    }
  const wastedBytes = byLayer.reduce((sum, bytes) => sum + bytes, 0);
  const paths = [...byPath].map(([path, { bytes, copies }]) => ({
    path,
    bytes,
    copies,
    removed: tree.resolve(path, { followLast: false }) === undefined,
  }));
  return {
    storedBytes,
    wastedBytes,
    efficiency: storedBytes === 0 ? 1 : (storedBytes - wastedBytes) / storedBytes,
    byLayer,
    paths: paths.sort((a, b) => b.bytes - a.bytes || byText(a.path, b.path)),
  };
}
