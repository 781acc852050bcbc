import { digestOf, isDigest, PithError } from '../../core/index.ts';
import type { Answer } from '../../http/index.ts';
import { INDEX_TYPE, MANIFEST_TYPE, MAX_DOCUMENT_SIZE, type Descriptor } from '../../oci/index.ts';
import { isHtml, notRegistry } from './refusal.ts';
import type { Repository } from './repository.ts';

/** Everything that is understood; registries that know none of them answer with Docker's old schema 1. */
const ACCEPT = [
  INDEX_TYPE,
  MANIFEST_TYPE,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+';
const VAGUE_TYPE = /^(?:application\/(?:json|octet-stream)|text\/plain)$/;

/** A manifest or index as a registry has it; the digest is that of the bytes. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/**
 * Reads the manifest of a tag or digest (distribution-spec 1.1, "Pulling manifests"). The bytes are hashed and compared
 * with the digest that was asked for and the one that the registry names.
 * @param mediaType is taken as well
 * @returns undefined if there is none
 * @throws DIGEST_MISMATCH, REGISTRY_…, NETWORK_…
 */
export function getManifest(
  repository: Repository,
  reference: string,
  mediaType?: string,
): Promise<FetchedManifest | undefined> {
  const request = requestFor(reference, mediaType);
  return repository.send({ ...request, method: 'GET' }, async (answer) => {
    if (isAbsent(answer, repository, reference)) return undefined;
    if (answer.headers['content-type']?.startsWith(SCHEMA_1))
      throw new PithError(
        'IMAGE_INVALID',
        `${reference} of ${repository.fullName} is an image in Docker’s old schema 1`,
        {
          url: answer.url,
          hint: 'It is no longer supported anywhere: push the image again with a newer tool.',
        },
      );
    const bytes = await readManifest(answer, repository, reference);
    const digest = digestOf(bytes);
    for (const expected of [reference, answer.headers['docker-content-digest'] ?? ''])
      if (isDigest(expected) && expected !== digest)
        throw new PithError(
          'DIGEST_MISMATCH',
          `the manifest ${reference} of ${repository.fullName} came with the digest ${digest}, not ${expected}`,
          {
            url: answer.url,
            hint: 'It was not used. The registry, or a proxy before it, serves something else.',
          },
        );
    return { descriptor: { mediaType: typeOf(answer, bytes), digest, size: bytes.length }, bytes };
  });
}

/**
 * The descriptor of a tag or digest, without its bytes where the registry says enough in the header.
 * @returns undefined if there is none
 * @throws as getManifest
 */
export async function headManifest(
  repository: Repository,
  reference: string,
): Promise<Descriptor | undefined> {
  const found = await repository.send({ ...requestFor(reference), method: 'HEAD' }, (answer) => {
    if (isAbsent(answer, repository, reference)) return 'absent';
    const { 'docker-content-digest': digest = '', 'content-length': length = '' } = answer.headers;
    const mediaType = saidType(answer);
    if (!isDigest(digest) || !/^[0-9]{1,15}$/.test(length) || mediaType === undefined) return 'unclear';
    return { mediaType, digest, size: Number(length) };
  });
  if (found === 'unclear') return (await getManifest(repository, reference))?.descriptor;
  return found === 'absent' ? undefined : found;
}

/**
 * Stores a manifest under its digest or a tag (distribution-spec 1.1, "Pushing Manifests").
 * @returns whether the registry took note of its subject by itself
 * @throws DIGEST_MISMATCH if the registry says that it stored something else; IMAGE_INVALID, REGISTRY_…, NETWORK_…
 */
export async function putManifest(
  repository: Repository,
  reference: string,
  { descriptor, bytes }: FetchedManifest,
): Promise<{ readonly knowsSubject: boolean }> {
  if (bytes.length > MAX_DOCUMENT_SIZE)
    throw new PithError(
      'IMAGE_INVALID',
      `the manifest ${descriptor.digest} has ${bytes.length} bytes, and registries take ${MAX_DOCUMENT_SIZE} at most`,
      { hint: 'Make it smaller: fewer layers, or shorter annotations.' },
    );
  const headers = await repository.send(
    {
      method: 'PUT',
      to: `manifests/${reference}`,
      headers: { 'content-type': descriptor.mediaType },
      body: bytes,
      expect: [200, 201, 202],
      isWork: true,
      doing: `pushing ${reference} to`,
    },
    (answer) => answer.headers,
  );
  const stored = headers['docker-content-digest'];
  if (stored !== undefined && stored !== descriptor.digest)
    throw new PithError(
      'DIGEST_MISMATCH',
      `${repository.registry.name} stored the manifest ${descriptor.digest} of ${repository.fullName} as ${stored}`,
      { hint: 'The registry changes what it stores: what is there now is not what was pushed.' },
    );
  return { knowsSubject: headers['oci-subject'] !== undefined };
}

/**
 * Removes a manifest by its digest, or a tag (distribution-spec 1.1, "Deleting Tags" and "Deleting Manifests").
 * @returns whether there was one
 */
export function deleteManifest(repository: Repository, reference: string): Promise<boolean> {
  return repository.send(
    {
      method: 'DELETE',
      to: `manifests/${reference}`,
      expect: [200, 202, 204, 404],
      doing: `deleting ${reference} of`,
    },
    (answer) => !isAbsent(answer, repository, reference),
  );
}

function requestFor(
  reference: string,
  mediaType?: string,
): { to: string; headers: Record<string, string>; expect: number[]; doing: string } {
  const types = mediaType === undefined || ACCEPT.includes(mediaType) ? ACCEPT : [mediaType, ...ACCEPT];
  return {
    to: `manifests/${reference}`,
    headers: { accept: types.join(', ') },
    expect: [200, 404],
    doing: `pulling ${reference} of`,
  };
}

/** Whether the registry says that there is no such thing, rather than a web server that is none. */
function isAbsent(answer: Answer, { registry }: Repository, reference: string): boolean {
  if (answer.status === 404 && isHtml(answer))
    throw notRegistry({ registry: registry.name, purpose: `the question for ${reference}` }, answer);
  return answer.status === 404;
}

async function readManifest(
  answer: Answer,
  { fullName }: Repository,
  reference: string,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    if ((size += piece.length) > MAX_DOCUMENT_SIZE)
      throw new PithError(
        'IMAGE_INVALID',
        `the manifest ${reference} of ${fullName} has more than the ${MAX_DOCUMENT_SIZE} bytes that are allowed`,
        { url: answer.url },
      );
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The media type that the registry names, if it is one. */
function saidType({ headers }: Answer): string | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim() ?? '';
  return MEDIA_TYPE.test(type) && !VAGUE_TYPE.test(type) ? type : undefined;
}

/** What the registry says that it is; where it says nothing of use, what the manifest says itself. */
function typeOf(answer: Answer, bytes: Uint8Array): string {
  const said = saidType(answer);
  if (said !== undefined) return said;
  let members: unknown;
  try {
    members = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return 'application/octet-stream';
  }
  if (typeof members !== 'object' || members === null) return 'application/octet-stream';
  const own = 'mediaType' in members ? members.mediaType : undefined;
  if (typeof own === 'string' && MEDIA_TYPE.test(own)) return own;
  return 'manifests' in members ? INDEX_TYPE : MANIFEST_TYPE;
}
