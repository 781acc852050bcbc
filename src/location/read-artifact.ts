import { PithError } from '../core/index.ts';
import {
  isConfigType,
  isIndexType,
  isManifestType,
  MAX_DOCUMENT_SIZE,
  parseConfig,
  parseIndex,
  parseManifest,
  platformOfConfig,
  readBlob,
  type Artifact,
  type Blob,
  type Descriptor,
  type Image,
  type ImageIndex,
} from '../oci/index.ts';
import { blobPath, verified } from './blobs.ts';
import type { FileTree } from './file-tree.ts';

/** Gives the blob that a descriptor speaks of; `what` says which it is. @throws IMAGE_INVALID if it is not there */
export type FindBlob = (descriptor: Descriptor, what: string) => Promise<Blob>;

/** Finds blobs in the `blobs` folder of an OCI layout. */
export function blobsIn(tree: FileTree): FindBlob {
  return async ({ digest, size }, what) => {
    const path = blobPath(digest);
    const found = await tree.sizeOf(path);
    if (found === undefined) throw invalid(`${tree.name}: ${what} is missing (${path})`);
    if (found !== size)
      throw invalid(`${tree.name}: ${what} (${path}) has ${found} bytes, not the ${size} that are declared`);
    return { digest, size, open: () => verified({ digest, size, open: () => tree.open(path) }) };
  };
}

/** Reads the artifact of a descriptor: documents now, layers when they are opened. @throws IMAGE_INVALID */
export async function readArtifact(descriptor: Descriptor, find: FindBlob): Promise<Artifact> {
  if (isManifestType(descriptor.mediaType)) return await readImage(descriptor, find);
  if (isIndexType(descriptor.mediaType)) return await readIndex(descriptor, find);
  throw invalid(`${descriptor.digest} is neither an image nor an index, but ${descriptor.mediaType}`);
}

async function readIndex(descriptor: Descriptor, find: FindBlob): Promise<ImageIndex> {
  const bytes = await readDocument(descriptor, find, `index ${descriptor.digest}`);
  const manifest = parseIndex(bytes, `index ${descriptor.digest}`);
  const images: Image[] = [];
  for (const child of manifest.manifests) {
    if (!isManifestType(child.mediaType))
      throw invalid(`index ${descriptor.digest} holds ${child.mediaType}, which is not supported`);
    images.push(await readImage(child, find));
  }
  return { kind: 'index', descriptor: plain(descriptor), manifest, bytes, images };
}

/** As readArtifact, of the descriptor of one image. */
export async function readImage(descriptor: Descriptor, find: FindBlob): Promise<Image> {
  const what = `image ${descriptor.digest}`;
  const manifestBytes = await readDocument(descriptor, find, what);
  const manifest = parseManifest(manifestBytes, what);
  if (!isConfigType(manifest.config.mediaType))
    throw invalid(`${what} is no container image: its configuration is ${manifest.config.mediaType}`);
  const configBytes = await readDocument(manifest.config, find, `the configuration of ${what}`);
  const config = parseConfig(configBytes, `the configuration of ${what}`);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw invalid(
      `${what} has ${manifest.layers.length} layers, but its configuration tells of ${diffIds.length}`,
    );
  const layers = [];
  for (const [i, diffId] of diffIds.entries()) {
    const layer = manifest.layers[i];
    if (layer) layers.push({ descriptor: layer, diffId, blob: await find(layer, `layer ${i} of ${what}`) });
  }
  const platform = descriptor.platform ?? platformOfConfig(config);
  return {
    kind: 'image',
    descriptor: { ...plain(descriptor), platform },
    manifest,
    manifestBytes,
    config,
    configBytes,
    layers,
  };
}

/** A descriptor without what its place says of it. */
function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/** Reads and verifies a manifest, index or configuration. @throws IMAGE_INVALID */
export async function readDocument(
  descriptor: Descriptor,
  find: FindBlob,
  what: string,
): Promise<Uint8Array> {
  if (descriptor.size > MAX_DOCUMENT_SIZE)
    throw invalid(
      `${what} declares ${descriptor.size} bytes, more than the ${MAX_DOCUMENT_SIZE} that are allowed`,
    );
  return await readBlob(await find(descriptor, what), MAX_DOCUMENT_SIZE, what);
}

function invalid(message: string): PithError {
  return new PithError('IMAGE_INVALID', message);
}
