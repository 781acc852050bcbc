import type { TarEntryType } from '../archive/index.ts';
import { digestFromHex, hexOf } from '../core/index.ts';
import type { FileEntry } from './file-entry.ts';

/** The types in the order of the numbers that stand for them. */
const TYPES: readonly TarEntryType[] = [
  'file',
  'directory',
  'symlink',
  'hardlink',
  'character',
  'block',
  'fifo',
];
const DIGEST_SIZE = 32;
const MD5_SIZE = 16;

/** The columns of a list of entries, as they are stored: one array a member of {@link FileEntry}. */
export interface EntryColumns {
  readonly paths: readonly string[];
  readonly types: Uint8Array;
  readonly modes: Uint16Array;
  readonly uids: Float64Array;
  readonly gids: Float64Array;
  readonly sizes: Float64Array;
  readonly mtimes: Float64Array;
  /** 32 bytes an entry, zeros where there is no content. */
  readonly digests: Uint8Array;
  /** 16 bytes an entry, as package databases state them; zeros where there is no content. */
  readonly md5s: Uint8Array;
  /** By the number of the entry. */
  readonly linkNames: ReadonlyMap<number, string>;
  readonly xattrs: ReadonlyMap<number, Readonly<Record<string, Uint8Array>>>;
}

/**
 * A list of entries in columns, because an image may have 500,000 of them and an object for each would cost three times as
 * much memory.
 */
export class Entries {
  readonly columns: EntryColumns;

  constructor(columns: EntryColumns) {
    this.columns = columns;
  }

  static of(entries: Iterable<FileEntry>): Entries {
    const writer = new EntriesWriter();
    for (const entry of entries) writer.add(entry);
    return writer.finish();
  }

  get length(): number {
    return this.columns.paths.length;
  }

  path(at: number): string {
    return this.columns.paths[at] ?? '';
  }

  type(at: number): TarEntryType {
    return TYPES[this.columns.types[at] ?? 0] ?? 'file';
  }

  size(at: number): number {
    return this.columns.sizes[at] ?? 0;
  }

  linkName(at: number): string {
    return this.columns.linkNames.get(at) ?? '';
  }

  /** All of one entry, as an object made for the caller. */
  get(at: number): FileEntry {
    const { modes, uids, gids, mtimes, xattrs } = this.columns;
    const type = this.type(at);
    const attributes = xattrs.get(at);
    return {
      path: this.path(at),
      type,
      mode: modes[at] ?? 0,
      uid: uids[at] ?? 0,
      gid: gids[at] ?? 0,
      size: this.size(at),
      mtime: mtimes[at] ?? 0,
      linkName: this.linkName(at),
      ...(type === 'file' ? { digest: digestFromHex(this.contentHex(at)) } : {}),
      ...(attributes ? { xattrs: attributes } : {}),
    };
  }

  /** SHA-256 of the content in hex. */
  contentHex(at: number): string {
    const { buffer, byteOffset } = this.columns.digests;
    return Buffer.from(buffer, byteOffset + at * DIGEST_SIZE, DIGEST_SIZE).toString('hex');
  }

  /** MD5 of the content in hex, to compare with what package databases state. */
  md5Hex(at: number): string {
    const { buffer, byteOffset } = this.columns.md5s;
    return Buffer.from(buffer, byteOffset + at * MD5_SIZE, MD5_SIZE).toString('hex');
  }

  /** Whether two entries, of this list and another one, are the same but for their paths and times. */
  isSame(at: number, other: Entries, otherAt: number): boolean {
    const [a, b] = [this.columns, other.columns];
    return (
      a.types[at] === b.types[otherAt] &&
      a.modes[at] === b.modes[otherAt] &&
      a.uids[at] === b.uids[otherAt] &&
      a.gids[at] === b.gids[otherAt] &&
      this.linkName(at) === other.linkName(otherAt) &&
      this.isSameContent(at, other, otherAt)
    );
  }

  /** Whether the contents of two files are equal. */
  isSameContent(at: number, other: Entries, otherAt: number): boolean {
    const [a, b] = [this.columns.digests, other.columns.digests];
    for (let byte = 0; byte < DIGEST_SIZE; byte++)
      if (a[at * DIGEST_SIZE + byte] !== b[otherAt * DIGEST_SIZE + byte]) return false;
    return this.size(at) === other.size(otherAt);
  }
}

/** Makes a list of entries, one after the other. */
export class EntriesWriter {
  readonly #paths: string[] = [];
  readonly #linkNames = new Map<number, string>();
  readonly #xattrs = new Map<number, Readonly<Record<string, Uint8Array>>>();
  #types = new Uint8Array(64);
  #modes = new Uint16Array(64);
  #uids = new Float64Array(64);
  #gids = new Float64Array(64);
  #sizes = new Float64Array(64);
  #mtimes = new Float64Array(64);
  #digests = new Uint8Array(64 * DIGEST_SIZE);
  #md5s = new Uint8Array(64 * MD5_SIZE);

  get length(): number {
    return this.#paths.length;
  }

  /** @param md5 of the content of a file */
  add(entry: FileEntry, md5?: Uint8Array): void {
    const at = this.#paths.push(entry.path) - 1;
    if (at === this.#types.length) this.#grow(at * 2);
    this.#types[at] = TYPES.indexOf(entry.type);
    this.#modes[at] = entry.mode;
    this.#uids[at] = entry.uid;
    this.#gids[at] = entry.gid;
    this.#sizes[at] = entry.size;
    this.#mtimes[at] = entry.mtime;
    if (entry.linkName !== '') this.#linkNames.set(at, entry.linkName);
    if (entry.digest !== undefined)
      this.#digests.set(Buffer.from(hexOf(entry.digest), 'hex'), at * DIGEST_SIZE);
    if (md5) this.#md5s.set(md5, at * MD5_SIZE);
    if (entry.xattrs) this.#xattrs.set(at, entry.xattrs);
  }

  finish(): Entries {
    const count = this.#paths.length;
    return new Entries({
      paths: this.#paths,
      types: this.#types.slice(0, count),
      modes: this.#modes.slice(0, count),
      uids: this.#uids.slice(0, count),
      gids: this.#gids.slice(0, count),
      sizes: this.#sizes.slice(0, count),
      mtimes: this.#mtimes.slice(0, count),
      digests: this.#digests.slice(0, count * DIGEST_SIZE),
      md5s: this.#md5s.slice(0, count * MD5_SIZE),
      linkNames: this.#linkNames,
      xattrs: this.#xattrs,
    });
  }

  #grow(length: number): void {
    this.#types = resized(this.#types, new Uint8Array(length));
    this.#modes = resized(this.#modes, new Uint16Array(length));
    this.#uids = resized(this.#uids, new Float64Array(length));
    this.#gids = resized(this.#gids, new Float64Array(length));
    this.#sizes = resized(this.#sizes, new Float64Array(length));
    this.#mtimes = resized(this.#mtimes, new Float64Array(length));
    this.#digests = resized(this.#digests, new Uint8Array(length * DIGEST_SIZE));
    this.#md5s = resized(this.#md5s, new Uint8Array(length * MD5_SIZE));
  }
}

function resized<Column extends Uint8Array | Uint16Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
