import type { Digest } from '../../core/index.ts';
import type { HistoryEntry, Image } from '../../oci/index.ts';
import type { ImageView } from '../view.ts';
import type { Waste } from '../waste.ts';
import type { BaseCandidate } from './base.ts';
import type { InspectSummary } from './inspect-schema.ts';

type ReportedLayer = InspectSummary['layers'][number];
type ReportedStep = InspectSummary['history'][number];

/** What each layer is, brings and takes away. */
export function reportLayers(
  { image, contents: { layers }, tree }: ImageView,
  waste: Waste,
  others: readonly BaseCandidate[],
): ReportedLayer[] {
  const owners = ownersOf(
    others.filter((other) => other.image.descriptor.digest !== image.descriptor.digest),
  );
  const steps = (image.config.history ?? []).filter((step) => step.empty_layer !== true);
  return layers.map(({ layer, unpackedSize, diffId, entries }, index) => {
    const { descriptor } = layer;
    let files = 0;
    for (let at = 0; at < entries.length; at++) if (entries.type(at) === 'file') files++;
    return {
      index,
      digest: descriptor.digest,
      diffId: layer.diffId,
      actualDiffId: diffId === layer.diffId ? undefined : diffId,
      mediaType: descriptor.mediaType,
      size: descriptor.size,
      unpackedSize,
      ...saidOf(steps[index] ?? {}),
      entries: entries.length,
      files,
      ...tree.changes(index),
      wastedBytes: waste.byLayer[index] ?? 0,
      sharedWith: [...(owners.get(layer.diffId) ?? [])],
    };
  });
}

/** The names of the images that have a layer, by its diffID. */
function ownersOf(images: readonly BaseCandidate[]): Map<Digest, Set<string>> {
  const owners = new Map<Digest, Set<string>>();
  for (const { name, image } of images)
    for (const { diffId } of image.layers) owners.set(diffId, (owners.get(diffId) ?? new Set()).add(name));
  return owners;
}

/** The history of an image with the layers that its steps made. */
export function reportHistory({ config }: Image): ReportedStep[] {
  let layer = 0;
  return (config.history ?? []).map((step) => ({
    ...saidOf(step),
    layer: step.empty_layer === true ? undefined : layer++,
  }));
}

function saidOf({
  created,
  created_by,
  comment,
}: HistoryEntry): Pick<ReportedLayer, 'created' | 'createdBy' | 'comment'> {
  return { created, createdBy: created_by, comment };
}
