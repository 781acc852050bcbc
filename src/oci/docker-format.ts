import { digestOf, PithError } from '../core/index.ts';
import { encodeIndex, encodeManifest } from './encode.ts';
import {
  compressionOfLayer,
  DOCKER_CONFIG_TYPE,
  DOCKER_INDEX_TYPE,
  DOCKER_MANIFEST_TYPE,
  dockerLayerTypeOf,
  isForeignLayer,
} from './media-types.ts';
import { imagesOf, type Artifact, type Image, type ImageIndex, type Layer } from './model.ts';
import type { IndexManifest, Manifest } from './types.ts';

/**
 * The same image, or those of an index, in Docker's own format (Docker image manifest, version 2, schema 2): the same
 * configuration and layers under other media types. It has no annotations.
 * @throws PithError USAGE for layers in zstd, which the format does not know
 */
export function inDockerFormat(artifact: Artifact): Artifact {
  return artifact.kind === 'image' ? imageInDockerFormat(artifact) : indexInDockerFormat(artifact);
}

function imageInDockerFormat(image: Image): Image {
  const layers = image.layers.map(layerInDockerFormat);
  const { digest, size } = image.manifest.config;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST_TYPE,
    config: { mediaType: DOCKER_CONFIG_TYPE, digest, size },
    layers: layers.map(({ descriptor }) => descriptor),
  };
  const manifestBytes = encodeManifest(manifest);
  const descriptor = {
    mediaType: DOCKER_MANIFEST_TYPE,
    digest: digestOf(manifestBytes),
    size: manifestBytes.length,
    ...(image.descriptor.platform ? { platform: image.descriptor.platform } : {}),
  };
  return { ...image, descriptor, manifest, manifestBytes, layers };
}

function layerInDockerFormat(layer: Layer): Layer {
  const { descriptor } = layer;
  if (isForeignLayer(descriptor)) return layer;
  const compression = compressionOfLayer(descriptor.mediaType);
  if (compression !== 'gzip' && compression !== 'none')
    throw new PithError('USAGE', `the format of Docker has no layers in ${compression}`, {
      hint: 'Leave out `--format docker`, or `--compression zstd`.',
    });
  return { ...layer, descriptor: { ...descriptor, mediaType: dockerLayerTypeOf(compression) } };
}

function indexInDockerFormat(index: ImageIndex): ImageIndex {
  const images = imagesOf(index).map(imageInDockerFormat);
  const manifest: IndexManifest = {
    schemaVersion: 2,
    mediaType: DOCKER_INDEX_TYPE,
    manifests: images.map(({ descriptor }) => descriptor),
  };
  const bytes = encodeIndex(manifest);
  const descriptor = { mediaType: DOCKER_INDEX_TYPE, digest: digestOf(bytes), size: bytes.length };
  return { kind: 'index', descriptor, manifest, bytes, images };
}
