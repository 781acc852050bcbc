import { escapeName, mapConcurrent, Once, PithError } from '../core/index.ts';
import {
  assembleIndex,
  formatPlatform,
  isAnyManifestType,
  isConfigType,
  isForeignLayer,
  isIndexType,
  isManifestType,
  parseConfig,
  parseIndex,
  parseManifest,
  platformOfConfig,
  type AnyArtifact,
  type Artifact,
  type Blob,
  type Descriptor,
  type Image,
  type ImageIndex,
  type OtherArtifact,
  type Platform,
} from '../oci/index.ts';
import { blobPath, verified } from './blobs.ts';
import type { OpenOptions } from './contract.ts';
import type { FileTree } from './file-tree.ts';
import { invalid, plainDescriptor, readDocument, readSmallBlob, type FindBlob } from './read-document.ts';
import { OtherReader, READ_AT_ONCE } from './read-other.ts';

/** Finds blobs in the `blobs` folder of an OCI layout. */
export function blobsIn(tree: FileTree): FindBlob {
  return async ({ digest, size }, what) => {
    const path = blobPath(digest);
    const found = await tree.sizeOf(path);
    if (found === undefined) throw invalid(`${tree.name}: ${what} is missing (${path})`);
    if (found !== size)
      throw invalid(`${tree.name}: ${what} (${path}) has ${found} bytes, not the ${size} that are declared`);
    const open = (): AsyncIterable<Uint8Array> => verified({ digest, size, open: () => tree.open(path) });
    return { digest, size, isVerified: true, open };
  };
}

/**
 * Reads the artifact of a descriptor: documents now, layers when they are opened.
 * @throws IMAGE_INVALID, UNKNOWN_PLATFORM
 */
export async function readArtifact(
  descriptor: Descriptor,
  find: FindBlob,
  options: OpenOptions = {},
): Promise<Artifact> {
  return requireImage(await readAny(descriptor, find, options));
}

/** @throws IMAGE_INVALID for what is no container image */
export function requireImage(artifact: AnyArtifact): Artifact {
  if (artifact.kind !== 'other') return artifact;
  const { digest, mediaType } = artifact.descriptor;
  const why = isManifestType(mediaType)
    ? `image ${digest} is no container image`
    : `${digest} is neither an image nor an index, but ${mediaType}`;
  throw new PithError('IMAGE_INVALID', why, {
    hint: 'It is an artifact of another kind: `pith manifest` shows it, and `pith copy` and `pith blob` work with it.',
  });
}

/** As readArtifact, of an artifact of any kind. */
export async function readAny(
  descriptor: Descriptor,
  find: FindBlob,
  { platforms = [] }: OpenOptions = {},
): Promise<AnyArtifact> {
  if (isIndexType(descriptor.mediaType))
    return await readIndex(descriptor, find, new Set(platforms.map(formatPlatform)));
  const artifact = await readManifest(descriptor, find, new OtherReader(find));
  return artifact.kind === 'image' ? requirePlatforms(artifact, platforms) : artifact;
}

/** The image, if it is for all of the platforms. @throws UNKNOWN_PLATFORM */
export function requirePlatforms(image: Image, platforms: readonly Platform[]): Image {
  const found = platformOf(image);
  const missing = platforms.map(formatPlatform).filter((platform) => platform !== found);
  if (missing.length === 0) return image;
  throw noPlatform(image.descriptor, missing, [found]);
}

/** Reads an image, or a manifest that is none. */
async function readManifest(
  descriptor: Descriptor,
  find: FindBlob,
  others: OtherReader,
): Promise<Image | OtherArtifact> {
  if (!isManifestType(descriptor.mediaType)) return await others.read(descriptor);
  const what = `image ${descriptor.digest}`;
  const bytes = await readDocument(descriptor, find, what);
  const { config } = parseManifest(bytes, what);
  if (isConfigType(config.mediaType)) return await readImage(descriptor, find, bytes);
  return await others.read(descriptor, bytes);
}

async function readIndex(
  descriptor: Descriptor,
  find: FindBlob,
  wanted: ReadonlySet<string>,
): Promise<Artifact> {
  const what = `index ${descriptor.digest}`;
  const bytes = await readDocument(descriptor, find, what);
  const manifest = parseIndex(bytes, what);
  const listed = manifest.manifests.filter(
    (child) => wanted.size === 0 || !child.platform || wanted.has(formatPlatform(child.platform)),
  );
  const manifests = listed.filter((child) => isAnyManifestType(child.mediaType));
  const reader = new OtherReader(find);
  const once = new Once<Image | OtherArtifact>();
  const children = await mapConcurrent(manifests, READ_AT_ONCE, (child) =>
    isAttestation(child)
      ? reader.read(child)
      : once.do(`${child.digest} ${child.platform ? formatPlatform(child.platform) : ''}`, () =>
          readManifest(child, find, reader),
        ),
  );
  const images = children.filter((child) => child.kind === 'image');
  if (wanted.size > 0) return selectImages(descriptor, manifest, images, [...wanted]);
  const others = children.filter((child) => child.kind === 'other');
  const blobs = await Promise.all(
    listed
      .filter((child) => !isAnyManifestType(child.mediaType))
      .map((child) => find(child, `${child.mediaType} of ${what}`, 'blob')),
  );
  return {
    kind: 'index',
    descriptor: plainDescriptor(descriptor),
    manifest,
    bytes,
    images,
    ...(others.length > 0 ? { others } : {}),
    ...(blobs.length > 0 ? { blobs } : {}),
  };
}

