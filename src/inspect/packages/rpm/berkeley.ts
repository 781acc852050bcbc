/** Pages of Berkeley DB (Oracle Berkeley DB 5.3: src/dbinc/db_page.h). */
const HASH_MAGIC = 0x061561;
const HASH_META = 8;
const PAGE_TYPE = { HASH_UNSORTED: 2, OVERFLOW: 7, HASH: 13 } as const;
const PAGE_HEADER = 26;
const META_SIZE = 72;
const ITEM = { HERE: 1, ELSEWHERE: 3 } as const;
const MIN_PAGE = 512;
const MAX_PAGE = 64 << 10;
/** The record that holds the next free number. */
const COUNTER = 0;

/** The values of `Packages`, a hash of Berkeley DB, by their numbers; nothing for another file. */
export function* readBerkeley(bytes: Buffer): Generator<Buffer> {
  const file = HashFile.open(bytes);
  if (!file) return;
  const records = [...file.records()].sort((a, b) => a.key - b.key);
  for (const { key, value } of records) if (key !== COUNTER) yield value;
}

class HashFile {
  readonly #bytes: Buffer;
  readonly #pageSize: number;
  readonly #isBig: boolean;
  /** No page of a sound file belongs to two records: this bounds what a hostile one costs. */
  readonly #seen = new Set<number>();

  constructor(bytes: Buffer, pageSize: number, isBig: boolean) {
    this.#bytes = bytes;
    this.#pageSize = pageSize;
    this.#isBig = isBig;
  }

  static open(bytes: Buffer): HashFile | undefined {
    if (bytes.length < META_SIZE) return undefined;
    const isBig = bytes.readUInt32BE(12) === HASH_MAGIC;
    if (!isBig && bytes.readUInt32LE(12) !== HASH_MAGIC) return undefined;
    const pageSize = isBig ? bytes.readUInt32BE(20) : bytes.readUInt32LE(20);
    const isSound = pageSize >= MIN_PAGE && pageSize <= MAX_PAGE && (pageSize & (pageSize - 1)) === 0;
    const [encryption, type] = [bytes.readUInt8(24), bytes.readUInt8(25)];
    return isSound && encryption === 0 && type === HASH_META
      ? new HashFile(bytes, pageSize, isBig)
      : undefined;
  }

  *records(): Generator<{ key: number; value: Buffer }> {
    const count = Math.floor(this.#bytes.length / this.#pageSize);
    for (let number = 1; number < count; number++) {
      const page = this.#page(number);
      const type = page.readUInt8(25);
      if (type !== PAGE_TYPE.HASH && type !== PAGE_TYPE.HASH_UNSORTED) continue;
      const entries = Math.min(this.#half(page, 20), Math.floor((this.#pageSize - PAGE_HEADER) / 2));
      // Items lie from the end of the page to its start, each before the one before it: keys and values in turn.
      for (let index = 0; index + 1 < entries; index += 2) {
        const [key, value] = [this.#item(page, index), this.#item(page, index + 1)];
        if (key?.readUInt8(0) !== ITEM.HERE || key.length !== 5 || !value) continue;
        const content = this.#content(value);
        if (content) yield { key: this.#word(key, 1), value: content };
      }
    }
  }

  #item(page: Buffer, index: number): Buffer | undefined {
    const start = this.#half(page, PAGE_HEADER + 2 * index);
    const end = index === 0 ? page.length : this.#half(page, PAGE_HEADER + 2 * (index - 1));
    return start < PAGE_HEADER || start >= end || end > page.length ? undefined : page.subarray(start, end);
  }

  /** The value where it stands, or a number of a page and a length, behind the kind. */
  #content(item: Buffer): Buffer | undefined {
    const kind = item.readUInt8(0);
    if (kind === ITEM.HERE) return item.subarray(1);
    if (kind !== ITEM.ELSEWHERE || item.length < 12) return undefined;
    const length = this.#word(item, 8);
    const pieces: Buffer[] = [];
    let missing = length;
    for (let next = this.#word(item, 4); missing > 0;) {
      if ((next + 1) * this.#pageSize > this.#bytes.length || this.#seen.has(next)) return undefined;
      this.#seen.add(next);
      const page = this.#page(next);
      const piece = page.subarray(PAGE_HEADER, PAGE_HEADER + Math.min(this.#half(page, 22), missing));
      if (page.readUInt8(25) !== PAGE_TYPE.OVERFLOW || piece.length === 0) return undefined;
      pieces.push(piece);
      missing -= piece.length;
      next = this.#word(page, 16);
    }
    return Buffer.concat(pieces, length);
  }

  #page(number: number): Buffer {
    return this.#bytes.subarray(number * this.#pageSize, (number + 1) * this.#pageSize);
  }

  #half(bytes: Buffer, at: number): number {
    return this.#isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  }

  #word(bytes: Buffer, at: number): number {
    return this.#isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}
