import { open, rm } from 'node:fs/promises';
import {
  compressAll,
  COMPRESSOR_VERSION,
  createCompressor,
  END_OF_ARCHIVE,
  type ChunkCompressor,
  type LayerCompression,
} from '../archive/index.ts';
import { canonicalJson, type Digest, Digester, digestOf, hexOf, Once, PithError } from '../core/index.ts';
import { type ListedFile, SEGMENT_VERSION, type SegmentRules } from '../rootfs/index.ts';
import type { Store } from '../store/index.ts';
import { type DiskFile, encodeDiskFiles, identityOfFiles } from './disk-segment.ts';
import { decodeListing, encodeListing, type StoredListing } from './listing.ts';
import { packFiles } from './packed-files.ts';
import type { Pool } from './pool.ts';
import type { FilesJob, PackageFormat, SegmentJob } from './worker-protocol.ts';

const RECORD = 'segment';
/** Bytes of files of the disk that are not worth the start of threads. */
const SMALL = 1 << 20;
const HEADER = 512;

/** A segment that is in the store as a layer of its own: its compressed form and the compressed end of archive. */
export interface Segment {
  /** Key in the store. */
  readonly key: string;
  /** diffID of the layer that is this segment alone. */
  readonly diffId: Digest;
  /** The layer's blob. */
  readonly blob: Digest;
  readonly blobSize: number;
  /** Length of the compressed end of archive at the blob's end. */
  readonly endSize: number;
  /** Uncompressed bytes without the end of archive. */
  readonly size: number;
  /** Blob with the listing, as JSON; of files of the disk it may be empty. */
  readonly listing: Digest;
  /** Newest time of a file, in seconds since 1970. */
  readonly newest: number;
  readonly omitted: number;
  /** Patterns of files to drop that no path of the package matches. */
  readonly unmatched?: readonly string[];
  /** Whether the segment would be another one if /usr were merged or not. */
  readonly dependsOnMerge: boolean;
}

export interface PackageForSegment {
  /** Name and version. */
  readonly what: string;
  /** What tells the package file from all others: its digest, or the integrity that its registry gives. */
  readonly identity: string;
  readonly rules: SegmentRules;
  /** Gives the verified package file. */
  readonly fetch: () => Promise<FetchedPackage>;
}

export interface FetchedPackage {
  readonly path: string;
  readonly digest: Digest;
  readonly format: PackageFormat;
}

/** What a worker makes a segment of. */
type SegmentWork = Omit<SegmentJob, 'kind' | 'id' | 'compression'> | Omit<FilesJob, 'id' | 'compression'>;

/**
 * Makes segments and remembers them in the store, by the digest of the package and the rules: one is made once, ever.
 */
export class Segments {
  readonly #store: Store;
  readonly #pool: Pool;
  readonly #compression: LayerCompression;
  readonly #running = new Once<Segment>();
  #compressor: Promise<ChunkCompressor> | undefined;
  /** Uncompressed bytes of package archives that were read, for the measurements. */
  decompressed = 0;

  constructor(store: Store, pool: Pool, compression: LayerCompression) {
    this.#store = store;
    this.#pool = pool;
    this.#compression = compression;
  }

