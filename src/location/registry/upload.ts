import { PithError } from '../../core/index.ts';
import { drain, Retries, type Answer, type RequestOptions } from '../../http/index.ts';
import type { Blob } from '../../oci/index.ts';
import { BlobReader } from './blob-reader.ts';
import { RefusedError } from './refusal.ts';
import type { Repository } from './repository.ts';

/** Chunks that are sent where a registry, or a proxy before it, refuses a blob in one piece. */
const SMALLER_CHUNK = 16 * 1024 * 1024;
/** Milliseconds that are given to taking back an upload. */
const CANCEL_TIME = 5000;
/** So often an upload may get lost in the registry. */
const MAX_LOSSES = 3;
const BYTES = { 'content-type': 'application/octet-stream' };

/** An upload as the registry has it (distribution-spec 1.1, "Pushing blobs"). */
export class Upload {
  readonly #repository: Repository;
  readonly #blob: Blob;
  readonly #reader: BlobReader;
  /** Where it goes on. */
  #address: URL;
  /** Bytes that the registry has. */
  #offset = 0;
  /** Bytes of a chunk; undefined as long as everything goes in one piece. */
  #chunkSize: number | undefined;
  #smallestChunk = 0;

  private constructor(repository: Repository, blob: Blob, opened: OpenedUpload) {
    const { chunkSize, onBytes } = repository.registry.settings;
    this.#repository = repository;
    this.#blob = blob;
    this.#reader = new BlobReader(blob, onBytes);
    this.#chunkSize = chunkSize;
    this.#address = opened.address;
    this.#smallestChunk = opened.smallestChunk;
  }

  static async open(repository: Repository, blob: Blob): Promise<Upload> {
    return new Upload(repository, blob, await openUpload(repository, blob));
  }

  /**
   * Mounts a blob from another repository of the registry (distribution-spec 1.1, "Mounting a blob from another repository").
   * @returns undefined if that worked, else the upload that the registry opens in its place
   */
  static async mount(repository: Repository, blob: Blob, from: string): Promise<Upload | undefined> {
    const opened = await openUpload(repository, blob, from);
    return opened && new Upload(repository, blob, opened);
  }

