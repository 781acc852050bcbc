import { PithError } from '../../core/index.ts';
import { readPackages } from './packages-reader.ts';
import { parseRecord, RECORD_FIELDS, type IndexedPackage } from './package-record.ts';

/** Names the form below; part of the key under which a built index is cached. */
export const INDEX_FORMAT = 'pith-packages-1';

/*
 * The form of an index, integers in 32-bit little-endian:
 *
 *   16 bytes  INDEX_FORMAT, padded with NUL
 *   4         number of packages P
 *   4         number of provided names V
 *   4(P+1)    offsets of the package records, sorted by name; the last is the end of the records
 *   4(V+1)    offsets of the provider records, sorted by name; the last is the end of the file
 *   …         package records: see package-record.ts
 *   …         provider records: name, line end, then 4 bytes a package: its number
 */
const MAGIC_SIZE = 16;
const HEADER_SIZE = MAGIC_SIZE + 8;
const LINE_END = 10;
const PROVIDES = RECORD_FIELDS.indexOf('Provides');

/** A package index that is looked into without being parsed. */
export interface PackageIndex {
  /** The versions of the package of that name, in the order of the archive's file. */
  get(name: string): IndexedPackage[];
  /** The packages that have the name in their Provides. */
  providers(name: string): IndexedPackage[];
  /** All names, sorted, each once. */
  names(): Iterable<string>;
}

/**
 * Builds the index of an uncompressed Packages file.
 *
 * @throws PithError RELEASE_INVALID, ARCHIVE_TOO_LARGE
 */
export async function buildIndex(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const names: string[] = [];
  const records: string[] = [];
  const provided: [string, number][] = [];
  await readPackages(chunks, (values) => {
    const at = records.length;
    // Names are cut from the record, not from the text, so that the text can be forgotten.
    const record = `${values.join('\n')}\n`;
    records.push(record);
    names.push(record.slice(0, values[0]?.length));
    if (values[PROVIDES] === '') return;
    for (const name of providedNames(record.split('\n')[PROVIDES] ?? '')) provided.push([name, at]);
  });
  const order = names.map((_name, at) => at);
  // Archives sort their indexes already, though by other rules than bytes in places.
  order.sort((a, b) => compareText(names[a] ?? '', names[b] ?? ''));
  const rank = new Uint32Array(order.length);
  order.forEach((at, place) => (rank[at] = place));

  const providers = new Map<string, number[]>();
  for (const [name, at] of provided) {
    const list = providers.get(name);
    const place = rank[at] ?? 0;
    if (!list) providers.set(name, [place]);
    else if (list.at(-1) !== place) list.push(place);
  }
  return encode(
    order.map((at) => records[at] ?? ''),
    [...providers]
      .map(([name, places]) => [name, places.sort((a, b) => a - b)] as const)
      .sort(([a], [b]) => compareText(a, b)),
  );
}

function encode(
  records: readonly string[],
  providers: readonly (readonly [string, readonly number[]])[],
): Uint8Array {
  const tableSize = HEADER_SIZE + 4 * (records.length + 1 + providers.length + 1);
  const size = providers.reduce(
    (sum, [name, places]) => sum + name.length + 1 + 4 * places.length,
    records.reduce((sum, record) => sum + record.length, tableSize),
  );
  const out = Buffer.allocUnsafe(size);
  out.fill(0, 0, MAGIC_SIZE);
  out.write(INDEX_FORMAT, 'latin1');
  out.writeUInt32LE(records.length, MAGIC_SIZE);
  out.writeUInt32LE(providers.length, MAGIC_SIZE + 4);
  let slot = HEADER_SIZE;
  let at = tableSize;
  const point = (): void => {
    slot = out.writeUInt32LE(at, slot);
  };
  for (const record of records) {
    point();
    at += out.write(record, at, 'latin1');
  }
  point();
  for (const [name, places] of providers) {
    point();
    at += out.write(`${name}\n`, at, 'latin1');
    for (const place of places) at = out.writeUInt32LE(place, at);
  }
  point();
  return out;
}

/**
 * Opens an index that `buildIndex` has made; nothing is read before it is asked for.
 *
 * @throws PithError CACHE_CORRUPT if the bytes are no index of this format
 */
export function openIndex(bytes: Uint8Array): PackageIndex {
  const index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = index.toString('latin1', 0, MAGIC_SIZE).replace(/\0+$/, '');
  if (index.length < HEADER_SIZE + 8 || magic !== INDEX_FORMAT) throw corrupt();
  const packages = new Table(index, HEADER_SIZE, index.readUInt32LE(MAGIC_SIZE));
  const providers = new Table(index, packages.end, index.readUInt32LE(MAGIC_SIZE + 4));
  const packageAt = (place: number): IndexedPackage => parseRecord(packages.record(place).toString('latin1'));
  return {
    get(name) {
      const found: IndexedPackage[] = [];
      for (let at = packages.find(name); at < packages.count && packages.nameAt(at) === name; at++)
        found.push(packageAt(at));
      return found;
    },
    providers(name) {
      const at = providers.find(name);
      if (at >= providers.count || providers.nameAt(at) !== name) return [];
      const record = providers.record(at);
      const found: IndexedPackage[] = [];
      for (let offset = name.length + 1; offset + 4 <= record.length; offset += 4)
        found.push(packageAt(record.readUInt32LE(offset)));
      return found;
    },
    *names() {
      let last: string | undefined;
      for (let at = 0; at < packages.count; at++) {
        const name = packages.nameAt(at);
        if (name !== last) yield name;
        last = name;
      }
    },
  };
}

/** Records that begin with their name and a line end, sorted by name, behind a table of offsets. */
class Table {
  readonly count: number;
  /** Where the table ends. */
  readonly end: number;
  readonly #index: Buffer;
  readonly #start: number;

  constructor(index: Buffer, start: number, count: number) {
    this.count = count;
    this.end = start + 4 * (count + 1);
    this.#index = index;
    this.#start = start;
    if (this.end > index.length) throw corrupt();
  }

  record(at: number): Buffer {
    if (at >= this.count) throw corrupt();
    const from = this.#index.readUInt32LE(this.#start + 4 * at);
    const to = this.#index.readUInt32LE(this.#start + 4 * at + 4);
    if (from >= to || to > this.#index.length) throw corrupt();
    return this.#index.subarray(from, to);
  }

  nameAt(at: number): string {
    const record = this.record(at);
    return record.toString('latin1', 0, Math.max(0, record.indexOf(LINE_END)));
  }

  /** The first place whose name is not less than `name`. */
  find(name: string): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareText(this.nameAt(middle), name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function providedNames(field: string): string[] {
  if (field === '') return [];
  return field.split(',').flatMap((part) => /^\s*([^\s:(|]+)/.exec(part)?.[1] ?? []);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function corrupt(): PithError {
  return new PithError('CACHE_CORRUPT', 'a cached package index is damaged', {
    hint: 'Run `pith cache verify`, which removes what is damaged, and run the command again.',
  });
}
