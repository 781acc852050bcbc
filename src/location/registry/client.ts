import { hexOf, isDigest, PithError, type Digest } from '../../core/index.ts';
import { parseOther, type Blob, type Descriptor } from '../../oci/index.ts';
import { choose } from '../choose.ts';
import { downloadBlob } from './download.ts';
import { listRepositories, listTags } from './lists.ts';
import { deleteManifest, getManifest, headManifest, type FetchedManifest } from './manifests.ts';
import { isKeptByRegistry, listReferrers, removeReferrer } from './referrers.ts';
import type { Registry } from './registry.ts';
import { Repository } from './repository.ts';

/** What can be asked of one repository, and removed from it. A `reference` is a tag or a digest. */
export class RegistryClient {
  /** `REGISTRY/REPOSITORY` */
  readonly name: string;
  readonly #registry: Registry;
  readonly #repository: Repository;

  constructor(registry: Registry, repository: string) {
    this.#registry = registry;
    this.#repository = new Repository(registry, repository, 'pull');
    this.name = this.#repository.fullName;
  }

  /** Looks whether the registry is one, and takes the credentials. @throws REGISTRY_…, NETWORK_…, INTERRUPTED */
  async check(): Promise<void> {
    await this.#repository.check();
  }

  /** All tags, in the order of the registry. @throws UNKNOWN_IMAGE if there is no such repository; as check */
  async tags(): Promise<string[]> {
    try {
      return await listTags(this.#repository);
    } catch (error) {
      throw error instanceof PithError && error.code === 'UNKNOWN_IMAGE'
        ? noRepository(this.#repository, error)
        : error;
    }
  }

  /** The names of all repositories of the registry, where it tells them. @throws as check */
  repositories(): Promise<string[]> {
    return listRepositories(this.#registry);
  }

  /** The descriptor of a manifest, without reading it where the registry says enough. @throws UNKNOWN_IMAGE, as check */
  async descriptor(reference: string): Promise<Descriptor> {
    return (
      (await headManifest(this.#repository, reference)) ?? (await unknownImage(this.#repository, reference))
    );
  }

  /** The digest that a tag stands for. @throws UNKNOWN_IMAGE, as check */
  async digest(reference: string): Promise<Digest> {
    return (await this.descriptor(reference)).digest;
  }

  /** A manifest or index, byte for byte. @throws UNKNOWN_IMAGE, DIGEST_MISMATCH, IMAGE_INVALID if it is too large; as check */
  async manifest(reference: string): Promise<FetchedManifest> {
    return (
      (await getManifest(this.#repository, reference)) ?? (await unknownImage(this.#repository, reference))
    );
  }

  /**
   * A blob, verified while it is read.
   * @param size its bytes, if they are known
   * @throws UNKNOWN_IMAGE if there is none, as check
   */
  async blob(digest: Digest, size?: number): Promise<Blob> {
    return blobIn(this.#repository, { digest, size: size ?? (await this.#sizeOf(digest)) });
  }

  /** What refers to a manifest: signatures, attestations, bills of materials. @throws as check */
  referrers(digest: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    return listReferrers(this.#repository, digest, artifactType);
  }

  /**
   * Removes a tag, or a manifest with all its tags by its digest.
   * @throws UNKNOWN_IMAGE if there is none, as check
   */
  async delete(reference: string): Promise<void> {
    const repository = new Repository(this.#registry, this.#repository.name, 'pull,push,delete');
    const found = isDigest(reference) ? await getManifest(repository, reference) : undefined;
    if (!(await this.#remove(repository, reference))) await unknownImage(this.#repository, reference);
    if (!found) return;
    const { subject } = parseOther(found.bytes, `manifest ${reference}`);
    if (subject && !(await isKeptByRegistry(repository, subject.digest)))
      await removeReferrer(repository, subject.digest, found.descriptor.digest);
  }

  /** Removes a blob. @throws UNKNOWN_IMAGE if there is none, as check */
  async deleteBlob(digest: Digest): Promise<void> {
    const repository = new Repository(this.#registry, this.#repository.name, 'pull,push,delete');
    const isGone = await repository.send(
      {
        method: 'DELETE',
        to: `blobs/${digest}`,
        expect: [200, 202, 204, 404],
        doing: `deleting the blob ${digest} of`,
      },
      (answer) => answer.status !== 404,
    );
    if (!isGone) throw noBlob(this.#repository, digest);
  }

  /** Many registries delete no single tags, and say so in many ways. */
  async #remove(repository: Repository, reference: string): Promise<boolean> {
    try {
      return await deleteManifest(repository, reference);
    } catch (error) {
      if (isDigest(reference) || !(error instanceof PithError) || error.code !== 'REGISTRY_REFUSED')
        throw error;
      const digest = await this.digest(reference);
      throw new PithError('REGISTRY_REFUSED', error.message, {
        hint: `It may be read-only. If it only does not delete single tags, delete what they stand for, with all its tags: \`pith delete ${this.name}@${digest}\`.`,
        cause: error,
      });
    }
  }

  #sizeOf(digest: Digest): Promise<number> {
    const repository = this.#repository;
    const request = { method: 'HEAD', to: `blobs/${digest}`, expect: [200, 404] } as const;
    return repository.send({ ...request, doing: `looking for the blob ${digest} of` }, (answer) => {
      if (answer.status === 404) throw noBlob(repository, digest);
      const { 'content-length': length = '' } = answer.headers;
      if (/^[0-9]{1,15}$/.test(length)) return Number(length);
      throw new PithError(
        'REGISTRY_INVALID',
        `${repository.registry.name} does not say how long ${digest} is`,
      );
    });
  }
}

/** A blob of a repository, which others of the registry can mount. */
export function blobIn(repository: Repository, { digest, size }: Pick<Blob, 'digest' | 'size'>): Blob {
  return {
    digest,
    size,
    isVerified: true,
    origin: { registry: repository.registry.name, repository: repository.name },
    open: () => downloadBlob(repository, { digest, size }),
  };
}

/** Says that there is no such tag or digest, with the nearest one that there is. @throws UNKNOWN_IMAGE always */
export async function unknownImage(repository: Repository, reference: string): Promise<never> {
  let tags: string[];
  try {
    tags = await listTags(repository);
  } catch (error) {
    if (!(error instanceof PithError) || error.code !== 'UNKNOWN_IMAGE')
      throw new PithError(
        'UNKNOWN_IMAGE',
        `${repository.fullName} has no image ${JSON.stringify(reference)}`,
        {
          hint: 'Check the name and the tag.',
          cause: error,
        },
      );
    throw noRepository(repository, error);
  }
  choose(
    tags.map((tag) => ({ names: [tag] })),
    reference,
    repository.fullName,
  );
  throw new PithError(
    'REGISTRY_INVALID',
    `${repository.fullName} lists the tag ${reference}, but has no manifest for it`,
    { hint: 'The registry may have removed it just now, or lost it: push it again.' },
  );
}

function noRepository({ fullName }: Repository, cause: unknown): PithError {
  return new PithError('UNKNOWN_IMAGE', `${fullName} does not exist`, {
    hint: 'Check the name of the registry and of the repository.',
    cause,
  });
}

function noBlob(repository: Repository, digest: Digest): PithError {
  return new PithError('UNKNOWN_IMAGE', `${repository.fullName} has no blob ${hexOf(digest)}`, {
    hint: 'Check the digest.',
  });
}
