import type { Compression } from '../archive/index.ts';
import type { Descriptor } from './types.ts';

/** Media types of the OCI image-spec 1.1, media-types.md. */
export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const LAYER_GZIP_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
const LAYER_ZSTD_TYPE = 'application/vnd.oci.image.layer.v1.tar+zstd';

/** What Docker called the same things before (image-spec 1.1, media-types.md, "Compatibility Matrix"). */
export const DOCKER_MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_INDEX_TYPE = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';

/** Annotation of a descriptor in `index.json`: the name that it is found by (image-spec 1.1, annotations.md). */
export const REF_NAME_ANNOTATION = 'org.opencontainers.image.ref.name';

export function isManifestType(mediaType: string): boolean {
  return mediaType === MANIFEST_TYPE || mediaType === DOCKER_MANIFEST_TYPE;
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === INDEX_TYPE || mediaType === DOCKER_INDEX_TYPE;
}

export function isConfigType(mediaType: string): boolean {
  return mediaType === CONFIG_TYPE || mediaType === DOCKER_CONFIG_TYPE;
}

/**
 * Whether a descriptor of an index speaks of a manifest and not of a blob, which registries keep apart: by the name of its
 * media type, as those of unknown kinds have to be copied too (image-spec 1.1, image-index.md).
 */
export function isAnyManifestType(mediaType: string): boolean {
  return /\b(?:manifest|index)\b.*(?:json|jws)$/.test(mediaType);
}

/** Media types of layers that are not to be distributed: registries do not hold them (image-spec 1.1, layer.md). */
const FOREIGN = /\.(?:nondistributable|foreign)\./;

/** Whether a layer is not stored with its image but downloaded from the addresses in its descriptor. */
export function isForeignLayer({ mediaType, urls = [] }: Descriptor): boolean {
  return urls.length > 0 && FOREIGN.test(mediaType);
}

/** The media type of a layer that is a tar archive with this compression. */
export function layerTypeOf(compression: 'none' | 'gzip' | 'zstd'): string {
  return { none: LAYER_TYPE, gzip: LAYER_GZIP_TYPE, zstd: LAYER_ZSTD_TYPE }[compression];
}

/** The same as Docker calls it. */
export function dockerLayerTypeOf(compression: 'none' | 'gzip'): string {
  const type = 'application/vnd.docker.image.rootfs.diff.tar';
  return compression === 'none' ? type : `${type}.gzip`;
}

/** How the blob of a layer is compressed, by its media type: its suffix, as OCI (`+gzip`) or Docker (`.gzip`) writes it. */
export function compressionOfLayer(mediaType: string): Compression {
  const suffix = /[+.](gzip|zstd)$/.exec(mediaType)?.[1];
  return suffix === 'gzip' || suffix === 'zstd' ? suffix : 'none';
}
