import { createLimit, mapConcurrent, Once, PithError, type Digest } from '../../core/index.ts';
import type { Blob } from '../../oci/index.ts';
import { manifestsOf, type StoredManifest } from '../blobs.ts';
import { headManifest, putManifest } from './manifests.ts';
import { pushBlob } from './push-blob.ts';
import { addReferrer } from './referrers.ts';
import type { Registry } from './registry.ts';
import { Repository } from './repository.ts';
import type { Target } from './targets.ts';

const BLOBS_AT_ONCE = 10;
const MANIFESTS_AT_ONCE = 8;

/** A manifest for a repository. */
interface Piece {
  readonly repository: Repository;
  readonly manifest: StoredManifest;
}

/** A tag that is to move to a manifest. */
interface Move extends Piece {
  readonly tag: string;
}

/** A blob for the repositories that may lack it. */
interface Errand {
  readonly blob: Blob;
  readonly repositories: Set<Repository>;
}

/**
 * One write into a registry, in an order in which nothing is ever half there: blobs, manifests, the indexes of them, and
 * tags at last. The first failure ends everything that is under way.
 */
export class Push {
  readonly #registry: Registry;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #repositories = new Map<string, Repository>();
  #failure: { readonly error: unknown } | undefined;
  /** Digests of the blobs and manifests that were sent. */
  readonly sent = new Set<Digest>();

  constructor(registry: Registry, signal: AbortSignal | undefined) {
    this.#registry = registry;
    this.#signal = signal ? AbortSignal.any([signal, this.#ending.signal]) : this.#ending.signal;
  }

  /** @throws IMAGE_INVALID, CACHE_CORRUPT, DIGEST_MISMATCH, REGISTRY_…, NETWORK_…, INTERRUPTED */
  async run(targets: readonly Target[]): Promise<void> {
    const { pieces, moves } = await this.#lookForWork(targets);
    const missing = await this.#findMissing(pieces);
    const errands = errandsOf(missing).sort((a, b) => b.blob.size - a.blob.size);
    await this.#all(errands, this.#registry.settings.parallel ?? BLOBS_AT_ONCE, (errand) =>
      this.#run(errand),
    );
    await this.#putManifests(missing);
    await this.#moveTags(moves);
  }

  /** The tags that stand for something else, with their manifests, and the manifests that get no tag. */
  async #lookForWork(targets: readonly Target[]): Promise<{ pieces: Piece[]; moves: Move[] }> {
    const pieces = targets.map(({ repository, artifact, names }) => ({
      repository: this.#repositoryOf(repository),
      // The artifact itself comes last of its manifests.
      manifest: manifestsOf([artifact]).at(-1) as StoredManifest,
      names,
    }));
    const wanted = pieces.flatMap(({ names, ...piece }) => names.map(({ tag }) => ({ ...piece, tag })));
    const found = await this.#all(wanted, MANIFESTS_AT_ONCE, ({ repository, tag }) =>
      headManifest(repository, tag),
    );
    const moves = wanted.filter(({ manifest }, i) => found[i]?.digest !== manifest.descriptor.digest);
    return { pieces: [...moves, ...pieces.filter(({ names }) => names.length === 0)], moves };
  }

  /** The manifests that a repository lacks, those that an index lists before it. What is below one that is there, is there. */
  async #findMissing(pieces: readonly Piece[]): Promise<Piece[]> {
    const limit = createLimit(MANIFESTS_AT_ONCE);
    const looked = new Once<void>();
    const missing: Piece[] = [];
    const look = ({ repository, manifest }: Piece): Promise<void> => {
      const { digest } = manifest.descriptor;
      return looked.do(`${repository.name} ${digest}`, async () => {
        const found = await limit(() => headManifest(repository, digest));
        if (found?.digest === digest) return;
        await Promise.all(manifest.children.map((child) => look({ repository, manifest: child })));
        missing.push({ repository, manifest });
      });
    };
    await this.#all(pieces, Infinity, look);
    return missing;
  }

  /** Brings a blob into the first repository, and from there into the others. */
  async #run({ blob, repositories }: Errand): Promise<void> {
    const [first, ...others] = repositories;
    if (!first) return;
    if ((await pushBlob(first, blob)) === 'uploaded') this.sent.add(blob.digest);
    const origin = { registry: this.#registry.name, repository: first.name };
    for (const repository of others) await pushBlob(repository, { ...blob, origin });
  }

  async #putManifests(missing: readonly Piece[]): Promise<void> {
    const unlisted: Piece[] = [];
    const put = async (piece: Piece): Promise<void> => {
      const { repository, manifest } = piece;
      const { digest } = manifest.descriptor;
      const { knowsSubject } = await putManifest(repository, digest, manifest);
      this.sent.add(digest);
      if (manifest.subject && !knowsSubject) unlisted.push(piece);
    };
    await this.#all(missing.filter(isLeaf), MANIFESTS_AT_ONCE, put);
    // Indexes may list each other: in this order, each finds what it lists.
    for (const piece of missing) if (!isLeaf(piece)) await put(piece);
    for (const { repository, manifest } of unlisted)
      if (manifest.subject) await addReferrer(repository, manifest.subject.digest, manifest);
  }

  /** The tags of images, then those of the indexes of them. */
  async #moveTags(moves: readonly Move[]): Promise<void> {
    let moved = 0;
    const move = async ({ repository, tag, manifest }: Move): Promise<void> => {
      await putManifest(repository, tag, manifest);
      moved++;
    };
    try {
      await this.#all(moves.filter(isLeaf), MANIFESTS_AT_ONCE, move);
      for (const one of moves) if (!isLeaf(one)) await move(one);
    } catch (error) {
      if (moved === 0 || !(error instanceof PithError)) throw error;
      throw withNote(error, `${moved} of ${moves.length} tags had been moved by then`);
    }
  }

  /** As mapConcurrent, but the first failure ends the others. */
  async #all<Item, Result>(
    items: readonly Item[],
    limit: number,
    work: (item: Item) => Promise<Result>,
  ): Promise<Result[]> {
    try {
      return await mapConcurrent(items, limit, (item) => this.#guard(() => work(item)));
    } catch (error) {
      throw this.#failure ? this.#failure.error : error;
    }
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#failure ??= { error };
      this.#ending.abort();
      throw error;
    }
  }

  #repositoryOf(name: string): Repository {
    const repository =
      this.#repositories.get(name) ?? new Repository(this.#registry, name, 'pull,push', this.#signal);
    this.#repositories.set(name, repository);
    return repository;
  }
}

function isLeaf({ manifest }: Piece): boolean {
  return manifest.children.length === 0;
}

function errandsOf(missing: readonly Piece[]): Errand[] {
  const errands = new Map<Digest, Errand>();
  for (const { repository, manifest } of missing) {
    for (const blob of manifest.blobs) {
      const errand = errands.get(blob.digest) ?? { blob, repositories: new Set() };
      errands.set(blob.digest, errand);
      errand.repositories.add(repository);
    }
  }
  return [...errands.values()];
}

function withNote(error: PithError, note: string): PithError {
  const { code, message, hint, path, url } = error;
  return new PithError(code, `${message}; ${note}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(path === undefined ? {} : { path }),
    ...(url === undefined ? {} : { url }),
  });
}
