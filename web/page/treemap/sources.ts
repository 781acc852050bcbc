import { layerTitle, packageHref } from '../report.ts';
import type { Report } from '../load.ts';
import { formatRoute } from '../route.ts';
import { CHANGE, type Tree } from '../tree.ts';
import { folderSource } from './folders.ts';
import { groupSource, type Level } from './groups.ts';
import type { MapSource } from './source.ts';

export type MapKind = 'folder' | 'package' | 'layer';

/**
 * The map of a report, made in slices.
 * @param changesOnly of a difference: bytes that were added, removed or replaced
 */
export function* mapSource(
  report: Report,
  tree: Tree,
  kind: MapKind,
  changesOnly: boolean,
): Generator<undefined, MapSource> {
  if (kind === 'folder') return folderSource(tree, changesOnly ? tree.bytesChanged : tree.bytes);
  const bytes = ownBytes(tree, changesOnly);
  yield;
  const packages = packageLevel(report, tree);
  if (kind === 'layer') return yield* groupSource(tree, bytes, [layerLevel(report, tree), packages]);
  const hasTypes = new Set(report.packages.map(({ type }) => type)).size > 1;
  return yield* groupSource(tree, bytes, hasTypes ? [typeLevel(report, tree), packages] : [packages]);
}

function ownBytes({ sizes, difference }: Tree, changesOnly: boolean): Float64Array {
  return sizes.map((size, entry) => {
    const change = difference?.changes[entry] ?? CHANGE.same;
    if (!changesOnly) return change === CHANGE.removed ? 0 : size;
    if (change === CHANGE.same || change === CHANGE.metadata) return 0;
    return change === CHANGE.content ? Math.max(size, difference?.sizes[entry] ?? 0) : size;
  });
}

function typeLevel({ packages }: Report, tree: Tree): Level {
  const types = [...new Set(packages.map(({ type }) => type))];
  const typeOf = packages.map(({ type }) => types.indexOf(type));
  return {
    groups: tree.packages.map((found) => typeOf[found] ?? -1),
    label: (group) => types[group] ?? 'in no package',
  };
}

function packageLevel({ packages }: Report, tree: Tree): Level {
  return {
    groups: tree.packages,
    label: (group) => packages[group]?.name ?? 'in no package',
    href: (group) => {
      const found = packages[group];
      return found ? packageHref(found) : formatRoute('files', { kind: 'unowned' });
    },
  };
}

/** Layers of the second image, then those of the first one that removed files come from. */
function layerLevel({ image, before }: Report, tree: Tree): Level {
  const own = image.layers.length;
  const changes = tree.difference?.changes;
  return {
    groups: tree.layers.map((layer, entry) =>
      layer >= 0 && changes?.[entry] === CHANGE.removed ? own + layer : layer,
    ),
    label: (group) =>
      group < own
        ? layerTitle(group, image.layers)
        : `Before: ${layerTitle(group - own, before?.layers ?? [])}`,
    href: (group) => formatRoute('layers', { layer: group < own ? group + 1 : undefined }),
  };
}
