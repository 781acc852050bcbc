import { type BigIntStats, lstatSync } from 'node:fs';
import type { Digest } from '../core/index.ts';
import { digestOf, hexOf } from '../core/index.ts';
import type { ElfInfo } from '../rootfs/index.ts';
import type { Store } from '../store/index.ts';

const RECORD = 'disk-file';
/** Smaller files are read as fast as what is remembered of them. */
const SMALLEST = 8 << 20;
/** Milliseconds for which a file that was just changed may change again without its times telling: FAT counts in 2 s. */
const UNSURE = 3000;

/** What reading a file whole brings. */
export interface ReadFile {
  readonly digest: Digest;
  readonly elf?: ElfInfo;
}

/**
 * Remembers the digests of large files as long as the system says that they are the same: by size, inode, and the times of
 * the last change of content and of inode, of which nobody can set the second (stat(2), st_ctim).
 */
export class DigestMemory {
  readonly #store: Pick<Store, 'readRecord' | 'writeRecord'>;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(store: Pick<Store, 'readRecord' | 'writeRecord'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** What is known of a file, else what `read` finds. */
  async recall(path: string, size: number, read: () => Promise<ReadFile>): Promise<ReadFile> {
    if (size < SMALLEST) return read();
    const stat = lstatSync(path, { bigint: true });
    const state = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
    const key = hexOf(digestOf(path));
    const known = this.#store.readRecord(RECORD, key) as (ReadFile & { state: string }) | undefined;
    if (known?.state === state) return { digest: known.digest, ...(known.elf ? { elf: known.elf } : {}) };
    const isSure = this.#isSure(stat);
    const found = await read();
    if (isSure) await this.#store.writeRecord(RECORD, key, { ...found, state });
    return found;
  }

  #isSure({ ctimeMs }: BigIntStats): boolean {
    return Number(ctimeMs) + UNSURE < this.#now();
  }
}
