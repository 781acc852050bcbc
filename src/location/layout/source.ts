import { PithError, type Digest } from '../../core/index.ts';
import {
  imagesOf,
  isIndexType,
  MAX_DOCUMENT_SIZE,
  parseIndex,
  type Descriptor,
  type IndexManifest,
} from '../../oci/index.ts';
import { choose } from '../choose.ts';
import type { ImageSource, ListedArtifact } from '../contract.ts';
import { readSmall, type FileTree } from '../file-tree.ts';
import { nameOf } from '../layout-index.ts';
import { blobsIn, readArtifact } from '../read-artifact.ts';
import { isLayoutMarker } from './folder.ts';

const MAX_MARKER_SIZE = 4096;

interface Entry extends ListedArtifact {
  readonly descriptor: Descriptor;
}

/** Reads an OCI layout (image-spec 1.1, image-layout.md), be it a folder or in an archive. */
export function openLayoutSource(getTree: () => Promise<FileTree>, given: string | undefined): ImageSource {
  return {
    async list() {
      return entriesOf(await readLayoutIndex(await getTree())).map(({ names, digest }) => ({
        names,
        digest,
      }));
    },
    async open(reference = given) {
      const tree = await getTree();
      const entries = entriesOf(await readLayoutIndex(tree));
      const candidates = reference === undefined ? await withoutParts(tree, entries) : entries;
      return await readArtifact(choose(candidates, reference, tree.name).descriptor, blobsIn(tree));
    },
  };
}

/** The content of `index.json`, once `oci-layout` says that it is one. @throws IMAGE_INVALID */
export async function readLayoutIndex(tree: FileTree): Promise<IndexManifest> {
  const marker = Buffer.from(await readSmall(tree, 'oci-layout', MAX_MARKER_SIZE)).toString();
  if (!isLayoutMarker(marker))
    throw new PithError(
      'IMAGE_INVALID',
      `${tree.name}: the file oci-layout is not that of an OCI layout of version 1`,
    );
  return parseIndex(await readSmall(tree, 'index.json', MAX_DOCUMENT_SIZE), `${tree.name}/index.json`);
}

/** The descriptors of an `index.json`, one a digest, with all their names. */
function entriesOf(index: IndexManifest): Entry[] {
  const entries = new Map<Digest, Entry & { names: string[] }>();
  for (const descriptor of index.manifests) {
    const { digest } = descriptor;
    const entry = entries.get(digest) ?? { names: [], digest, descriptor };
    entries.set(digest, entry);
    const name = nameOf(descriptor);
    if (name !== undefined) entry.names.push(name);
  }
  return [...entries.values()];
}

/** What is no part of an index that is there as well. */
async function withoutParts(tree: FileTree, entries: readonly Entry[]): Promise<readonly Entry[]> {
  const parts = new Set<Digest>();
  if (entries.length < 2) return entries;
  for (const { descriptor } of entries) {
    if (!isIndexType(descriptor.mediaType)) continue;
    for (const image of imagesOf(await readArtifact(descriptor, blobsIn(tree))))
      parts.add(image.descriptor.digest);
  }
  return entries.filter((entry) => !parts.has(entry.digest));
}