  /**
   * Sends the blob. What breaks goes on where the registry says that it stopped, or begins again.
   * @param isThere looks whether the registry has the blob, although it did not say so
   * @throws IMAGE_INVALID or CACHE_CORRUPT for a blob that is not what it says, REGISTRY_…, NETWORK_…, INTERRUPTED
   */
  async run(isThere: () => Promise<boolean>): Promise<void> {
    const { registry, signal } = this.#repository;
    const retries = new Retries(
      { ...registry.policy, signal },
      this.#address.origin + this.#address.pathname,
    );
    for (let losses = 0; ;) {
      try {
        await this.#sendRest();
        return;
      } catch (error) {
        this.#reader.close();
        const status = error instanceof RefusedError ? error.status : undefined;
        if (status === 413 && this.#chunkSize === undefined) {
          this.#chunkSize = SMALLER_CHUNK;
          await this.#beginAgain();
        } else if ((status === 404 || status === 416) && losses++ < MAX_LOSSES) {
          await this.#recover();
        } else {
          await retries.after(error, this.#offset);
          if (await isThere()) return;
          await this.#recover();
        }
      }
    }
  }

  /** Takes the upload back, as far as the registry lets us. */
  async cancel(): Promise<void> {
    try {
      const answer = await this.#repository.sendOnce({
        method: 'DELETE',
        to: this.#address,
        expect: [200, 202, 204, 404],
        signal: AbortSignal.timeout(CANCEL_TIME),
        doing: 'taking back an upload to',
      });
      answer.body.destroy();
    } catch {
      // The registry forgets it by itself after a while; what went wrong before says more.
    }
  }

  async #sendRest(): Promise<void> {
    const { size, digest } = this.#blob;
    const isWhole = this.#offset === 0 && this.#chunkSize === undefined;
    while (!isWhole && this.#offset < size) await this.#sendChunk();
    const answer = await this.#send('PUT', withDigest(this.#address, digest), isWhole ? size : 0, {
      expect: [200, 201, 204],
      headers: BYTES,
    });
    const stored = answer.headers['docker-content-digest'];
    if (stored === undefined || stored === digest) return;
    throw new PithError(
      'DIGEST_MISMATCH',
      `${this.#repository.registry.name} stored the blob ${digest} of ${this.#repository.fullName} as ${stored}`,
      { hint: 'The registry changes what it stores: what is there now is not what was pushed.' },
    );
  }

  async #sendChunk(): Promise<void> {
    const rest = this.#blob.size - this.#offset;
    const length = Math.min(rest, Math.max(this.#chunkSize ?? rest, this.#smallestChunk, 1));
    const answer = await this.#send('PATCH', this.#address, length, {
      expect: [201, 202, 204],
      headers: { ...BYTES, 'content-range': `${this.#offset}-${this.#offset + length - 1}` },
    });
    this.#goOn(answer, this.#offset + length);
  }

  async #send(
    method: RequestOptions['method'],
    to: URL,
    length: number,
    { headers, expect }: { headers: Readonly<Record<string, string>>; expect: readonly number[] },
  ): Promise<Answer> {
    const answer = await this.#repository.sendOnce({
      method,
      to,
      headers: { ...headers, 'content-length': String(length) },
      ...(length === 0 ? {} : { body: () => this.#reader.read(this.#offset, length) }),
      expect,
      isWork: true,
      doing: `uploading the blob ${this.#blob.digest} to`,
    });
    await drain(answer);
    return answer;
  }

  /** Takes note of where the registry is. @throws RefusedError if it has another number of bytes */
  #goOn(answer: Pick<Answer, 'headers' | 'url'>, expected: number): void {
    const { registry } = this.#repository;
    const received = receivedBytes(answer) ?? expected;
    // Some name the byte after the last.
    if (received !== expected && received !== expected + 1)
      throw new RefusedError(
        416,
        'REGISTRY_INVALID',
        `${registry.name} took ${received} bytes of ${expected}`,
        {
          url: answer.url,
        },
      );
    this.#offset = expected;
    if (answer.headers['location'] !== undefined)
      this.#address = registry.addressIn(answer.headers, answer.url);
  }

  /** Asks how much the registry has, and begins again if it has nothing or says nothing of use. */
  async #recover(): Promise<void> {
    try {
      const answer = await this.#repository.send(
        {
          method: 'GET',
          to: this.#address,
          expect: [200, 202, 204],
          doing: `looking at the upload of ${this.#blob.digest} to`,
        },
        ({ headers, url }) => ({ headers, url }),
      );
      const received = receivedBytes(answer) ?? 0;
      // `0-0` is said for nothing as well as for one byte.
      if (received > 1 && received <= this.#blob.size) {
        this.#goOn(answer, received);
        return;
      }
    } catch (error) {
      if (!(error instanceof PithError) || error.code === 'INTERRUPTED') throw error;
    }
    await this.#beginAgain();
  }

  async #beginAgain(): Promise<void> {
    await this.cancel();
    const opened = await openUpload(this.#repository, this.#blob);
    this.#address = opened.address;
    this.#smallestChunk = opened.smallestChunk;
    this.#offset = 0;
  }
}

interface OpenedUpload {
  readonly address: URL;
  /** Bytes that a chunk must have at least, but for the last. */
  readonly smallestChunk: number;
}

async function openUpload(repository: Repository, blob: Blob): Promise<OpenedUpload>;
async function openUpload(
  repository: Repository,
  blob: Blob,
  from: string,
): Promise<OpenedUpload | undefined>;
async function openUpload(
  repository: Repository,
  { digest }: Blob,
  from?: string,
): Promise<OpenedUpload | undefined> {
  const query = from === undefined ? '' : `?mount=${digest}&from=${encodeURIComponent(from)}`;
  const request = {
    method: 'POST',
    to: `blobs/uploads/${query}`,
    headers: { 'content-length': '0' },
    expect: from === undefined ? [202] : [201, 202],
    doing: `uploading the blob ${digest} to`,
    ...(from === undefined ? {} : { alsoPull: [from] }),
  } as const;
  return await repository.send(request, ({ status, headers, url }) => {
    if (status === 201) return undefined;
    const smallest = Number(headers['oci-chunk-min-length']);
    return {
      address: repository.registry.addressIn(headers, url),
      smallestChunk: Number.isSafeInteger(smallest) ? smallest : 0,
    };
  });
}

/** Bytes that a registry has, by its `Range: 0-LAST`; undefined if it says nothing. */
function receivedBytes({ headers }: Pick<Answer, 'headers'>): number | undefined {
  const last = /^(?:bytes=)?0-([0-9]{1,15})$/.exec(headers['range'] ?? '')?.[1];
  return last === undefined ? undefined : Number(last) + 1;
}

/** The address with the digest behind the query that the registry gave, which stays as it is. */
function withDigest(address: URL, digest: string): URL {
  const url = new URL(address);
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return url;
}
