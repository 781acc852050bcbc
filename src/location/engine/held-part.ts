import {
  blobOfBytes,
  encodeIndex,
  isAnyManifestType,
  isForeignLayer,
  isIndexType,
  parseIndex,
  parseOther,
  type Blob,
  type Descriptor,
} from '../../oci/index.ts';
import { digestOf, type Digest } from '../../core/index.ts';
import { invalid, plainDescriptor, readDocument, type FindBlob } from '../read-document.ts';

/** Blobs that an engine holds. */
export interface HeldBlobs {
  /** What they are called in errors. */
  readonly name: string;
  readonly find: FindBlob;
  readonly has: (digest: Digest) => boolean | Promise<boolean>;
}

/** Something to read, and where. */
export interface Found {
  readonly descriptor: Descriptor;
  readonly find: FindBlob;
}

/**
 * What an engine holds of an artifact. It keeps the index of an image for several platforms, but mostly the blobs of one:
 * then that image is what is there, or a new index of those that are.
 * @throws IMAGE_INVALID if none of them is there
 */
export async function heldPart(descriptor: Descriptor, blobs: HeldBlobs): Promise<Found> {
  const { name, find } = blobs;
  if (!isIndexType(descriptor.mediaType)) return { descriptor, find };
  const what = `index ${descriptor.digest}`;
  const index = parseIndex(await readDocument(descriptor, find, what), what);
  const manifests: Descriptor[] = [];
  for (const child of index.manifests) if (await isWhole(child, blobs)) manifests.push(child);
  if (manifests.length === index.manifests.length) return { descriptor, find };
  const [first, ...others] = manifests;
  if (!first) throw invalid(`${name}: nothing that the ${what} lists is there as a whole`);
  if (others.length === 0) return { descriptor: first, find };
  const bytes = encodeIndex({ ...index, manifests });
  const reduced = { ...plainDescriptor(descriptor), digest: digestOf(bytes), size: bytes.length };
  const made: Blob = blobOfBytes(bytes);
  return {
    descriptor: reduced,
    find: async (wanted, ...rest) => (wanted.digest === made.digest ? made : await find(wanted, ...rest)),
  };
}

/** Whether a manifest is there with everything that it names. */
async function isWhole(descriptor: Descriptor, { find, has }: HeldBlobs): Promise<boolean> {
  if (!(await has(descriptor.digest))) return false;
  if (!isAnyManifestType(descriptor.mediaType)) return true;
  const what = `manifest ${descriptor.digest}`;
  const { blobs, manifests } = parseOther(await readDocument(descriptor, find, what), what);
  for (const named of [...blobs, ...manifests])
    if (!isForeignLayer(named) && !(await has(named.digest))) return false;
  return true;
}
