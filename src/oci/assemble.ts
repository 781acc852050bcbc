import { digestOf, PithError } from '../core/index.ts';
import { encodeConfig, encodeIndex, encodeManifest } from './encode.ts';
import { CONFIG_TYPE, INDEX_TYPE, MANIFEST_TYPE } from './media-types.ts';
import type { Image, ImageIndex, Layer } from './model.ts';
import type { ImageConfig, IndexManifest, Manifest, Platform } from './types.ts';

export interface ImageParts {
  /** The configuration; its `rootfs` is made from the layers. */
  readonly config: Omit<ImageConfig, 'rootfs'>;
  /** In the order in which they are applied. */
  readonly layers: readonly Layer[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Makes an image of its parts. The same parts give the same bytes and so the same digest, in whatever order the
 * members of objects come. A history, if there is one, has an entry for every layer.
 */
export function assembleImage({ config: parts, layers, annotations }: ImageParts): Image {
  const steps = parts.history?.filter((entry) => !entry.empty_layer).length;
  if (steps !== undefined && steps !== layers.length)
    throw new PithError(
      'INTERNAL',
      `the history tells of ${steps} layers, but the image has ${layers.length}`,
    );
  const config: ImageConfig = {
    ...parts,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  };
  const configBytes = encodeConfig(config);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: digestOf(configBytes), size: configBytes.length },
    layers: layers.map((layer) => layer.descriptor),
    ...filled(annotations),
  };
  const manifestBytes = encodeManifest(manifest);
  const descriptor = {
    mediaType: MANIFEST_TYPE,
    digest: digestOf(manifestBytes),
    size: manifestBytes.length,
    platform: platformOfConfig(config),
  };
  return { kind: 'image', descriptor, manifest, manifestBytes, config, configBytes, layers };
}

/** Makes an index of images, in the order given; each is described with its platform. */
export function assembleIndex(
  images: readonly Image[],
  annotations?: Readonly<Record<string, string>>,
): ImageIndex {
  const manifest: IndexManifest = {
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: images.map((image) => image.descriptor),
    ...filled(annotations),
  };
  const bytes = encodeIndex(manifest);
  const descriptor = { mediaType: INDEX_TYPE, digest: digestOf(bytes), size: bytes.length };
  return { kind: 'index', descriptor, manifest, bytes, images };
}

/** The platform that a configuration says. */
export function platformOfConfig(config: Platform): Platform {
  return {
    architecture: config.architecture,
    os: config.os,
    ...(config['os.version'] === undefined ? {} : { 'os.version': config['os.version'] }),
    ...(config['os.features'] === undefined ? {} : { 'os.features': config['os.features'] }),
    ...(config.variant === undefined ? {} : { variant: config.variant }),
  };
}

function filled(
  annotations: Readonly<Record<string, string>> | undefined,
): { annotations: Readonly<Record<string, string>> } | Record<string, never> {
  return annotations && Object.keys(annotations).length > 0 ? { annotations } : {};
}
