import { mapConcurrent, Once } from '../core/index.ts';
import {
  isAnyManifestType,
  isForeignLayer,
  parseOther,
  type Descriptor,
  type OtherArtifact,
} from '../oci/index.ts';
import { invalid, plainDescriptor, readDocument, type FindBlob } from './read-document.ts';

/** Manifests of an index that are read at once. */
export const READ_AT_ONCE = 8;
/** Indexes may lie inside each other this deep. */
const MAX_DEPTH = 8;
/** One artifact may have this many manifests that are no images. */
const MAX_MANIFESTS = 10_000;

/** Reads manifests that are no container images; each of them once, however often it is listed. */
export class OtherReader {
  readonly #find: FindBlob;
  readonly #once = new Once<OtherArtifact>();
  #count = 0;

  constructor(find: FindBlob) {
    this.#find = find;
  }

  /** @param known the manifest, if it was read already @throws IMAGE_INVALID */
  read(descriptor: Descriptor, known?: Uint8Array, depth = 0): Promise<OtherArtifact> {
    return this.#once.do(descriptor.digest, () => this.#read(descriptor, known, depth));
  }

  async #read(descriptor: Descriptor, known: Uint8Array | undefined, depth: number): Promise<OtherArtifact> {
    const what = `manifest ${descriptor.digest}`;
    if (depth > MAX_DEPTH) throw invalid(`${what} lies more than ${MAX_DEPTH} indexes deep`);
    if (++this.#count > MAX_MANIFESTS) throw invalid(`there are more than ${MAX_MANIFESTS} manifests`);
    const bytes = known ?? (await readDocument(descriptor, this.#find, what));
    const { blobs, manifests, subject } = parseOther(bytes, what);
    const isManifest = (child: Descriptor): boolean => isAnyManifestType(child.mediaType);
    const children = await mapConcurrent(manifests.filter(isManifest), READ_AT_ONCE, (child) =>
      this.read(child, undefined, depth + 1),
    );
    const stored = [...blobs, ...manifests.filter((child) => !isManifest(child))].filter(
      (blob) => !isForeignLayer(blob),
    );
    return {
      kind: 'other',
      descriptor: plainDescriptor(descriptor),
      bytes,
      ...(subject ? { subject } : {}),
      blobs: await Promise.all(
        stored.map((blob, i) => this.#find(blob, `part ${i} (${blob.mediaType}) of ${what}`, 'blob')),
      ),
      children,
    };
  }
}
