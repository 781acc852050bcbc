import { PithError } from '../core/index.ts';
import { MAX_DOCUMENT_SIZE, readBlob, type Blob, type Descriptor } from '../oci/index.ts';

/**
 * Gives what a descriptor speaks of: a manifest (or index), or a blob that manifests name; `what` says which it is.
 * @throws IMAGE_INVALID if it is not there
 */
export type FindBlob = (descriptor: Descriptor, what: string, role: 'manifest' | 'blob') => Promise<Blob>;

/** Reads and verifies a manifest, index or configuration. @throws IMAGE_INVALID */
export async function readDocument(
  descriptor: Descriptor,
  find: FindBlob,
  what: string,
  role: 'manifest' | 'blob' = 'manifest',
): Promise<Uint8Array> {
  if (descriptor.size > MAX_DOCUMENT_SIZE) throw tooLarge(descriptor.size, what);
  return await readSmallBlob(await find(descriptor, what, role), what);
}

export async function readSmallBlob(blob: Blob, what: string): Promise<Uint8Array> {
  if (blob.size > MAX_DOCUMENT_SIZE) throw tooLarge(blob.size, what);
  return await readBlob(blob, MAX_DOCUMENT_SIZE, what);
}

/** A descriptor without what its place says of it. */
export function plainDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function tooLarge(size: number, what: string): PithError {
  return invalid(`${what} declares ${size} bytes, more than the ${MAX_DOCUMENT_SIZE} that are allowed`);
}

export function invalid(message: string): PithError {
  return new PithError('IMAGE_INVALID', message);
}
