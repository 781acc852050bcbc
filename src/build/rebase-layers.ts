import { PithError } from '../core/index.ts';
import {
  type Artifact,
  formatPlatform,
  type Image,
  imagesOf,
  type Layer,
  type Platform,
  platformOfConfig,
} from '../oci/index.ts';
import { baseLayers } from './on-base.ts';
import type { RebasedImages } from './rebase-config.ts';

/** The platform that an image is for. */
export function platformOf({ descriptor, config }: Image): Platform {
  return descriptor.platform ?? platformOfConfig(config);
}

/** The image of a base for a platform. @throws PithError UNKNOWN_PLATFORM */
export function imageFor(platform: Platform, base: Artifact, which: 'old' | 'new'): Image {
  const name = formatPlatform(platform);
  const there = imagesOf(base).map((image) => ({ image, name: formatPlatform(platformOf(image)) }));
  const found = there.find((one) => one.name === name);
  if (found) return found.image;
  throw new PithError('UNKNOWN_PLATFORM', `the ${which} base has no image for ${name}`, {
    hint: `It has ${there.map((one) => one.name).join(', ')}. Choose the platforms with --platform.`,
  });
}

/**
 * The layers of the image on its new base: those of that base, then the application's own. These are the same bytes; all have the
 * media types of OCI, whatever the images had.
 */
export function layersOnNewBase({ image, oldBase, newBase }: RebasedImages): Layer[] {
  return [...baseLayers(newBase), ...ownLayers(image, oldBase)];
}

/** The layers that the application adds to a base. */
export function ownLayers(image: Image, base: Image): Layer[] {
  return baseLayers(image).slice(base.layers.length);
}

/**
 * Makes sure that an image lies on its old base: that its first layers are those of the base, however they are compressed.
 * @throws PithError REBASE_UNSOUND
 */
export function checkOldBase({ image, oldBase, newBase }: RebasedImages): void {
  const at = firstDifference(image, oldBase);
  if (at === undefined) return;
  const platform = formatPlatform(platformOf(image));
  const isDone = newBase.layers.length > 0 && firstDifference(image, newBase) === undefined;
  const where =
    at < image.layers.length
      ? `layer ${at + 1} is ${image.layers[at]?.diffId ?? ''}, in the old base ${oldBase.layers[at]?.diffId ?? ''}`
      : `it has ${count(image)}, the old base ${count(oldBase)}`;
  throw new PithError(
    'REBASE_UNSOUND',
    `the image for ${platform} does not lie on the old base: ${where} (diffIDs)`,
    {
      hint: isDone
        ? 'It lies on the new base already.'
        : 'Name the base that it was built on with --old, best by digest: a tag may have moved since.',
    },
  );
}

/** Number of the first layer of a base that the image has not. */
function firstDifference(image: Image, base: Image): number | undefined {
  const at = base.layers.findIndex((layer, index) => image.layers[index]?.diffId !== layer.diffId);
  return at < 0 ? undefined : at;
}

function count({ layers }: Image): string {
  return `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`;
}
