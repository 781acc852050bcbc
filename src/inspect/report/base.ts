import type { Image } from '../../oci/index.ts';
import type { InspectSummary } from './inspect-schema.ts';

const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/** An image that others may lie on. */
export interface BaseCandidate {
  readonly name: string;
  readonly image: Image;
}

/**
 * What an image lies on: the candidate whose layers are its lowest ones, the one with most of them; else what its annotations
 * say (image-spec 1.1, annotations.md). A candidate with all of its layers is the image itself.
 */
export function recogniseBase(
  { layers, manifest: { annotations = {} } }: Image,
  candidates: readonly BaseCandidate[],
): InspectSummary['base'] {
  const [best] = candidates
    .filter(({ image }) => image.layers.length > 0 && image.layers.length < layers.length)
    .filter(({ image }) => image.layers.every(({ diffId }, at) => diffId === layers[at]?.diffId))
    .sort((a, b) => b.image.layers.length - a.image.layers.length);
  if (best) {
    const { digest } = best.image.descriptor;
    return { name: best.name, digest, layers: best.image.layers.length, recognisedBy: 'layers' };
  }
  const [name, digest] = [annotations[BASE_NAME], annotations[BASE_DIGEST]];
  if (name === undefined && digest === undefined) return undefined;
  return { name, digest, layers: undefined, recognisedBy: 'annotations' };
}
