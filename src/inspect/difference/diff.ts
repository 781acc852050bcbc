import type { Digest } from '../../core/index.ts';
import type { Layer } from '../../oci/index.ts';
import { reportImage } from '../report/image.ts';
import { packagesOf } from '../report/packages.ts';
import { reportTotals } from '../report/totals.ts';
import type { ImageView } from '../view.ts';
import { diffConfig } from './config.ts';
import type { DiffReport } from './diff-schema.ts';
import { diffFiles } from './files.ts';
import { diffPackages } from './packages.ts';
import type { CompareVersions } from './versions.ts';

/** An image with the name that it was asked for by. */
export interface NamedView {
  readonly name: string;
  readonly view: ImageView;
}

/** What is different in a second image, in the form of the published schema (schema/diff.schema.json). */
export function diffImages(before: NamedView, after: NamedView, compare: CompareVersions): DiffReport {
  const config = diffConfig(before.view.image, after.view.image);
  const packages = diffPackages(packagesOf(before.view), packagesOf(after.view), compare);
  const files = diffFiles(before.view.tree, after.view.tree);
  const count = files.added.length + files.removed.length + files.changed.length;
  return {
    schemaVersion: 1,
    before: sideOf(before),
    after: sideOf(after),
    identical: config.length + packages.length + count === 0,
    layers: diffLayers(before.view.image.layers, after.view.image.layers),
    config,
    packages,
    files,
  };
}

function sideOf({ name, view }: NamedView): DiffReport['before'] {
  return { image: reportImage(view.image, name), totals: reportTotals(view) };
}

function diffLayers(before: readonly Layer[], after: readonly Layer[]): DiffReport['layers'] {
  const [old, now] = [idsOf(before), idsOf(after)];
  const isShared = ({ diffId }: Layer): boolean => old.has(diffId);
  return {
    shared: [...now].filter((id) => old.has(id)),
    removed: [...old].filter((id) => !now.has(id)),
    added: [...now].filter((id) => !old.has(id)),
    sharedSize: sizeOf(after.filter(isShared)),
    addedSize: sizeOf(after.filter((layer) => !isShared(layer))),
  };
}

function idsOf(layers: readonly Layer[]): Set<Digest> {
  return new Set(layers.map(({ diffId }) => diffId));
}

function sizeOf(layers: readonly Layer[]): number {
  return layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}
