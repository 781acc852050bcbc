interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * Parts of a stream that are kept while it passes. Each part is asked for before it has passed; a part that began earlier is
 * kept only if what has passed of it is in another part.
 */
export class HeldBytes {
  #parts: Part[] = [];
  #position = 0;

  /** Number of bytes that have passed. */
  get position(): number {
    return this.#position;
  }

  /** Keeps the bytes of [start, start + length) and allocates as many. */
  hold(start: number, length: number): void {
    const passed = Math.min(length, Math.max(0, this.#position - start));
    const known = this.read(start, passed);
    if (!known) return;
    const bytes = Buffer.allocUnsafeSlow(length);
    bytes.set(known);
    this.#parts.push({ start, bytes });
  }

  write(piece: Uint8Array): void {
    const end = this.#position + piece.length;
    for (const { start, bytes } of this.#parts) {
      const from = Math.max(start, this.#position);
      const to = Math.min(start + bytes.length, end);
      if (from < to) bytes.set(piece.subarray(from - this.#position, to - this.#position), from - start);
    }
    this.#position = end;
  }

  /** A view of bytes that have passed; nothing if they are not in one part. */
  read(start: number, length: number): Uint8Array | undefined {
    if (length === 0) return new Uint8Array(0);
    if (start < 0 || start + length > this.#position) return undefined;
    const part = this.#covering(start, start + length);
    return part?.bytes.subarray(start - part.start, start - part.start + length);
  }

  /** A view of the bytes from `start` to the end of the largest run that is held, at most `limit` of them. */
  readUpTo(start: number, limit: number): Uint8Array {
    const end = Math.min(start + limit, this.#position);
    let [best, length] = [this.#parts[0], 0];
    for (const part of this.#parts) {
      const run = part.start <= start ? Math.min(end, part.start + part.bytes.length) - start : 0;
      if (run > length) [best, length] = [part, run];
    }
    return best && length > 0
      ? best.bytes.subarray(start - best.start, start - best.start + length)
      : new Uint8Array(0);
  }

  /** Whether a range is held, or will be once it has passed. */
  covers(start: number, end: number): boolean {
    return this.#covering(start, end) !== undefined;
  }

  release(): void {
    this.#parts = [];
  }

  #covering(start: number, end: number): Part | undefined {
    return this.#parts.find((part) => part.start <= start && end <= part.start + part.bytes.length);
  }
}
