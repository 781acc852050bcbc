import { PithError, toPithError } from '../../core/index.ts';
import type { Blob } from '../../oci/index.ts';
import { verified } from '../blobs.ts';

/**
 * Reads a blob from any place on, verified: the last bytes come when all of it has turned out to be right, so that nobody
 * gets the whole of a wrong blob. Reading on from where the last part ended costs nothing; elsewhere it begins anew.
 */
export class BlobReader {
  readonly #blob: Blob;
  readonly #onBytes: (bytes: number) => void;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #rest: Uint8Array = new Uint8Array();
  #position = 0;
  /** How far `onBytes` was told of. */
  #told = 0;

  constructor(blob: Blob, onBytes: (bytes: number) => void = () => undefined) {
    this.#blob = blob;
    this.#onBytes = onBytes;
  }

  /** `length` bytes from `start` on. @throws as `verified` */
  async *read(start: number, length: number): AsyncGenerator<Uint8Array> {
    if (!this.#pieces || this.#position !== start) this.#restart();
    const end = start + length;
    this.#tell(start);
    while (this.#position < end) {
      const piece = await this.#next(this.#position < start ? start : end);
      if (this.#position <= start) continue;
      this.#tell(this.#position);
      yield piece;
    }
  }

  /** Lets go of what is open; the next read begins anew. */
  close(): void {
    void this.#pieces?.return?.();
    this.#pieces = undefined;
  }

  #restart(): void {
    this.close();
    this.#pieces = lastHeldBack(verified(this.#blob))[Symbol.asyncIterator]();
    this.#rest = new Uint8Array();
    this.#position = 0;
  }

  /** The next piece, which ends at `limit` at most. */
  async #next(limit: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      this.#rest = await this.#readMore();
    }
    const piece = this.#rest.subarray(0, limit - this.#position);
    this.#rest = this.#rest.subarray(piece.length);
    this.#position += piece.length;
    return piece;
  }

  /** What keeps the blob from being read is not a fault of the connection that it goes to. */
  async #readMore(): Promise<Uint8Array> {
    try {
      const next = await this.#pieces?.next();
      if (next && !next.done) return next.value;
    } catch (error) {
      throw toPithError(error);
    }
    throw new PithError(
      'IMAGE_INVALID',
      `the blob ${this.#blob.digest} has fewer than ${this.#blob.size} bytes`,
    );
  }

  #tell(position: number): void {
    if (position !== this.#told) this.#onBytes(position - this.#told);
    this.#told = position;
  }
}

/** Every piece when the next has come, or the end without an error. */
async function* lastHeldBack(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    if (held) yield held;
    held = piece;
  }
  if (held) yield held;
}
