import {
  MAX_DOCUMENT_SIZE,
  isIndexType,
  isManifestType,
  parseIndex,
  parseManifest,
  parseSaveManifest,
  type Descriptor,
  type Image,
  type SavedImage,
} from '../../oci/index.ts';
import { blobPath } from '../blobs.ts';
import { choose } from '../choose.ts';
import type { ImageSource, ListedArtifact, OpenOptions } from '../contract.ts';
import { readSmall, type FileTree } from '../file-tree.ts';
import { readLayoutIndex } from '../layout/source.ts';
import { blobsIn, readImage, requirePlatforms } from '../read-artifact.ts';
import { readDocument } from '../read-document.ts';
import { parseDockerReference } from '../reference.ts';
import { readBare } from './bare-image.ts';

/**
 * Reads what `docker save`, podman and skopeo write. Where the archive has an OCI layout as well, images keep its
 * manifests; else they get a manifest that is made of the configuration and the layers as they lie there.
 */
export function openDockerSource(getTree: () => Promise<FileTree>, given: string | undefined): ImageSource {
  const openAll = async (): Promise<{ tree: FileTree; saved: SavedImage[] }> => {
    const tree = await getTree();
    const saved = parseSaveManifest(
      await readSmall(tree, 'manifest.json', MAX_DOCUMENT_SIZE),
      `${tree.name}/manifest.json`,
    );
    return { tree, saved };
  };
  const openOne = async (reference = given, { platforms = [] }: OpenOptions = {}): Promise<Image> => {
    const { tree, saved } = await openAll();
    return requirePlatforms(await readSaved(tree, chooseSaved(saved, reference, tree.name)), platforms);
  };
  return {
    async list() {
      const { tree, saved } = await openAll();
      const listed: ListedArtifact[] = [];
      for (const item of saved)
        listed.push({ names: item.names, digest: (await readSaved(tree, item)).descriptor.digest });
      return listed;
    },
    resolve: async (reference) => (await openOne(reference)).descriptor,
    open: openOne,
    openAny: openOne,
    referrers: () => Promise.resolve([]),
  };
}

function chooseSaved(saved: readonly SavedImage[], reference: string | undefined, where: string): SavedImage {
  const full = (name: string): string => parseDockerReference(name)?.full ?? name;
  if (reference === undefined) return choose(saved, reference, where);
  const wanted = full(reference);
  const found = saved.find(
    (item, i) => reference === `@${i}` || item.names.some((name) => full(name) === wanted),
  );
  return found ?? choose(saved, reference, where);
}

async function readSaved(tree: FileTree, saved: SavedImage): Promise<Image> {
  const described = await findDescribed(tree, saved);
  return described ? await readImage(described, blobsIn(tree)) : await readBare(tree, saved);
}

/** The descriptor, in the OCI layout that the archive may have, of the image with this configuration and these layers. */
async function findDescribed(tree: FileTree, saved: SavedImage): Promise<Descriptor | undefined> {
  if ((await tree.sizeOf('index.json')) === undefined || (await tree.sizeOf('oci-layout')) === undefined)
    return undefined;
  const { manifests } = await readLayoutIndex(tree);
  for (const descriptor of [...manifests, ...(await partsOf(tree, manifests))]) {
    if (!isManifestType(descriptor.mediaType)) continue;
    const { config, layers } = parseManifest(
      await readDocument(descriptor, blobsIn(tree), `image ${descriptor.digest}`),
    );
    const paths = layers.map((layer) => blobPath(layer.digest));
    if (blobPath(config.digest) === saved.config && paths.join() === saved.layers.join()) return descriptor;
  }
  return undefined;
}

async function partsOf(tree: FileTree, manifests: readonly Descriptor[]): Promise<Descriptor[]> {
  const parts: Descriptor[] = [];
  for (const descriptor of manifests) {
    if (!isIndexType(descriptor.mediaType)) continue;
    parts.push(
      ...parseIndex(await readDocument(descriptor, blobsIn(tree), `index ${descriptor.digest}`)).manifests,
    );
  }
  return parts;
}
