import { PithError, throwIfInterrupted } from '../core/index.ts';
import {
  type Artifact,
  assembleImage,
  assembleIndex,
  formatPlatform,
  type Image,
  imagesOf,
} from '../oci/index.ts';
import type { Store } from '../store/index.ts';
import { readBaseImage } from './base-image.ts';
import { withBase } from './rebase-annotations.ts';
import { configOnNewBase, type RebasedImages } from './rebase-config.ts';
import { checkDistribution } from './rebase-distribution.ts';
import { checkFiles, type Findings } from './rebase-files.ts';
import { checkOldBase, imageFor, layersOnNewBase, ownLayers, platformOf } from './rebase-layers.ts';
import { checkLibraries } from './rebase-libraries.ts';
import { checkPrograms } from './rebase-programs.ts';
import { type RebasedPlatform, type RebaseReport, unsound } from './rebase-report.ts';
import { readOwnLayers, stackOn } from './rebase-root.ts';

export interface RebaseOptions {
  /** The application's image, or an index of its images; those of its platforms that are wanted. */
  readonly image: Artifact;
  /** What it was built on, for all of its platforms at least. */
  readonly oldBase: Artifact;
  readonly newBase: Artifact;
  /** Reference of the new base in a registry, for the annotation that names it. */
  readonly newBaseName?: string;
  /** Tells what is not sound in the report, instead of failing. */
  readonly force?: boolean;
}

export interface RebaseContext {
  /** Remembers what bases hold. */
  readonly store: Store;
  readonly signal?: AbortSignal;
}

/**
 * Puts an application on a new base: the layers of the old base go, those of the new one come, the application's own stay byte for
 * byte. Nothing is written. Whether the application works there as it did is checked first, from what its files and those of
 * the bases say; nothing is run.
 * @throws PithError UNKNOWN_PLATFORM if a base lacks a platform of the image, REBASE_UNSOUND if the image does not lie on the old
 * base, or (without `force`) for what the checks find, INTERRUPTED, and what reading layers throws
 */
export async function rebaseImage(options: RebaseOptions, context: RebaseContext): Promise<RebaseReport> {
  const { image: artifact, oldBase, newBase } = options;
  const chosen = imagesOf(artifact).map((image) => ({
    image,
    oldBase: imageFor(platformOf(image), oldBase, 'old'),
    newBase: imageFor(platformOf(image), newBase, 'new'),
  }));
  if (chosen.length === 0) throw new PithError('IMAGE_INVALID', 'there is no image to rebase');
  for (const images of chosen) checkOldBase(images);
  const done: { image: Image; report: RebasedPlatform }[] = [];
  for (const images of chosen) {
    throwIfInterrupted(context.signal);
    done.push(await rebaseOne(images, options, context));
  }
  const platforms = done.map(({ report }) => report);
  if (!options.force && platforms.some(({ findings }) => findings.length > 0)) throw unsound(platforms);
  return {
    platforms,
    leftOut: artifact.kind === 'index' ? (artifact.others?.length ?? 0) : 0,
    artifact: assemble(
      options,
      done.map(({ image }) => image),
    ),
  };
}

/** An index where there was one. */
function assemble({ image, newBase, newBaseName }: RebaseOptions, images: readonly Image[]): Artifact {
  const [only] = images;
  if (image.kind === 'image' && only) return only;
  const annotations = image.kind === 'index' ? image.manifest.annotations : undefined;
  return assembleIndex(images, withBase(annotations, newBaseName, newBase.descriptor.digest));
}

async function rebaseOne(
  images: RebasedImages,
  { newBase, newBaseName }: RebaseOptions,
  context: RebaseContext,
): Promise<{ image: Image; report: RebasedPlatform }> {
  const { image } = images;
  const config = configOnNewBase(images);
  const { findings, notes } = await check(images, config.config ?? {}, context);
  const own = ownLayers(image, images.oldBase);
  const rebased = assembleImage({
    config,
    layers: layersOnNewBase(images),
    annotations: withBase(image.manifest.annotations, newBaseName, newBase.descriptor.digest),
  });
  return {
    image: rebased,
    report: {
      platform: formatPlatform(platformOf(image)),
      before: image.descriptor.digest,
      after: rebased.descriptor.digest,
      oldBase: images.oldBase.descriptor.digest,
      newBase: images.newBase.descriptor.digest,
      layersRemoved: images.oldBase.layers.length,
      layersAdded: images.newBase.layers.length,
      layersKept: own.length,
      findings,
      notes,
    },
  };
}

async function check(
  { image, oldBase, newBase }: RebasedImages,
  config: NonNullable<Image['config']['config']>,
  { store, signal }: RebaseContext,
): Promise<Findings> {
  const [before, after, layers] = await Promise.all([
    readBaseImage(oldBase, store),
    readBaseImage(newBase, store),
    readOwnLayers(ownLayers(image, oldBase), signal),
  ]);
  const found: Findings = { findings: [], notes: [] };
  const roots = { oldRoot: stackOn(before, layers), newRoot: stackOn(after, layers) };
  checkDistribution(before, after, found);
  checkFiles({ oldBase: before, newBase: after, ...roots }, found);
  const oldStart = { root: roots.oldRoot, config: image.config.config ?? {} };
  const newStart = { root: roots.newRoot, config };
  checkLibraries(oldStart, newStart, platformOf(image), found);
  checkPrograms(oldStart, newStart, found);
  return found;
}
