import { encodeHeader, END_OF_ARCHIVE, paddingOf } from '../../archive/index.ts';
import { blobOfBytes, REF_NAME_ANNOTATION, type Blob } from '../../oci/index.ts';
import { blobPath, blobsOf, verified } from '../blobs.ts';
import type { NamedArtifact } from '../contract.ts';
import { describeNamed, encodeLayoutIndex, LAYOUT_FILE, mergeIndex } from '../layout-index.ts';
import type { DockerImage } from '../names.ts';
import { parseDockerReference } from '../reference.ts';

/** The name by which containerd, and Docker on top of it, finds an image in an OCI layout. */
const CONTAINERD_NAME = 'io.containerd.image.name';

/** What goes into an archive, in its order. */
export interface ArchiveContent {
  /** The files that say what is there, by path. */
  readonly documents: Readonly<Record<string, Uint8Array>>;
  readonly blobs: readonly Blob[];
}

/** An OCI layout. Names that are Docker references are told to containerd as well. */
export function composeLayout(named: readonly NamedArtifact[]): ArchiveContent {
  const index = mergeIndex(undefined, describeNamed(named, annotationsOf));
  return {
    documents: { 'oci-layout': Buffer.from(LAYOUT_FILE), 'index.json': encodeLayoutIndex(index) },
    blobs: blobsOf(named),
  };
}

/**
 * What `docker load` of every release reads: the `manifest.json` of `docker save`, and an OCI layout with the same images
 * (as Docker writes it since release 25).
 */
export function composeDocker(images: readonly DockerImage[]): ArchiveContent {
  const { documents, blobs } = composeLayout(images.map(({ image, names }) => ({ names, artifact: image })));
  const manifest = images.map(({ image, names }) => ({
    Config: blobPath(image.manifest.config.digest),
    RepoTags: names,
    Layers: image.manifest.layers.map((layer) => blobPath(layer.digest)),
  }));
  return { documents: { ...documents, 'manifest.json': Buffer.from(JSON.stringify(manifest)) }, blobs };
}

/** The archive, as a stream of deterministic bytes; blobs are verified on the way. */
export async function* encodeArchive(content: ArchiveContent): AsyncGenerator<Uint8Array> {
  for (const [path, bytes] of Object.entries(content.documents)) yield* encodeFile(path, blobOfBytes(bytes));
  for (const folder of ['blobs', 'blobs/sha256']) yield header(folder, 'directory', 0o755, 0);
  for (const blob of content.blobs) yield* encodeFile(blobPath(blob.digest), blob);
  yield END_OF_ARCHIVE;
}

function annotationsOf(name: string): Readonly<Record<string, string>> {
  const reference = parseDockerReference(name);
  return { ...(reference ? { [CONTAINERD_NAME]: reference.full } : {}), [REF_NAME_ANNOTATION]: name };
}

async function* encodeFile(path: string, blob: Blob): AsyncGenerator<Uint8Array> {
  yield header(path, 'file', 0o644, blob.size);
  yield* verified(blob);
  const padding = paddingOf(blob.size);
  if (padding > 0) yield new Uint8Array(padding);
}

function header(path: string, type: 'file' | 'directory', mode: number, size: number): Uint8Array {
  return encodeHeader({
    path,
    type,
    mode,
    uid: 0,
    gid: 0,
    size,
    mtime: 0,
    linkName: '',
    deviceMajor: 0,
    deviceMinor: 0,
  });
}
