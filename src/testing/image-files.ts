import { createHash } from 'node:crypto';
import { decompress, readTar, type TarEntry } from '../archive/index.ts';
import { openSource, parseLocation } from '../location/index.ts';
import { formatPlatform, imagesOf, platformOfConfig, type Image } from '../oci/index.ts';
import { compressionOfLayer } from '../oci/media-types.ts';

/** Contents of files up to this many bytes are kept. */
const KEPT = 512 * 1024;

export interface ImageFile extends TarEntry {
  /** SHA-256 of a regular file's content, hexadecimal. */
  readonly digest: string;
  /** The content, or its beginning if it is large. */
  readonly content: Buffer;
}

/** An image of a layout, for one platform. */
export async function openImage(layout: string, name: string, platform = 'linux/amd64'): Promise<Image> {
  const artifact = await openSource(parseLocation(`oci:${layout}`)).open(name);
  const found = imagesOf(artifact).find(
    (image) => formatPlatform(platformOfConfig(image.config)) === platform,
  );
  if (!found) throw new Error(`${name} of ${layout} has no image for ${platform}`);
  return found;
}

/**
 * The file system of an image: its layers applied in order. Paths have no slash at either end; the root is ''.
 * @throws for an entry below something that is no folder, or a hard link to nothing
 */
export async function readImageFiles(image: Image): Promise<Map<string, ImageFile>> {
  const files = new Map<string, ImageFile>();
  for (const layer of image.layers) {
    for (const [path, file] of await layerFiles(layer)) place(files, path, file);
  }
  return files;
}

function place(files: Map<string, ImageFile>, path: string, file: ImageFile): void {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const above = files.get(parts.slice(0, depth).join('/'));
    if (above && above.type !== 'directory') throw new Error(`${path} is below a ${above.type}`);
  }
  const target = file.type === 'hardlink' ? files.get(pathOf(file.linkName)) : undefined;
  if (file.type === 'hardlink' && !target) throw new Error(`${path} is a hard link to nothing`);
  files.set(path, target ?? file);
}

const layersRead = new Map<string, Promise<ReadonlyMap<string, ImageFile>>>();

function layerFiles(layer: Image['layers'][number]): Promise<ReadonlyMap<string, ImageFile>> {
  const known = layersRead.get(layer.diffId);
  if (known) return known;
  const reading = readLayer(layer);
  layersRead.set(layer.diffId, reading);
  return reading;
}

async function readLayer({ blob, descriptor }: Image['layers'][number]): Promise<Map<string, ImageFile>> {
  const files = new Map<string, ImageFile>();
  const bytes = decompress(compressionOfLayer(descriptor.mediaType), blob.open(), descriptor.digest);
  for await (const { entry, body } of readTar(bytes, descriptor.digest)) {
    const hash = createHash('sha256');
    const kept: Buffer[] = [];
    let size = 0;
    for await (const piece of body) {
      hash.update(piece);
      if (size < KEPT) kept.push(Buffer.from(piece));
      size += piece.length;
    }
    files.set(pathOf(entry.path), { ...entry, digest: hash.digest('hex'), content: Buffer.concat(kept) });
  }
  return files;
}

function pathOf(path: string): string {
  return path
    .replace(/^\.?\/+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
}
