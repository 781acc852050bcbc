/** Texts one behind the other. */
export interface TextColumn {
  readonly text: string;
  /** Where each ends, in UTF-16 units. */
  readonly ends: Uint32Array;
}

/** A tree as the page works with it: entries depth first and by name, in columns. */
export interface TreeColumns {
  readonly count: number;
  /** Number of the folder; of the root, -1. */
  readonly parents: Int32Array;
  readonly depths: Int32Array;
  /** Number behind the last entry that is in this one, at any depth. */
  readonly ends: Int32Array;
  readonly types: Uint8Array;
  readonly sizes: Float64Array;
  readonly modes: Uint16Array;
  readonly uids: Float64Array;
  readonly gids: Float64Array;
  readonly mtimes: Float64Array;
  /** -1 where there is none. */
  readonly layers: Int32Array;
  readonly packages: Int32Array;
  readonly names: TextColumn;
  readonly links: TextColumn;
  /** Of a difference. */
  readonly difference?: DifferenceColumns;
}

/** What entries were in the first image; the same values where nothing changed. */
export interface DifferenceColumns {
  readonly changes: Uint8Array;
  readonly types: Uint8Array;
  readonly sizes: Float64Array;
  readonly modes: Uint16Array;
  readonly uids: Float64Array;
  readonly gids: Float64Array;
  /** Of changed entries only. */
  readonly links: TextColumn;
}

type Column = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** Entries that are read between two yields. */
const SLICE = 1 << 15;

/**
 * Reads what {@link encodeTree} wrote. It stops after every slice of work, so that a browser can do something else.
 * Uses nothing that only Node.js or only a browser has.
 */
export function* decodeTree(bytes: Uint8Array): Generator<undefined, TreeColumns> {
  const input = new ColumnReader(bytes);
  const count = input.number();
  const isDifference = input.number() === 1;
  const depths = yield* input.numbers(new Int32Array(count));
  const types = yield* input.numbers(new Uint8Array(count));
  const sizes = yield* input.numbers(new Float64Array(count));
  const modes = yield* input.numbers(new Uint16Array(count));
  const uids = yield* input.numbers(new Float64Array(count));
  const gids = yield* input.numbers(new Float64Array(count));
  const mtimes = yield* input.running(new Float64Array(count));
  const layers = yield* input.numbers(new Int32Array(count), -1);
  const packages = yield* input.numbers(new Int32Array(count), -1);
  const names = yield* input.texts(count);
  const links = yield* input.texts(count);
  const now = { types, sizes, modes, uids, gids };
  const difference = isDifference ? yield* readDifference(input, count, now) : undefined;
  const rest = { depths, types, sizes, modes, uids, gids, mtimes, layers, packages, names, links };
  return { count, ...placesOf(depths), ...rest, ...(difference ? { difference } : {}) };
}

/** The text of an entry. */
export function textAt({ text, ends }: TextColumn, entry: number): string {
  return text.slice(entry === 0 ? 0 : ends[entry - 1], ends[entry]);
}

function* readDifference(
  input: ColumnReader,
  count: number,
  now: Pick<TreeColumns, 'types' | 'sizes' | 'modes' | 'uids' | 'gids'>,
): Generator<undefined, DifferenceColumns> {
  return {
    changes: yield* input.numbers(new Uint8Array(count)),
    types: yield* input.relative(now.types),
    sizes: yield* input.relative(now.sizes),
    modes: yield* input.relative(now.modes),
    uids: yield* input.relative(now.uids),
    gids: yield* input.relative(now.gids),
    links: yield* input.texts(count),
  };
}

/** Who is in which folder, from the depths alone. */
function placesOf(depths: Int32Array): { parents: Int32Array; ends: Int32Array } {
  const count = depths.length;
  const parents = new Int32Array(count).fill(-1);
  const ends = new Int32Array(count).fill(count);
  const open: number[] = [];
  for (let entry = 0; entry < count; entry++) {
    const depth = depths[entry] ?? 0;
    while (open.length > depth) ends[open.pop() ?? 0] = entry;
    parents[entry] = open[depth - 1] ?? -1;
    open.push(entry);
  }
  return { parents, ends };
}

class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) * weight;
      if (byte < 128) return value;
      weight *= 128;
    }
  }

  *numbers<T extends Column>(column: T, offset = 0): Generator<undefined, T> {
    this.number();
    for (let entry = 0; entry < column.length; entry++) {
      column[entry] = this.number() + offset;
      if (entry % SLICE === SLICE - 1) yield;
    }
    return column;
  }

  /** Differences to the value before. */
  *running(column: Float64Array): Generator<undefined, Float64Array> {
    this.number();
    let value = 0;
    for (let entry = 0; entry < column.length; entry++) {
      value += this.#signed();
      column[entry] = value;
      if (entry % SLICE === SLICE - 1) yield;
    }
    return column;
  }

  /** One more than the value, or 0 for the value of another column. */
  *relative<T extends Column>(other: T): Generator<undefined, T> {
    this.number();
    const column = other.slice() as T;
    for (let entry = 0; entry < column.length; entry++) {
      const value = this.number();
      if (value > 0) column[entry] = value - 1;
      if (entry % SLICE === SLICE - 1) yield;
    }
    return column;
  }

  *texts(count: number): Generator<undefined, TextColumn> {
    const ends = yield* this.numbers(new Uint32Array(count));
    for (let entry = 1; entry < count; entry++) ends[entry] = (ends[entry] ?? 0) + (ends[entry - 1] ?? 0);
    const length = this.number();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    yield;
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), ends };
  }

  #signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}
