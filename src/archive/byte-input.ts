import { PithError } from '../core/index.ts';

const EMPTY = new Uint8Array(0);

/** Reads a stream of pieces of any size by the byte; its end in the middle of a read is ARCHIVE_INVALID. */
export class ByteInput {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #what: string;
  #piece: Uint8Array = EMPTY;
  #at = 0;
  /** Bytes read so far. */
  consumed = 0;

  /** @param what names the stream in errors */
  constructor(source: AsyncIterable<Uint8Array>, what: string) {
    this.#pieces = source[Symbol.asyncIterator]();
    this.#what = what;
  }

  /** Whether the stream has no byte left. */
  async atEnd(): Promise<boolean> {
    while (this.#at === this.#piece.length) {
      const next = await this.#pieces.next();
      if (next.done === true) return true;
      this.#piece = next.value;
      this.#at = 0;
    }
    return false;
  }

  /** The next byte. */
  async byte(): Promise<number> {
    if (this.#at === this.#piece.length && (await this.atEnd())) throw this.#cutShort();
    this.consumed++;
    return this.#piece[this.#at++] ?? 0;
  }

  /** The next byte without reading it; only after `atEnd` has said no. */
  peek(): number {
    return this.#piece[this.#at] ?? 0;
  }

  /** Fills `target` with the next bytes. */
  async fill(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      if (this.#at === this.#piece.length && (await this.atEnd())) throw this.#cutShort();
      const part = this.#piece.subarray(this.#at, this.#at + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      this.consumed += part.length;
    }
  }

  /** The next `length` bytes, as a copy. `length` must be a small number, not one from the stream as it is. */
  async take(length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    await this.fill(bytes);
    return bytes;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  #cutShort(): PithError {
    return new PithError(
      'ARCHIVE_INVALID',
      `${this.#what} is cut short: it ends after ${this.consumed} bytes`,
    );
  }
}
