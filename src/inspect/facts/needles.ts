/** Texts that are looked for are at least so long; the longer the shortest is, the faster the search. */
const MIN_LENGTH = 3;

/** Called for each place of a text; `needle` is its number. */
export type OnNeedle = (needle: number, at: number) => void;

/**
 * Looks for many texts at once: the algorithm of Wu and Manber (1994) with blocks of two bytes. It looks at every n-th byte
 * only, n being one less than the length of the shortest text, as long as none is near.
 */
export class Needles {
  readonly texts: readonly string[];
  /** Bytes of the longest text. */
  readonly longest: number;
  readonly #bytes: readonly Buffer[];
  readonly #window: number;
  /** How far the window may move, by the two bytes at its end; 0 where a text may begin at its start. */
  readonly #shifts: Uint8Array;
  readonly #candidates = new Map<number, number[]>();

  /** @param texts of characters up to U+00FF, each a byte; no two are the same */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.#bytes = texts.map((text) => Buffer.from(text, 'latin1'));
    const lengths = this.#bytes.map(({ length }) => length);
    this.longest = Math.max(...lengths);
    this.#window = Math.min(255, ...lengths);
    if (this.#window < MIN_LENGTH) throw new Error(`a text is shorter than ${MIN_LENGTH} characters`);
    this.#shifts = new Uint8Array(1 << 16).fill(this.#window - 1);
    for (const [needle, bytes] of this.#bytes.entries()) this.#add(needle, bytes);
  }

  search(bytes: Uint8Array, found: OnNeedle): void {
    const shifts = this.#shifts;
    const window = this.#window;
    const end = bytes.length;
    for (let at = window - 1; at < end;) {
      const block = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
      const shift = shifts[block] ?? 1;
      if (shift === 0) {
        this.#compare(bytes, at - window + 1, block, found);
        at++;
      } else at += shift;
    }
  }

  #add(needle: number, bytes: Buffer): void {
    const last = this.#window - 1;
    for (let at = 1; at <= last; at++) {
      const block = bytes.readUInt16BE(at - 1);
      this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, last - at);
    }
    const block = bytes.readUInt16BE(last - 1);
    this.#candidates.set(block, [...(this.#candidates.get(block) ?? []), needle]);
  }

  #compare(bytes: Uint8Array, start: number, block: number, found: OnNeedle): void {
    for (const needle of this.#candidates.get(block) ?? []) {
      const text = this.#bytes[needle];
      if (text && startsAt(bytes, start, text)) found(needle, start);
    }
  }
}

/** Which of some texts are in a stream, pieces of which pass by. */
export class PassingTexts {
  readonly found = new Set<string>();
  readonly #needles: Needles;
  /** The last bytes that have passed, fewer than the longest text has. */
  #tail = Buffer.alloc(0);

  constructor(needles: Needles) {
    this.#needles = needles;
  }

  write(piece: Uint8Array): void {
    const overlap = this.#needles.longest - 1;
    const found = (needle: number): void => void this.found.add(this.#needles.texts[needle] ?? '');
    if (this.#tail.length > 0)
      this.#needles.search(Buffer.concat([this.#tail, piece.subarray(0, overlap)]), found);
    this.#needles.search(piece, found);
    const bytes = piece.length < overlap ? Buffer.concat([this.#tail, piece]) : piece;
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - overlap)));
  }

  /** What passes next does not follow what has passed. */
  interrupt(): void {
    this.#tail = Buffer.alloc(0);
  }
}

function startsAt(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  if (start + text.length > bytes.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text[at]) return false;
  return true;
}
