/** Database header (SQLite file format, 1.3) and page headers (1.6). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_SIZE = 100;
const LEAF = 13;
const INTERIOR = 5;
/** The schema is the table of the first page. */
const SCHEMA_PAGE = 1;
const TEXT_ENCODING_UTF8 = 1;

/** A column of a row: blobs as bytes, real numbers left out. */
export type SqliteValue = string | number | Buffer | undefined;

/** A database file of SQLite, open to read its ordinary tables. */
export class SqliteFile {
  readonly #bytes: Buffer;
  readonly #pageSize: number;
  /** Bytes of a page that are not reserved for extensions. */
  readonly #usable: number;
  /** No page of a sound file belongs to two things: this bounds what a hostile one costs. */
  readonly #seen = new Set<number>();

  constructor(bytes: Buffer, pageSize: number, reserved: number) {
    this.#bytes = bytes;
    this.#pageSize = pageSize;
    this.#usable = pageSize - reserved;
  }

  /**
   * @param bytes the whole file (https://www.sqlite.org/fileformat2.html). What is still in a `-wal` file beside it is not seen.
   * @returns nothing for what is no such file, or holds its texts in UTF-16
   */
  static open(bytes: Buffer): SqliteFile | undefined {
    if (bytes.length < HEADER_SIZE || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const stated = bytes.readUInt16BE(16);
    const [pageSize, reserved] = [stated === 1 ? 65536 : stated, bytes.readUInt8(20)];
    const isSound = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0 && pageSize - reserved >= 480;
    return isSound && bytes.readUInt32BE(56) === TEXT_ENCODING_UTF8
      ? new SqliteFile(bytes, pageSize, reserved)
      : undefined;
  }

  /** The rows of a table in the order of their keys, as far as the file is sound. Each table can be read once. */
  *rows(table: string): Generator<readonly SqliteValue[]> {
    for (const [type, name, , root] of this.#rowsOf(SCHEMA_PAGE)) {
      if (type !== 'table' || name !== table || typeof root !== 'number') continue;
      yield* this.#rowsOf(root);
      return;
    }
  }

  *#rowsOf(root: number): Generator<readonly SqliteValue[]> {
    const waiting = [root];
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      const page = this.#page(number);
      if (!page) continue;
      const start = number === SCHEMA_PAGE ? HEADER_SIZE : 0;
      const type = page.readUInt8(start);
      if (type !== LEAF && type !== INTERIOR) continue;
      const cells = cellsOf(page, start, type);
      if (type === INTERIOR) {
        waiting.push(page.readUInt32BE(start + 8));
        for (const cell of cells.reverse())
          if (cell + 4 <= page.length) waiting.push(page.readUInt32BE(cell));
        continue;
      }
      for (const cell of cells) {
        const payload = this.#payload(page, cell);
        if (payload) yield readRecord(payload);
      }
    }
  }

  #page(number: number): Buffer | undefined {
    const end = number * this.#pageSize;
    if (number < 1 || end > this.#bytes.length || this.#seen.has(number)) return undefined;
    this.#seen.add(number);
    return this.#bytes.subarray(end - this.#pageSize, end - this.#pageSize + this.#usable);
  }

  /** A cell of a leaf: length, key, the first bytes of the record, and the page of the rest (1.6). */
  #payload(page: Buffer, cell: number): Buffer | undefined {
    const length = readVarint(page, cell);
    const key = length && readVarint(page, length.end);
    if (!key || length.value > this.#bytes.length) return undefined;
    const here = this.#held(length.value);
    const end = key.end + here;
    if (end > page.length) return undefined;
    const first = page.subarray(key.end, end);
    if (here === length.value) return first;
    return end + 4 > page.length ? undefined : this.#overflow(first, page.readUInt32BE(end), length.value);
  }

  /** Bytes of a record that its leaf holds. */
  #held(length: number): number {
    const most = this.#usable - 35;
    if (length <= most) return length;
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const held = least + ((length - least) % (this.#usable - 4));
    return held <= most ? held : least;
  }

  #overflow(first: Buffer, start: number, length: number): Buffer | undefined {
    const pieces = [first];
    let missing = length - first.length;
    for (let next = start; missing > 0;) {
      const page = this.#page(next);
      if (!page) return undefined;
      const piece = page.subarray(4, 4 + missing);
      pieces.push(piece);
      missing -= piece.length;
      next = page.readUInt32BE(0);
    }
    return Buffer.concat(pieces, length);
  }
}

function cellsOf(page: Buffer, start: number, type: number): number[] {
  const first = start + (type === LEAF ? 8 : 12);
  const count = Math.min(page.readUInt16BE(start + 3), Math.floor((page.length - first) / 2));
  return Array.from({ length: count }, (_none, index) => page.readUInt16BE(first + 2 * index));
}

/** Record format (2.1): the types of the columns, then their contents. */
function readRecord(payload: Buffer): SqliteValue[] {
  const values: SqliteValue[] = [];
  const header = readVarint(payload, 0);
  if (!header) return values;
  let content = header.value;
  for (let at = header.end; at < Math.min(header.value, payload.length);) {
    const type = readVarint(payload, at);
    const size = type && sizeOf(type.value);
    if (!type || size === undefined || content + size > payload.length) break;
    values.push(readValue(type.value, payload.subarray(content, content + size)));
    content += size;
    at = type.end;
  }
  return values;
}

/** Bytes of a column of a serial type. */
function sizeOf(type: number): number | undefined {
  return type >= 12 ? Math.floor((type - 12) / 2) : [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type];
}

function readValue(type: number, bytes: Buffer): SqliteValue {
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString('utf8');
  if (type >= 1 && type <= 5) return bytes.readIntBE(0, bytes.length);
  if (type === 6) return Number(bytes.readBigInt64BE(0));
  return type === 8 ? 0 : type === 9 ? 1 : undefined;
}

/** Up to nine bytes of seven bits each, the first the highest; the ninth has eight (1.6). Beyond 2^53 low bits are lost. */
function readVarint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < start + 9; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    if (at === start + 8) return { value: value * 256 + byte, end: at + 1 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}
