import { randomUUID } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Digest,
  digestFromHex,
  Digester,
  digestOf,
  hexOf,
  PithError,
  systemCode,
} from '../core/index.ts';

/** Format of the cache folder: part of its path, so that releases with different formats never meet. */
const FORMAT = 'v1';
const BLOBS = 'blobs/sha256';
const RECORDS = 'records';
const TEMPORARY = 'tmp';
/** A temporary file that nobody wrote to for this long (milliseconds) belongs to a dead process. */
const ABANDONED = 60 * 60 * 1000;

export interface StoreEntry {
  readonly kind: 'blob' | 'record' | 'temporary';
  /** Digest of a blob, `kind/key` of a record, file name of a temporary file. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Last use in milliseconds since 1970. */
  readonly usedAt: number;
  readonly path: string;
}

/**
 * A content-addressed store in one folder, shared by any number of processes without locks: blobs are named by the
 * digest of their bytes, records (small JSON values) by kind and key. Both are written under a temporary name, synced
 * and renamed, so that an entry is complete or absent whenever a process dies; two writers of one entry write the same.
 */
export class Store {
  readonly root: string;
  readonly #made = new Set<string>();
  readonly #temporary = new Set<string>();

  private constructor(root: string) {
    this.root = root;
  }

  /** @param folder the cache folder; it is made at the first write */
  static open(folder: string): Store {
    const isFile = statSync(folder, { throwIfNoEntry: false })?.isFile() ?? false;
    if (!isFile) return new Store(join(folder, FORMAT));
    throw new PithError('OUTPUT_FAILED', `the cache ${folder} is a file, not a folder`, {
      path: folder,
      hint: 'Choose another path with --cache-dir or PITH_CACHE_DIR.',
    });
  }

  /** Where the blob lies if it is in the store. */
  pathOf(digest: Digest): string {
    const hex = hexOf(digest);
    return join(this.root, BLOBS, hex.slice(0, 2), hex);
  }

  /** Size of a blob in bytes; undefined if it is not in the store. */
  sizeOf(digest: Digest): number | undefined {
    return statSync(this.pathOf(digest), { throwIfNoEntry: false })?.size;
  }

  /** The bytes of a blob, verified. One that is damaged is removed and counts as absent. */
  async readBlob(digest: Digest): Promise<Buffer | undefined> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.pathOf(digest));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    if (digestOf(bytes) === digest) return bytes;
    await this.removeBlob(digest);
    return undefined;
  }

  async writeBlob(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    if (this.sizeOf(digest) === bytes.length) return digest;
    await this.#place(bytes, this.pathOf(digest));
    return digest;
  }

  async removeBlob(digest: Digest): Promise<void> {
    await rm(this.pathOf(digest), { force: true });
  }

  /** Removes the blob at a path; a path that is not that of a blob is left alone. */
  async removeDamaged(path: string): Promise<void> {
    const hex = /[0-9a-f]{64}$/.exec(path)?.[0] ?? '';
    if (path === this.pathOf(digestFromHex(hex))) await rm(path, { force: true });
  }

  /** A path that nobody else uses, on the store's file system, for a file that {@link adopt} moves into place. */
  temporaryPath(): string {
    const folder = join(this.root, TEMPORARY);
    this.#makeFolder(folder);
    const path = join(folder, randomUUID());
    this.#temporary.add(path);
    return path;
  }

  /** Syncs a finished file and moves it into the store as the blob with this digest, which the caller has verified. */
  async adopt(path: string, digest: Digest): Promise<void> {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    const target = this.pathOf(digest);
    this.#makeFolder(dirname(target));
    await rename(path, target);
    this.#temporary.delete(path);
  }

  /** Removes at once what this process has under way, for when it is about to end. */
  removeTemporary(): void {
    for (const path of this.#temporary) rmSync(path, { recursive: true, force: true });
  }

  /** The record, or undefined if there is none or it is damaged. */
  readRecord(kind: string, key: string): unknown {
    let text: string;
    try {
      text = readFileSync(this.#recordPath(kind, key), 'utf8');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    return recordBody(text);
  }

  async writeRecord(kind: string, key: string, value: unknown): Promise<void> {
    const body = JSON.stringify(value);
    await this.#place(Buffer.from(`${hexOf(digestOf(body))}\n${body}`), this.#recordPath(kind, key));
  }

  /** Everything in the store, in no particular order. */
  list(): StoreEntry[] {
    const entries: StoreEntry[] = [];
    const walk = (
      folder: string,
      kind: StoreEntry['kind'],
      nameOf: (path: string, file: string) => string,
    ): void => {
      if (!existsSync(folder)) return;
      for (const item of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (!item.isFile()) continue;
        const path = join(item.parentPath, item.name);
        const stats = statSync(path, { throwIfNoEntry: false });
        if (stats)
          entries.push({
            kind,
            name: nameOf(path, item.name),
            size: stats.size,
            usedAt: Math.max(stats.atimeMs, stats.mtimeMs),
            path,
          });
      }
    };
    walk(join(this.root, BLOBS), 'blob', (_path, file) => digestFromHex(file));
    walk(join(this.root, RECORDS), 'record', (path) => path.slice(join(this.root, RECORDS).length + 1));
    walk(join(this.root, TEMPORARY), 'temporary', (_path, file) => file);
    return entries;
  }

  /** Reads every blob and record again and removes those that are damaged; gives these. */
  async verify(onEntry?: (entry: StoreEntry) => void): Promise<StoreEntry[]> {
    const damaged: StoreEntry[] = [];
    for (const entry of this.list()) {
      onEntry?.(entry);
      if (entry.kind === 'temporary' || (await isSound(entry))) continue;
      damaged.push(entry);
      await rm(entry.path, { force: true });
    }
    return damaged;
  }

  /**
   * Removes what was not used since `before` (milliseconds since 1970), and temporary files that were abandoned.
   * @param now milliseconds since 1970
   * @returns what was removed
   */
  async prune(before: number, now: number): Promise<StoreEntry[]> {
    const removed: StoreEntry[] = [];
    for (const entry of this.list()) {
      if (entry.usedAt >= (entry.kind === 'temporary' ? now - ABANDONED : before)) continue;
      await rm(entry.path, { force: true });
      removed.push(entry);
    }
    return removed;
  }

  #recordPath(kind: string, key: string): string {
    return join(
      this.root,
      RECORDS,
      kind,
      /^[a-z0-9][a-z0-9._-]{0,100}$/.test(key) ? key : hexOf(digestOf(key)),
    );
  }

  async #place(bytes: Uint8Array, target: string): Promise<void> {
    const temporary = this.temporaryPath();
    try {
      const handle = await open(temporary, 'wx', 0o644);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      this.#makeFolder(dirname(target));
      await rename(temporary, target);
      this.#temporary.delete(temporary);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #makeFolder(folder: string): void {
    if (this.#made.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    this.#made.add(folder);
  }
}

/** A record's file is the hexadecimal digest of its JSON text, a line end and that text. */
function recordBody(text: string): unknown {
  const body = text.slice(65);
  return digestOf(body) === digestFromHex(text.slice(0, 64)) ? (JSON.parse(body) as unknown) : undefined;
}

async function isSound(entry: StoreEntry): Promise<boolean> {
  if (entry.kind === 'record') return recordBody(await readFile(entry.path, 'utf8')) !== undefined;
  const digester = new Digester();
  for await (const piece of createReadStream(entry.path, { highWaterMark: 1 << 20 }))
    digester.update(piece as Buffer);
  return digester.digest() === entry.name;
}

function isAbsent(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}
