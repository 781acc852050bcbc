import { createHash } from 'node:crypto';
import { mapConcurrent } from '../core/index.ts';
import { isForeignLayer, type Image, type Layer } from '../oci/index.ts';
import { decodeLayer, encodeLayer, LAYER_FORMAT } from './encode-layer.ts';
import type { FileReader, ImageContents, LayerContents } from './model.ts';
import { readLayer } from './read-layer.ts';

/** Layers that are read at the same time: one is hashed while another is decompressed. */
const AT_ONCE = 2;

/** Where what was read of layers is remembered. */
export interface LayerMemory {
  read(key: string): Promise<Buffer | undefined>;
  write(key: string, bytes: Buffer): Promise<void>;
}

export interface ImageReading {
  /** Who looks into the files; asked for when a layer has to be read. */
  readonly readers: readonly FileReader[] | (() => Promise<readonly FileReader[]>);
  /** Changes when the readers find other things in the same file: part of the key in the memory. */
  readonly version: number;
  readonly memory?: LayerMemory;
  readonly signal?: AbortSignal;
  /** Told of layers and their compressed bytes as they are done. */
  readonly onProgress?: (progress: { readonly layers: number; readonly bytes: number }) => void;
}

/**
 * Reads all layers of an image, each once; those that were read before come from the memory. Layers that are the same
 * are read once.
 * @throws as readLayer
 */
export async function readImage(image: Image, reading: ImageReading): Promise<ImageContents> {
  const distinct = [...new Map(image.layers.map((layer) => [layer.blob.digest, layer])).values()];
  let layers = 0;
  let bytes = 0;
  const tell = (done: number, count: number): void => {
    layers += done;
    bytes += count;
    reading.onProgress?.({ layers, bytes });
  };
  const contents = await mapConcurrent(distinct, AT_ONCE, async (layer) => {
    const what = `layer ${image.layers.indexOf(layer) + 1} of the image`;
    const read = await remembered(layer, reading, async () => {
      const { signal } = reading;
      const readers = typeof reading.readers === 'function' ? await reading.readers() : reading.readers;
      const onBytes = (count: number): void => {
        tell(0, count);
      };
      return readLayer(layer, { readers, what, onBytes, ...(signal ? { signal } : {}) });
    });
    tell(1, 0);
    return [layer.blob.digest, read] as const;
  });
  const byDigest = new Map(contents);
  return {
    image,
    layers: image.layers.flatMap((layer) => {
      const read = byDigest.get(layer.blob.digest);
      return read ? [{ ...read, layer }] : [];
    }),
  };
}

async function remembered(
  layer: Layer,
  { memory, version }: ImageReading,
  read: () => Promise<LayerContents>,
): Promise<LayerContents> {
  if (!memory || isForeignLayer(layer.descriptor)) return read();
  const key = createHash('sha256')
    .update(`${LAYER_FORMAT} ${version} ${layer.descriptor.mediaType} ${layer.blob.digest}`)
    .digest('hex');
  const bytes = await memory.read(key);
  const known = bytes && decodeLayer(bytes);
  if (known) return known;
  const made = await read();
  await memory.write(key, encodeLayer(made));
  return made;
}