  keyOf({ identity, rules }: Pick<PackageForSegment, 'identity' | 'rules'>): string {
    return hexOf(
      digestOf(canonicalJson([SEGMENT_VERSION, COMPRESSOR_VERSION[this.#compression], identity, rules])),
    );
  }

  /** The segment if it is in the store, whole. */
  find(key: string): Segment | undefined {
    const segment = this.#store.readRecord(RECORD, key) as Segment | undefined;
    if (!segment) return undefined;
    return this.#store.sizeOf(segment.blob) === segment.blobSize &&
      this.#store.sizeOf(segment.listing) !== undefined
      ? segment
      : undefined;
  }

  /** The segment of a package, made if it is not in the store. */
  ofPackage(wanted: PackageForSegment): Promise<Segment> {
    const key = this.keyOf(wanted);
    return this.#running.do(
      key,
      async () => this.find(key) ?? (await this.#ofTwin(key, wanted)) ?? (await this.#make(key, wanted)),
    );
  }

  /** The segment that was made for images whose /usr is merged where this one's is not, or the other way round, if it is the same. */
  async #ofTwin(key: string, { identity, rules }: PackageForSegment): Promise<Segment | undefined> {
    const twin = this.keyOf({ identity, rules: { ...rules, mergeUsr: !rules.mergeUsr } });
    await this.#running.get(twin)?.catch(() => undefined);
    const found = this.find(twin);
    return found && !found.dependsOnMerge ? this.#record(key, found) : undefined;
  }

  /** The segment of bytes that are in memory already, such as derived files. */
  async ofBytes(bytes: Uint8Array, files: readonly ListedFile[]): Promise<Segment> {
    const key = hexOf(
      digestOf(canonicalJson([SEGMENT_VERSION, COMPRESSOR_VERSION[this.#compression], digestOf(bytes)])),
    );
    return this.#running.do(key, async () => {
      const found = this.find(key);
      if (found) return found;
      const compressor = await this.#getCompressor();
      const end = compressAll(compressor, END_OF_ARCHIVE);
      const blob = Buffer.concat([compressAll(compressor, bytes), end]);
      return this.#record(key, {
        diffId: new Digester().update(bytes).update(END_OF_ARCHIVE).digest(),
        blob: await this.#store.writeBlob(blob),
        blobSize: blob.length,
        endSize: end.length,
        size: bytes.length,
        listing: await this.#store.writeBlob(encodeListing(files)),
        newest: files.reduce((newest, file) => Math.max(newest, file.mtime), 0),
        omitted: 0,
        dependsOnMerge: false,
      });
    });
  }

  /** @throws PithError CACHE_CORRUPT if the listing was damaged; it is removed then, and made again when asked for anew */
  async readListing(segment: Segment): Promise<StoredListing> {
    const bytes = await this.#store.readBlob(segment.listing);
    if (bytes) return decodeListing(bytes);
    throw new PithError('CACHE_CORRUPT', `the cache has lost the listing of ${segment.key}`, {
      hint: 'Run the command again: it is made anew.',
    });
  }

  /** The segment of files of the disk, whose digests are known; nothing is read if it is in the store. */
  ofFiles(files: readonly DiskFile[]): Promise<Segment> {
    const versions = [SEGMENT_VERSION, COMPRESSOR_VERSION[this.#compression]];
    const key = hexOf(digestOf(canonicalJson([...versions, 'files', identityOfFiles(files)])));
    const size = files.reduce((sum, { file }) => sum + file.size + HEADER, 0);
    return this.#running.do(key, async () => {
      const found = this.find(key);
      if (found) return found;
      if (size > SMALL) return this.#write(key, { kind: 'files', files: packFiles(files) });
      const bytes = Buffer.concat(Array.from(encodeDiskFiles(files), (piece) => Buffer.from(piece)));
      const listing = files.map(({ file }) => file);
      return this.#record(key, await this.ofBytes(bytes, listing));
    });
  }

  async #make(key: string, { what, rules, fetch }: PackageForSegment): Promise<Segment> {
    return this.#write(key, { ...(await fetch()), what, rules });
  }

  async #write(key: string, job: SegmentWork): Promise<Segment> {
    const compressor = await this.#getCompressor();
    const temporary = this.#store.temporaryPath();
    try {
      const output = await open(temporary, 'wx', 0o644);
      const digester = new Digester();
      const write = async (bytes: Uint8Array): Promise<void> => {
        digester.update(bytes);
        await output.writeFile(bytes);
      };
      try {
        await write(compressor.header);
        const done = await this.#pool.segment({ ...job, compression: this.#compression }, { write });
        const end = compressAll(compressor, END_OF_ARCHIVE);
        await write(Buffer.concat([compressor.trailer(done.crc, done.size), end]));
        const blob = digester.digest();
        await this.#store.adopt(temporary, blob);
        this.decompressed += done.decompressed;
        return await this.#record(key, {
          diffId: done.diffId,
          blob,
          blobSize: digester.size,
          endSize: end.length,
          size: done.size,
          listing: await this.#store.writeBlob(done.listing),
          newest: done.newest,
          omitted: done.omitted,
          ...(done.unmatched.length > 0 ? { unmatched: done.unmatched } : {}),
          dependsOnMerge: done.dependsOnMerge,
        });
      } finally {
        await output.close();
      }
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async #record(key: string, made: Omit<Segment, 'key'>): Promise<Segment> {
    const segment = { ...made, key };
    await this.#store.writeRecord(RECORD, key, segment);
    return segment;
  }

  #getCompressor(): Promise<ChunkCompressor> {
    return (this.#compressor ??= createCompressor(this.#compression));
  }
}
