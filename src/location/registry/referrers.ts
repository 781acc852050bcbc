import { digestOf, PithError, type Digest } from '../../core/index.ts';
import {
  encodeIndex,
  INDEX_TYPE,
  isIndexType,
  parseIndex,
  parseOther,
  type Descriptor,
  type IndexManifest,
} from '../../oci/index.ts';
import { eachPage, readJson } from './lists.ts';
import { getManifest, putManifest } from './manifests.ts';
import { isHtml, RefusedError } from './refusal.ts';
import type { Repository } from './repository.ts';

/**
 * The manifests that refer to a manifest (distribution-spec 1.1, "Listing Referrers"): what the registry's own list says,
 * or, where it keeps none, the index under the tag `sha256-…` ("Referrers Tag Schema").
 * @param artifactType only these
 * @throws IMAGE_INVALID, DIGEST_MISMATCH, REGISTRY_…, NETWORK_…
 */
export async function listReferrers(
  repository: Repository,
  digest: Digest,
  artifactType?: string,
): Promise<readonly Descriptor[]> {
  const found =
    (await askForReferrers(repository, digest, artifactType)) ??
    (await readTagged(repository, digest)).manifests;
  // Not every registry filters.
  const fitting = found.filter((one) => artifactType === undefined || one.artifactType === artifactType);
  return [...new Map(fitting.map((one) => [one.digest, one])).values()];
}

/** Whether the registry itself keeps the list of what refers to a manifest. */
export async function isKeptByRegistry(repository: Repository, digest: Digest): Promise<boolean> {
  return (await askForReferrers(repository, digest, undefined)) !== undefined;
}

/** The registry's own list; undefined if it keeps none. */
async function askForReferrers(
  repository: Repository,
  digest: Digest,
  artifactType: string | undefined,
): Promise<readonly Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  let isKept = true;
  const filter = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  try {
    await eachPage(`referrers/${digest}${filter}`, repository.registry, (to) =>
      repository.send(
        {
          method: 'GET',
          to,
          headers: { accept: INDEX_TYPE },
          expect: [200, 404],
          doing: 'listing the referrers in',
        },
        async (answer) => {
          isKept = isKept && answer.status === 200 && !isHtml(answer);
          if (isKept) {
            const page = Buffer.from(JSON.stringify(await readJson(answer, repository.registry.name)));
            found.push(...parseIndex(page, `the referrers of ${digest}`).manifests);
          }
          return { headers: isKept ? answer.headers : {}, url: answer.url };
        },
      ),
    );
  } catch (error) {
    // Registries that do not know the question answer in many ways.
    if (!(error instanceof RefusedError)) throw error;
    isKept = false;
  }
  return isKept ? found : undefined;
}

/** The index under the tag that stands in for a list of referrers; an empty one if there is none. */
async function readTagged(repository: Repository, digest: Digest): Promise<IndexManifest> {
  const found = await getManifest(repository, tagOf(digest));
  if (!found) return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] };
  if (isIndexType(found.descriptor.mediaType)) return parseIndex(found.bytes, `index ${tagOf(digest)}`);
  throw new PithError(
    'IMAGE_INVALID',
    `the tag ${tagOf(digest)} of ${repository.fullName} is no list of referrers, but ${found.descriptor.mediaType}`,
  );
}

function tagOf(digest: Digest): string {
  return digest.replace(':', '-');
}

/**
 * Enters a manifest that was pushed into the list of what refers to its subject, where the registry does not do so itself
 * (distribution-spec 1.1, "Pushing Manifests with Subject").
 */
export async function addReferrer(
  repository: Repository,
  subject: Digest,
  { descriptor, bytes }: { readonly descriptor: Descriptor; readonly bytes: Uint8Array },
): Promise<void> {
  const { mediaType, digest, size } = descriptor;
  const entry = { mediaType, digest, size, ...describe(bytes) };
  await changeTagged(repository, subject, (manifests) => [
    ...manifests.filter((one) => one.digest !== digest),
    entry,
  ]);
}

/** Takes a manifest that was deleted out of the list that stands under the tag. */
export async function removeReferrer(repository: Repository, subject: Digest, digest: Digest): Promise<void> {
  await changeTagged(repository, subject, (manifests) => manifests.filter((one) => one.digest !== digest));
}

async function changeTagged(
  repository: Repository,
  subject: Digest,
  change: (manifests: readonly Descriptor[]) => readonly Descriptor[],
): Promise<void> {
  const before = await readTagged(repository, subject);
  const manifests = change(before.manifests);
  if (JSON.stringify(manifests) === JSON.stringify(before.manifests)) return;
  const bytes = encodeIndex({ ...before, manifests });
  const descriptor = { mediaType: INDEX_TYPE, digest: digestOf(bytes), size: bytes.length };
  await putManifest(repository, tagOf(subject), { descriptor, bytes });
}

/** What a list of referrers says of a manifest: what kind of thing it is, and its annotations. */
function describe(bytes: Uint8Array): Pick<Descriptor, 'artifactType' | 'annotations'> {
  const { artifactType, annotations } = parseOther(bytes, 'the manifest with a subject');
  return {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
