import { isDigest, mapConcurrent, PithError, type Digest } from '../../core/index.ts';
import { blobOfBytes, type AnyArtifact } from '../../oci/index.ts';
import { manifestsOf } from '../blobs.ts';
import { choose } from '../choose.ts';
import type { ImageSource, ListedArtifact, OpenOptions } from '../contract.ts';
import { readAny, requireImage } from '../read-artifact.ts';
import type { FindBlob } from '../read-document.ts';
import { blobIn, unknownImage } from './client.ts';
import { listRepositories, listTags } from './lists.ts';
import { getManifest, headManifest, type FetchedManifest } from './manifests.ts';
import { isRepository, isTag, type RegistryReference } from './reference.ts';
import { listReferrers } from './referrers.ts';
import { registryOf } from './registries.ts';
import { Repository } from './repository.ts';
import type { ReadContext } from './settings.ts';

/** Tags that are looked at, and referrers that are read, at once. */
const ASKED_AT_ONCE = 8;

/** What a name means in a registry: a manifest of a repository. */
interface Place {
  readonly repository: Repository;
  /** A tag or a digest. */
  readonly reference: string;
}

/**
 * Reads images from a registry: of one repository (names are tags or digests), or of a folder of repositories (names
 * are `REPOSITORY[:TAG]` below it).
 */
export function openRegistrySource(location: RegistryReference, context: ReadContext): ImageSource {
  const registry = registryOf(location.registry, context);
  const repositoryOf = (name: string): Repository => new Repository(registry, name, 'pull');
  const prefix = location.repository === '' ? '' : `${location.repository}/`;
  const where = `${location.registry}/${prefix}`;
  /** Where manifests were found, for what refers to them. */
  const repositories = new Map<Digest, Repository>();

  const place = async (name: string | undefined): Promise<Place> => {
    if (!location.isFolder) {
      const reference = name ?? location.digest ?? location.tag ?? 'latest';
      const repository = repositoryOf(location.repository);
      if (!isTag(reference) && !isDigest(reference)) await unknownImage(repository, reference);
      return { repository, reference };
    }
    const chosen = name ?? choose(await list(), undefined, where).names[0] ?? '';
    const [, path = '', tag, digest] = /^([^:@]*)(?::([^@]*))?(?:@(.*))?$/.exec(chosen) ?? [];
    const reference = digest ?? tag ?? 'latest';
    if (isRepository(prefix + path) && (isTag(reference) || isDigest(reference)))
      return { repository: repositoryOf(prefix + path), reference };
    choose(await list(), chosen, where);
    throw new PithError('UNKNOWN_IMAGE', `${where} has no image ${JSON.stringify(chosen)}`);
  };
  const unknown = async ({ repository, reference }: Place, name: string | undefined): Promise<never> => {
    if (location.isFolder) choose(await list(), name, where);
    return await unknownImage(repository, reference);
  };
  const list = async (): Promise<readonly ListedArtifact[]> => {
    if (!location.isFolder) return await listRepository(repositoryOf(location.repository), '');
    const names = (await listRepositories(registry)).filter((name) => name.startsWith(prefix));
    const listed = await mapConcurrent(names, ASKED_AT_ONCE, (name) =>
      listRepository(repositoryOf(name), `${name.slice(prefix.length)}:`),
    );
    if (names.length === 0)
      throw new PithError('UNKNOWN_IMAGE', `${where} does not exist`, {
        hint: 'Check the name of the registry and of the folder.',
      });
    return listed.flat();
  };
  const openAny = async (name?: string, options: OpenOptions = {}): Promise<AnyArtifact> => {
    const found = await place(name);
    const { repository, reference } = found;
    const manifest = (await getManifest(repository, reference)) ?? (await unknown(found, name));
    const artifact = await readAny(manifest.descriptor, findIn(repository, manifest), options);
    for (const { descriptor } of manifestsOf([artifact])) repositories.set(descriptor.digest, repository);
    return artifact;
  };

  return {
    list,
    openAny,
    async resolve(name) {
      const found = await place(name);
      return (await headManifest(found.repository, found.reference)) ?? (await unknown(found, name));
    },
    async open(name, options) {
      return requireImage(await openAny(name, options));
    },
    async referrers(digest) {
      const repository = location.isFolder ? repositories.get(digest) : repositoryOf(location.repository);
      if (!repository) return [];
      const found = await readReferrers(repository, digest);
      for (const { descriptor } of manifestsOf(found)) repositories.set(descriptor.digest, repository);
      return found;
    },
  };
}

/** The tags of a repository with their digests, one entry a digest. */
async function listRepository(repository: Repository, prefix: string): Promise<ListedArtifact[]> {
  const tags = await listTags(repository);
  const found = await mapConcurrent(tags, ASKED_AT_ONCE, (tag) => headManifest(repository, tag));
  const entries = new Map<Digest, ListedArtifact & { names: string[] }>();
  for (const [i, tag] of tags.entries()) {
    const digest = found[i]?.digest;
    if (digest === undefined) continue;
    const entry = entries.get(digest) ?? { names: [], digest };
    entries.set(digest, entry);
    entry.names.push(prefix + tag);
  }
  return [...entries.values()];
}

async function readReferrers(repository: Repository, digest: Digest): Promise<AnyArtifact[]> {
  const found = await listReferrers(repository, digest);
  return await mapConcurrent(found, ASKED_AT_ONCE, (descriptor) => readAny(descriptor, findIn(repository)));
}

/** Finds manifests and blobs in a repository. @param known a manifest that was read already */
function findIn(repository: Repository, known?: FetchedManifest): FindBlob {
  return (descriptor, what, role) => {
    if (role === 'blob') return Promise.resolve(blobIn(repository, descriptor));
    if (known?.descriptor.digest === descriptor.digest) return Promise.resolve(blobOfBytes(known.bytes));
    const { digest, size, mediaType } = descriptor;
    const open = async function* (): AsyncGenerator<Uint8Array> {
      const manifest = await getManifest(repository, digest, mediaType);
      if (!manifest)
        throw new PithError('IMAGE_INVALID', `${repository.fullName}: ${what} is missing (${digest})`);
      yield manifest.bytes;
    };
    return Promise.resolve({ digest, size, open });
  };
}
