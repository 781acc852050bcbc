import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createLimit, hexOf, isDigest, PithError } from '../../core/index.ts';
import type { Http } from '../../http/index.ts';
import type { Cache } from '../contract.ts';
import type { IndexFile } from './index-file.ts';
import type { Places } from './places.ts';
import type { Note } from './suites.ts';

/** Something that is made of an index and kept in its stead. */
export interface IndexForm {
  /** Kind of the records that lead to it. */
  readonly kind: string;
  /** Another one makes it anew. */
  readonly format: string;
  /** @param path of the verified file */
  readonly build: (path: string) => Promise<Uint8Array>;
}

export interface IndexLoaderOptions {
  readonly cache: Cache;
  readonly http: Http;
  readonly places: Places;
  readonly onNote: (note: Note) => void;
}

/** Building an index takes memory and a processor: not more than this many at once. */
const PARALLEL = 2;

/** Fetches and verifies indexes that releases list, and keeps in the cache what is made of them. */
export class IndexLoader {
  readonly #options: IndexLoaderOptions;
  readonly #limit = createLimit(PARALLEL);

  constructor(options: IndexLoaderOptions) {
    this.#options = options;
  }

  /**
   * The form of an index: from the cache, else made of the file, which is fetched for it.
   *
   * @param onBytes called with the bytes of the file as they arrive
   * @throws PithError NETWORK_STATUS, NETWORK_FAILED, NETWORK_CONTENT, OFFLINE, DIGEST_MISMATCH, and as the form's `build`
   */
  async load(wanted: IndexFile, form: IndexForm, onBytes?: (bytes: number) => void): Promise<Uint8Array> {
    const { cache } = this.#options;
    const key = `${form.format}-${hexOf(wanted.file.digest)}`;
    const known = cache.readRecord(form.kind, key);
    if (typeof known === 'string' && isDigest(known)) {
      const bytes = await cache.readBlob(known);
      if (bytes) return bytes;
    }
    const to = cache.temporaryPath();
    await this.#download(wanted, to, onBytes);
    try {
      const bytes = await this.#limit(() => form.build(to));
      await cache.writeRecord(form.kind, key, await cache.writeBlob(bytes));
      return bytes;
    } finally {
      await rm(to, { force: true });
    }
  }

  /**
   * By its digest where archives offer that, else by its name; a mirror that is being updated may have another
   * state of it under that name, which the dated archive still has.
   */
  async #download(
    { spec, state, what, path, file }: IndexFile,
    to: string,
    onBytes: ((bytes: number) => void) | undefined,
  ): Promise<void> {
    const { http, places, onNote } = this.#options;
    const { plain, dated } = places.basesOf(spec, state, undefined);
    const byHash = `${dirname(path)}/by-hash/SHA256/${hexOf(file.digest)}`;
    const urlOf = (base: string, name: string): string => `${base}/dists/${spec.suite}/${name}`;
    const request = { to, size: file.size, digest: file.digest, ...(onBytes ? { onBytes } : {}) };
    const first = state.acquireByHash ? plain.map((base) => urlOf(base, byHash)) : [];
    try {
      await http.download({ ...request, urls: [...first, urlOf(state.mirror, path)] });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      const message = `${state.mirror} does not have ${what} that its release lists: ${error.message}`;
      onNote({ kind: 'mirror-skipped', suite: spec.suite, message });
      const urls = dated.flatMap((base) => [
        ...(state.acquireByHash ? [urlOf(base, byHash)] : []),
        urlOf(base, path),
      ]);
      await http.download({ ...request, urls }).catch(() => {
        throw error;
      });
    }
  }
}

/** Whether a download failed because no address had the file, or had another state of it. */
export function isUnavailable(error: unknown): error is PithError {
  return (
    error instanceof PithError && (error.code.startsWith('NETWORK_') || error.code === 'DIGEST_MISMATCH')
  );
}
