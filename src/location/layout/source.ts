import { PithError, type Digest } from '../../core/index.ts';
import {
  isAnyManifestType,
  MAX_DOCUMENT_SIZE,
  parseIndex,
  parseOther,
  type AnyArtifact,
  type Descriptor,
  type IndexManifest,
  type OtherManifest,
} from '../../oci/index.ts';
import { choose } from '../choose.ts';
import type { ImageSource, ListedArtifact } from '../contract.ts';
import { readSmall, type FileTree } from '../file-tree.ts';
import { nameOf } from '../layout-index.ts';
import { blobsIn, readAny, readArtifact } from '../read-artifact.ts';
import { readDocument } from '../read-document.ts';
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
    async resolve(reference = given) {
      return (await find(await getTree(), reference)).descriptor;
    },
    async open(reference = given, options = {}) {
      const tree = await getTree();
      return await readArtifact((await find(tree, reference)).descriptor, blobsIn(tree), options);
    },
    async openAny(reference = given, options = {}) {
      const tree = await getTree();
      return await readAny((await find(tree, reference)).descriptor, blobsIn(tree), options);
    },
    async referrers(digest) {
      const tree = await getTree();
      const found: AnyArtifact[] = [];
      for (const { descriptor } of entriesOf(await readLayoutIndex(tree))) {
        if (!isAnyManifestType(descriptor.mediaType)) continue;
        const { subject } = await readReferences(tree, descriptor);
        if (subject?.digest === digest) found.push(await readAny(descriptor, blobsIn(tree)));
      }
      return found;
    },
  };
}

/** The entry of a name, or without one the only entry that is no part of another one. @throws UNKNOWN_IMAGE */
async function find(tree: FileTree, reference: string | undefined): Promise<Entry> {
  const entries = entriesOf(await readLayoutIndex(tree));
  const candidates = reference === undefined ? await withoutParts(tree, entries) : entries;
  return choose(candidates, reference, tree.name);
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

/** What is no part of an index that is there as well, and is not there for the sake of another one only. */
async function withoutParts(tree: FileTree, entries: readonly Entry[]): Promise<readonly Entry[]> {
  const parts = new Set<Digest>();
  if (entries.length < 2) return entries;
  for (const { descriptor, names } of entries) {
    if (!isAnyManifestType(descriptor.mediaType)) continue;
    const { manifests, subject } = await readReferences(tree, descriptor);
    for (const { digest } of manifests) parts.add(digest);
    if (subject && names.length === 0) parts.add(descriptor.digest);
  }
  return entries.filter((entry) => !parts.has(entry.digest));
}

async function readReferences(tree: FileTree, descriptor: Descriptor): Promise<OtherManifest> {
  const what = `manifest ${descriptor.digest}`;
  return parseOther(await readDocument(descriptor, blobsIn(tree), what), what);
}
