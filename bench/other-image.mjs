import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** @typedef {{ mediaType: string, digest: string, size: number, platform?: object, annotations?: object }} Descriptor */
/** @typedef {{ config: Descriptor, layers: Descriptor[] }} Manifest */

/**
 * A copy of the only image of an OCI layout whose layers are others, with the same files: zeros follow the end of their tar.
 * @param {string} from the folder of the layout
 * @param {string} to the folder of the copy, which is made
 * @param {number} zeros blocks of 512
 * @param {{ isOther: (layer: Descriptor, position: number) => boolean, architecture?: string }} changes
 * @returns {Descriptor} of the new image, which is the only one of the copy
 */
export function makeOtherImage(from, to, zeros, { isOther, architecture }) {
  mkdirSync(join(to, 'blobs', 'sha256'), { recursive: true });
  writeFileSync(join(to, 'oci-layout'), readFileSync(join(from, 'oci-layout')));
  const read = (/** @type {Descriptor} */ { digest }) => readFileSync(blobPath(from, digest));
  const [listed] = /** @type {{ manifests: [Descriptor] }} */ (
    JSON.parse(readFileSync(join(from, 'index.json'), 'utf8'))
  ).manifests;
  const manifest = /** @type {Manifest} */ (JSON.parse(read(listed).toString()));
  const config = JSON.parse(read(manifest.config).toString());
  if (architecture !== undefined) config.architecture = architecture;
  const padding = Buffer.alloc(zeros * 512);
  const layers = manifest.layers.map((layer, position) => {
    if (!isOther(layer, position)) {
      cpSync(blobPath(from, layer.digest), blobPath(to, layer.digest));
      return layer;
    }
    const bytes = read(layer);
    const tar = Buffer.concat([gunzipSync(bytes), padding]);
    config.rootfs.diff_ids[position] = digestOf(tar);
    return { ...layer, ...addBlob(to, Buffer.concat([bytes, gzipSync(padding)])) };
  });
  const configBlob = addBlob(to, Buffer.from(JSON.stringify(config)));
  const image = { ...manifest, config: { ...manifest.config, ...configBlob }, layers };
  const descriptor = {
    ...listed,
    ...addBlob(to, Buffer.from(JSON.stringify(image))),
    platform: { architecture: config.architecture, os: config.os },
  };
  writeIndex(to, [descriptor]);
  return descriptor;
}

/**
 * Puts an image index over images that are in an OCI layout, as the only thing in it.
 * @param {string} layout
 * @param {readonly Descriptor[]} images
 * @returns {string} its digest
 */
export function putIndex(layout, images) {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = images.map((image) => ({ ...image, annotations: undefined }));
  const index = addBlob(layout, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })));
  writeIndex(layout, [{ mediaType, ...index }]);
  return index.digest;
}

/** @param {string} layout @param {readonly Descriptor[]} manifests */
function writeIndex(layout, manifests) {
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

/** @param {string} layout @param {Buffer} bytes @returns {{ digest: string, size: number }} */
function addBlob(layout, bytes) {
  const digest = digestOf(bytes);
  writeFileSync(blobPath(layout, digest), bytes);
  return { digest, size: bytes.length };
}

/** @param {string} layout @param {string} digest */
function blobPath(layout, digest) {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

/** @param {Buffer} bytes */
function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
