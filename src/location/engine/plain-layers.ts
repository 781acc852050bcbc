import { digestOf } from '../../core/index.ts';
import { compressionOfLayer, encodeManifest, layerTypeOf, type Image, type Layer } from '../../oci/index.ts';

/**
 * The image with each layer called what it is. Podman saves unpacked layers under the media type that they were pulled
 * as; a layer whose digest is that of its unpacked bytes is not compressed.
 */
export function withPlainLayers(image: Image): Image {
  if (!image.layers.some(isMislabelled)) return image;
  const layers = image.layers.map((layer) => (isMislabelled(layer) ? relabel(layer) : layer));
  const manifest = { ...image.manifest, layers: layers.map(({ descriptor }) => descriptor) };
  const manifestBytes = encodeManifest(manifest);
  const descriptor = { ...image.descriptor, digest: digestOf(manifestBytes), size: manifestBytes.length };
  return { ...image, descriptor, manifest, manifestBytes, layers };
}

function isMislabelled({ descriptor, diffId }: Layer): boolean {
  return descriptor.digest === diffId && compressionOfLayer(descriptor.mediaType) !== 'none';
}

function relabel({ descriptor: { digest, size }, ...layer }: Layer): Layer {
  return { ...layer, descriptor: { mediaType: layerTypeOf('none'), digest, size } };
}