/** The one image of the one platform, or a new index of several. */
function selectImages(
  descriptor: Descriptor,
  manifest: ImageIndex['manifest'],
  images: readonly Image[],
  wanted: readonly string[],
): Artifact {
  const selected = wanted.map((platform) => images.find((image) => platformOf(image) === platform));
  const missing = wanted.filter((_platform, i) => selected[i] === undefined);
  if (missing.length > 0) {
    const listed = manifest.manifests.filter((child) => !isAttestation(child));
    const other = listed.find(({ platform }) => platform && missing.includes(formatPlatform(platform)));
    if (other) throw noImage(descriptor, other);
    const there = listed.map(({ platform }) => platform);
    throw noPlatform(
      descriptor,
      missing,
      there.filter((platform) => platform !== undefined).map(formatPlatform),
    );
  }
  const found = selected.filter((image) => image !== undefined);
  const [only, ...more] = found;
  return only && more.length === 0 ? only : assembleIndex(found, manifest.annotations);
}

function platformOf({ descriptor, config }: Image): string {
  return formatPlatform(descriptor.platform ?? platformOfConfig(config));
}

function noPlatform({ digest }: Descriptor, missing: readonly string[], there: readonly string[]): PithError {
  return new PithError('UNKNOWN_PLATFORM', `${digest} has no image for ${missing.join(', ')}`, {
    hint: there.length === 0 ? 'It names no platforms.' : `It has ${[...new Set(there)].join(', ')}.`,
  });
}

/** Of what an index lists for a platform, but is no container image. */
function noImage({ digest }: Descriptor, { digest: other, mediaType, platform }: Descriptor): PithError {
  const name = platform ? formatPlatform(platform) : 'no platform';
  const what = isManifestType(mediaType) ? 'is no container image' : `is ${mediaType}, no image`;
  return new PithError('UNKNOWN_PLATFORM', `what ${digest} has for ${name} ${what}`, {
    hint: `Its digest is ${other}.`,
  });
}

/** What BuildKit puts beside an image: built like one, but for no platform. */
function isAttestation({ platform, annotations }: Descriptor): boolean {
  return platform?.os === 'unknown' || annotations?.['vnd.docker.reference.type'] !== undefined;
}

/** As readArtifact, of the descriptor of one image. @param known the manifest, if it was read already */
export async function readImage(descriptor: Descriptor, find: FindBlob, known?: Uint8Array): Promise<Image> {
  const what = `image ${descriptor.digest}`;
  const manifestBytes = known ?? (await readDocument(descriptor, find, what));
  const manifest = parseManifest(manifestBytes, what);
  if (!isConfigType(manifest.config.mediaType))
    throw invalid(`${what} is no container image: its configuration is ${manifest.config.mediaType}`);
  const configName = `the configuration of ${what}`;
  const configBlob = await find(manifest.config, configName, 'blob');
  const configBytes = await readSmallBlob(configBlob, configName);
  const config = parseConfig(configBytes, configName);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw invalid(
      `${what} has ${manifest.layers.length} layers, but its configuration tells of ${diffIds.length}`,
    );
  const layers = [];
  for (const [i, diffId] of diffIds.entries()) {
    const layer = manifest.layers[i];
    if (layer) layers.push({ descriptor: layer, diffId, blob: await findLayer(layer, i, what, find) });
  }
  const platform = descriptor.platform ?? platformOfConfig(config);
  return {
    kind: 'image',
    descriptor: { ...plainDescriptor(descriptor), platform },
    manifest,
    manifestBytes,
    config,
    configBytes,
    layers,
    ...(configBlob.origin ? { origin: configBlob.origin } : {}),
  };
}

async function findLayer(layer: Descriptor, position: number, what: string, find: FindBlob): Promise<Blob> {
  const name = `layer ${position + 1} of ${what}`;
  if (!isForeignLayer(layer)) return await find(layer, name, 'blob');
  const missing = new PithError('IMAGE_INVALID', `${name} is not distributed with it`, {
    hint: `Its descriptor says that it is to be had from ${layer.urls?.map(escapeName).join(', ') ?? 'nowhere'}.`,
  });
  return {
    digest: layer.digest,
    size: layer.size,
    open: () => {
      throw missing;
    },
  };
}
