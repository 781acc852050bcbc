import { createHash, type Hash } from 'node:crypto';
import { decompress, limitExpansion, type TarEntry, TarParser } from '../archive/index.ts';
import { Digester, digestFromHex, interruptible, PithError } from '../core/index.ts';
import { compressionOfLayer, type Layer } from '../oci/index.ts';
import { leadsOut } from '../rootfs/index.ts';
import { EntriesWriter } from './entries.ts';
import type { Fact } from './facts.ts';
import type { FileEntry, FileReader, FileScanner, LayerContents } from './model.ts';

/** Bytes of the start of a file by which readers tell whether it is of their kind. */
const HEAD_SIZE = 4096;
/** Entries of one layer that are taken: bounds what a hostile image costs. */
const MAX_ENTRIES = 5_000_000;
/** Packages, and files that packages list, of one layer: the same. */
const MAX_LISTED = 10_000_000;
/** PATH_MAX of Linux. */
const MAX_PATH = 4096;

export interface LayerReading {
  /** Who looks into the files. */
  readonly readers: readonly FileReader[];
  /** Names the layer in errors. */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** Told of compressed bytes as they are read. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Reads a layer once, from its first byte to its last, and keeps what is said of its entries and found in them.
 * Entries stand as the layer has them; whoever stacks layers decides what they do.
 * @throws PithError IMAGE_INVALID, ARCHIVE_INVALID, ARCHIVE_UNSUPPORTED, ARCHIVE_TOO_LARGE, INTERRUPTED, and what reading the
 * blob throws
 */
export async function readLayer({ descriptor, blob }: Layer, reading: LayerReading): Promise<LayerContents> {
  const { what, signal, onBytes } = reading;
  checkMediaType(descriptor.mediaType, what);
  const stored = counted(interruptible(blob.open(), signal), onBytes);
  const unpacked = decompress(compressionOfLayer(descriptor.mediaType), stored, what);
  const tar = new Digester();
  const parser = new TarParser(what);
  const members = new Members(reading);
  for await (const piece of limitExpansion(unpacked, blob.size, what)) {
    tar.update(piece);
    parser.push(piece);
    for (let event = parser.next(); event; event = parser.next()) {
      if (event.kind === 'data') members.write(event.bytes);
      else if (event.kind === 'entry') await members.start(event.entry);
      else break;
    }
  }
  parser.end();
  return { unpackedSize: tar.size, diffId: tar.digest(), ...(await members.finish()) };
}

/** The member that is being read, and what is known of those before it. */
class Members {
  readonly #reading: LayerReading;
  readonly #entries = new EntriesWriter();
  readonly #facts = new Map<number, readonly Fact[]>();
  readonly #outside: number[] = [];
  #listed = 0;
  #file: OpenFile | undefined;

  constructor(reading: LayerReading) {
    this.#reading = reading;
  }

