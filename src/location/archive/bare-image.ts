import { Digester, digestOf, hexOf, PithError, type Digest } from '../../core/index.ts';
import {
  CONFIG_TYPE,
  encodeManifest,
  layerTypeOf,
  MANIFEST_TYPE,
  MAX_DOCUMENT_SIZE,
  parseConfig,
  platformOfConfig,
  type Image,
  type Layer,
  type Manifest,
  type SavedImage,
} from '../../oci/index.ts';
import { verified } from '../blobs.ts';
import { readSmall, type FileTree } from '../file-tree.ts';

/**
 * Reads an image that has a configuration and layers but no manifest of its own, and makes that manifest.
 * @throws IMAGE_INVALID
 */
export async function readBare(tree: FileTree, saved: SavedImage): Promise<Image> {
  const configBytes = await readSmall(tree, saved.config, MAX_DOCUMENT_SIZE);
  const configDigest = digestOf(configBytes);
  const said = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(saved.config)?.[1];
  if (said !== undefined && said !== hexOf(configDigest))
    throw invalid(tree, `${saved.config} has the digest ${configDigest}`);
  const config = parseConfig(configBytes, `${tree.name}/${saved.config}`);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== saved.layers.length)
    throw invalid(
      tree,
      `manifest.json lists ${saved.layers.length} layers, but ${saved.config} tells of ${diffIds.length}`,
    );
  const layers: Layer[] = [];
  for (const [i, diffId] of diffIds.entries())
    layers.push(await readLayer(tree, await locate(tree, saved, diffIds, i), diffId));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: configDigest, size: configBytes.length },
    layers: layers.map((layer) => layer.descriptor),
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

/**
 * The path of a layer's content. Old releases of Docker write a link where a layer repeats; it is not followed: the same
 * content lies under the path of another layer with the same diffID.
 */
async function locate(
  tree: FileTree,
  saved: SavedImage,
  diffIds: readonly Digest[],
  position: number,
): Promise<string> {
  const [path = '', ...others] = [position, ...diffIds.keys()]
    .filter((i, at) => at === 0 || (i !== position && diffIds[i] === diffIds[position]))
    .map((i) => saved.layers[i] ?? '');
  for (const other of others) {
    if (await isThere(tree, path)) break;
    if (await isThere(tree, other)) return other;
  }
  if ((await tree.sizeOf(path)) === undefined) throw invalid(tree, `the layer ${path} is missing`);
  return path;
}

async function isThere(tree: FileTree, path: string): Promise<boolean> {
  try {
    return (await tree.sizeOf(path)) !== undefined;
  } catch (error) {
    if (error instanceof PithError) return false;
    throw error;
  }
}

async function readLayer(tree: FileTree, path: string, diffId: Digest): Promise<Layer> {
  const compression = await compressionOf(tree, path);
  const digester = new Digester();
  if (compression !== 'none') for await (const piece of tree.open(path)) digester.update(piece);
  const digest = compression === 'none' ? diffId : digester.digest();
  const size = (await tree.sizeOf(path)) ?? 0;
  return {
    descriptor: { mediaType: layerTypeOf(compression), digest, size },
    diffId,
    blob: { digest, size, open: () => verified({ digest, size, open: () => tree.open(path) }) },
  };
}

async function compressionOf(tree: FileTree, path: string): Promise<'none' | 'gzip' | 'zstd'> {
  for await (const piece of tree.open(path)) {
    const magic = Buffer.from(piece.subarray(0, 4)).toString('hex');
    if (magic.startsWith('1f8b')) return 'gzip';
    return magic === '28b52ffd' ? 'zstd' : 'none';
  }
  return 'none';
}

function invalid(tree: FileTree, why: string): PithError {
  return new PithError('IMAGE_INVALID', `${tree.name}: ${why}`, { path: tree.name });
}
