import { decompress } from '../archive/index.ts';
import { canonicalJson, Digester, digestOf, PithError, type Digest } from '../core/index.ts';
import { platformOfConfig } from './assemble.ts';
import { compressionOfLayer, isConfigType, isIndexType, isManifestType } from './media-types.ts';
import { imagesOf, type Artifact, type Image, type ImageIndex, type Layer } from './model.ts';
import { parseConfig, parseIndex, parseManifest } from './parse.ts';
import { formatPlatform } from './platform.ts';
import type { Descriptor } from './types.ts';

/**
 * Recomputes everything that an artifact says of itself: every digest, size, diffID and platform, from the bytes.
 * @throws IMAGE_INVALID that lists all contradictions
 */
export async function validateArtifact(artifact: Artifact): Promise<void> {
  if (artifact.kind === 'index') report('index', artifact.descriptor.digest, checkIndex(artifact));
  for (const image of imagesOf(artifact)) await validateImage(image);
}

/** As validateArtifact, of one image. */
async function validateImage(image: Image): Promise<void> {
  const faults = [...checkDocuments(image)];
  for (const [i, layer] of image.layers.entries())
    faults.push(...(await checkLayer(layer, `layer ${i + 1}`)));
  report('image', image.descriptor.digest, faults);
}

function report(kind: string, digest: Digest, faults: readonly string[]): void {
  if (faults.length > 0)
    throw new PithError('IMAGE_INVALID', `${kind} ${digest} contradicts itself: ${faults.join('; ')}`);
}

function* checkBytes(what: string, descriptor: Descriptor, bytes: Uint8Array): Generator<string> {
  if (descriptor.size !== bytes.length) yield `${what} has ${bytes.length} bytes, not ${descriptor.size}`;
  const digest = digestOf(bytes);
  if (descriptor.digest !== digest) yield `${what} has the digest ${digest}, not ${descriptor.digest}`;
}

function* checkDocuments(image: Image): Generator<string> {
  yield* checkBytes('the manifest', image.descriptor, image.manifestBytes);
  yield* checkBytes('the configuration', image.manifest.config, image.configBytes);
  yield* checkSame('the manifest', image.manifest, parseManifest(image.manifestBytes));
  yield* checkSame('the configuration', image.config, parseConfig(image.configBytes));
  if (!isManifestType(image.descriptor.mediaType))
    yield `the media type ${image.descriptor.mediaType} is not that of a manifest`;
  if (!isConfigType(image.manifest.config.mediaType))
    yield `the media type ${image.manifest.config.mediaType} is not that of a configuration`;
  const platform = formatPlatform(platformOfConfig(image.config));
  if (image.descriptor.platform && formatPlatform(image.descriptor.platform) !== platform)
    yield `the configuration is for ${platform}, not for ${formatPlatform(image.descriptor.platform)}`;
  yield* checkSame(
    'the list of layers',
    image.layers.map((layer) => layer.descriptor),
    image.manifest.layers,
  );
  yield* checkSame(
    'the list of diffIDs',
    image.layers.map((layer) => layer.diffId),
    image.config.rootfs.diff_ids,
  );
}

function checkIndex(index: ImageIndex): string[] {
  const faults = [...checkBytes('the index', index.descriptor, index.bytes)];
  if (!isIndexType(index.descriptor.mediaType))
    faults.push(`the media type ${index.descriptor.mediaType} is not that of an index`);
  faults.push(...checkSame('the index', index.manifest, parseIndex(index.bytes)));
  const digests = (descriptors: readonly Descriptor[]): Digest[] =>
    descriptors.map((descriptor) => descriptor.digest);
  const rest = new Set(
    [...(index.others ?? []).map(({ descriptor }) => descriptor), ...(index.blobs ?? [])].map(
      ({ digest }) => digest,
    ),
  );
  faults.push(
    ...checkSame(
      'the list of images',
      digests(index.images.map((image) => image.descriptor)),
      digests(index.manifest.manifests).filter((digest) => !rest.has(digest)),
    ),
  );
  return faults;
}

function* checkSame(what: string, model: unknown, bytes: unknown): Generator<string> {
  if (canonicalJson(model) !== canonicalJson(bytes)) yield `${what} is not what the bytes say`;
}

async function checkLayer({ descriptor, diffId, blob }: Layer, what: string): Promise<string[]> {
  const stored = new Digester();
  const unpacked = new Digester();
  const metered = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of blob.open()) {
      stored.update(piece);
      yield piece;
    }
  };
  const faults: string[] = [];
  try {
    const source = decompress(compressionOfLayer(descriptor.mediaType), metered(), what);
    for await (const piece of source) unpacked.update(piece);
  } catch (error) {
    if (!(error instanceof PithError && error.code === 'ARCHIVE_INVALID')) throw error;
    return [error.message];
  }
  if (blob.digest !== descriptor.digest || blob.size !== descriptor.size)
    faults.push(`${what} is another blob than its descriptor says`);
  if (stored.size !== descriptor.size)
    faults.push(`${what} has ${stored.size} bytes, not ${descriptor.size}`);
  if (stored.digest() !== descriptor.digest)
    faults.push(`${what} has the digest ${stored.digest()}, not ${descriptor.digest}`);
  if (unpacked.digest() !== diffId) faults.push(`${what} has the diffID ${unpacked.digest()}, not ${diffId}`);
  return faults;
}