  async start(entry: TarEntry): Promise<void> {
    await this.#end();
    if (this.#entries.length >= MAX_ENTRIES)
      throw new PithError('ARCHIVE_TOO_LARGE', `${this.#reading.what} has more than ${MAX_ENTRIES} entries`);
    if (entry.path.length > MAX_PATH)
      throw new PithError(
        'ARCHIVE_UNSAFE',
        `${this.#reading.what} has a path of more than ${MAX_PATH} bytes`,
      );
    const isLink = entry.type === 'hardlink';
    if (entry.path.includes('..') && leadsOut('', entry.path.replace(/^\/+/, '')))
      this.#outside.push(this.#entries.length);
    const listed = {
      ...entry,
      path: plainPath(entry.path),
      linkName: isLink ? plainPath(entry.linkName) : entry.linkName,
    };
    if (entry.type === 'file') this.#file = new OpenFile(listed, this.#reading.readers);
    else this.#entries.add(listed);
  }

  write(piece: Uint8Array): void {
    this.#file?.write(piece);
  }

  async finish(): Promise<Pick<LayerContents, 'entries' | 'facts' | 'outside'>> {
    await this.#end();
    const outside = this.#outside;
    return {
      entries: this.#entries.finish(),
      facts: this.#facts,
      ...(outside.length > 0 ? { outside } : {}),
    };
  }

  async #end(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    this.#file = undefined;
    const { digest, md5, facts } = file.finish();
    const at = this.#entries.length;
    this.#entries.add({ ...file.entry, digest }, md5);
    const found: Fact[] = [];
    for (const some of facts) found.push(...(some instanceof Promise ? await some : some));
    if (found.length === 0) return;
    this.#facts.set(at, found);
    this.#listed += found.reduce((sum, fact) => sum + listedIn(fact), 0);
    if (this.#listed > MAX_LISTED)
      throw new PithError(
        'ARCHIVE_TOO_LARGE',
        `${this.#reading.what} lists more than ${MAX_LISTED} files of packages`,
      );
  }
}

/** How many packages and files of packages a fact names. */
function listedIn(fact: Fact): number {
  if (fact.kind === 'owned-files') return fact.owned.files.length;
  if (fact.kind !== 'packages') return 0;
  return fact.packages.reduce((sum, { files = [] }) => sum + 1 + files.length, 0);
}

/** A file while its content passes by. */
class OpenFile {
  readonly entry: FileEntry;
  readonly #readers: readonly FileReader[];
  readonly #sha256: Hash = createHash('sha256');
  readonly #md5: Hash = createHash('md5');
  /** Pieces of the head, until it is whole. */
  #head: Uint8Array[] | undefined = [];
  #headSize = 0;
  #scanners: readonly FileScanner[] = [];

  constructor(entry: FileEntry, readers: readonly FileReader[]) {
    this.entry = entry;
    this.#readers = readers;
  }

  write(piece: Uint8Array): void {
    this.#sha256.update(piece);
    this.#md5.update(piece);
    if (!this.#head) {
      for (const scanner of this.#scanners) scanner.write(piece);
      return;
    }
    this.#headSize += piece.length;
    if (this.#headSize >= Math.min(HEAD_SIZE, this.entry.size)) {
      this.#head.push(piece);
      this.#startScanning();
    } else this.#head.push(piece.slice());
  }

  finish(): Pick<Required<FileEntry>, 'digest'> & {
    md5: Uint8Array;
    facts: readonly (readonly Fact[] | Promise<readonly Fact[]>)[];
  } {
    if (this.#head) this.#startScanning();
    return {
      digest: digestFromHex(this.#sha256.digest('hex')),
      md5: this.#md5.digest(),
      facts: this.#scanners.map((scanner) => scanner.finish()),
    };
  }

  #startScanning(): void {
    const [first = new Uint8Array(0), ...more] = this.#head ?? [];
    const bytes = more.length === 0 ? first : Buffer.concat([first, ...more]);
    this.#head = undefined;
    const head = bytes.subarray(0, HEAD_SIZE);
    this.#scanners = this.#readers.flatMap((reader) => reader.open(this.entry, head) ?? []);
    for (const scanner of this.#scanners) scanner.write(bytes);
  }
}

/**
 * The path of an entry as paths in an image are written. What leads out of the root is kept as it would be unpacked, inside
 * of it (`../../etc/passwd` is `etc/passwd`): engines do the same, and who inspects wants to see it.
 */
function plainPath(path: string): string {
  const hasOddPart =
    path.startsWith('/') || path.startsWith('.') || path.includes('/.') || path.includes('//');
  if (!hasOddPart) return path === '' ? '.' : path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.length === 0 ? '.' : parts.join('/');
}

const TAR = /\.tar(?:[+.](?:gzip|zstd))?$/;

/** @throws IMAGE_INVALID for a layer whose bytes are no tar archive that can be read */
function checkMediaType(mediaType: string, what: string): void {
  if (mediaType.endsWith('+encrypted'))
    throw new PithError('IMAGE_INVALID', `${what} is encrypted (${mediaType})`, {
      hint: 'Decrypt the image first, with the key that its owner has.',
    });
  if (!TAR.test(mediaType))
    throw new PithError(
      'IMAGE_INVALID',
      `${what} has the media type ${mediaType}, which is no layer of files`,
      {
        hint: 'Layers are tar archives: plain, gzip or zstd.',
      },
    );
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  onBytes: ((count: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    onBytes?.(piece.length);
    yield piece;
  }
}
