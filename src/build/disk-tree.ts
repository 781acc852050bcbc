import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { byText, type Digest, Digester, PithError } from '../core/index.ts';
import { type ElfInfo, matcher } from '../rootfs/index.ts';
import type { DigestMemory } from './digest-memory.ts';
import { changedFile, unreadable } from './disk-content.ts';
import { decodeName, kindOfSpecial } from './disk-names.ts';
import { readFacts } from './disk-facts.ts';
import type { DiskSource } from './disk-member.ts';
import { Turn } from './turn.ts';

/** A file, folder or link of a source. */
export interface DiskEntry {
  /** Below the source; the empty text is the source itself. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Whether its owner may run it. */
  readonly isExecutable: boolean;
  /** Seconds since 1970, whole. */
  readonly mtime: number;
  /** Of a link, as it stands there. */
  readonly target: string;
  readonly size: number;
  /** Digest of a file's content. */
  readonly digest?: Digest;
  readonly elf?: ElfInfo;
  /** Same for all names of one file that has several (hard links). */
  readonly inode?: string;
  /** Where its content is, and what it is called in errors, if it has another path below the source. */
  readonly source?: DiskSource;
}

/** A file or a folder with everything below it as the disk had it, without the content of files. */
export interface DiskTree {
  readonly location: string;
  /** Ordered by path; a folder is before what lies in it. */
  readonly entries: readonly DiskEntry[];
  /** Of everything but the times. */
  readonly digest: Digest;
  /** Of everything. */
  readonly datedDigest: Digest;
}

export interface DiskTreeOptions {
  /** What the source is called in errors. */
  readonly name: string;
  /** Patterns of paths below the source to leave out; a folder with everything below it. */
  readonly ignore: readonly string[];
  /** Told of each pattern that no path matches. */
  readonly onUnused: (pattern: string) => void;
  readonly memory: DigestMemory;
  readonly signal?: AbortSignal | undefined;
}

/** More is no application, but the wrong folder. */
const MAX_ENTRIES = 1_000_000;

/**
 * Reads a file or a folder whole and makes the digest of every file; no content is kept. Links are not followed.
 * @param location absolute path without links
 * @throws PithError DEFINITION_INVALID for what an image cannot hold, such as a device, and for what cannot be read
 */
export async function readDiskTree(location: string, options: DiskTreeOptions): Promise<DiskTree> {
  const { isIgnored, unused } = ignoring(options.ignore);
  const reader = new TreeReader(location, options, isIgnored);
  await reader.visit('');
  for (const pattern of unused()) options.onUnused(pattern);
  const entries = reader.entries.sort((a, b) => byText(a.path, b.path));
  return { location, entries, ...digestsOf(entries) };
}

class TreeReader {
  readonly entries: DiskEntry[] = [];
  readonly #location: string;
  readonly #options: DiskTreeOptions;
  readonly #isIgnored: (path: string) => boolean;
  readonly #turn: Turn;

  constructor(location: string, options: DiskTreeOptions, isIgnored: (path: string) => boolean) {
    this.#location = location;
    this.#options = options;
    this.#isIgnored = isIgnored;
    this.#turn = new Turn(options.signal);
  }

  async visit(path: string): Promise<void> {
    const { name: top } = this.#options;
    const full = path === '' ? this.#location : `${this.#location}/${path}`;
    const name = path === '' ? top : `${top}/${path}`;
    if (this.entries.length === MAX_ENTRIES) {
      throw new PithError('DEFINITION_INVALID', `${top} holds more than ${MAX_ENTRIES} files`, {
        path: this.#location,
        hint: 'Name a smaller folder, or leave some out with `ignore`.',
      });
    }
    const stat = statOf(full, name);
    this.entries.push({ ...(await this.#read(full, name, stat)), path });
    if (this.#turn.isOver) await this.#turn.rest();
    if (!stat.isDirectory()) return;
    for (const child of namesIn(full, name)) {
      const below = path === '' ? child : `${path}/${child}`;
      if (!this.#isIgnored(below)) await this.visit(below);
    }
  }

  async #read(path: string, name: string, stat: Stats): Promise<Omit<DiskEntry, 'path'>> {
    const mtime = Math.max(0, Math.floor(stat.mtimeMs / 1000));
    const common = { isExecutable: (stat.mode & 0o100) !== 0, mtime, target: '', size: 0 };
    if (stat.isDirectory()) return { ...common, type: 'directory' };
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(path, { encoding: 'buffer' });
      return {
        ...common,
        type: 'symlink',
        target: decodeName(target, path, `the target of the link ${name}`, 'DEFINITION_INVALID'),
      };
    }
    if (stat.isFile()) {
      const { size, nlink, dev, ino } = stat;
      const read = await this.#options.memory.recall(path, size, () =>
        readFacts({ path, name }, size, this.#turn),
      );
      return { ...common, type: 'file', size, ...read, ...(nlink > 1 ? { inode: `${dev}:${ino}` } : {}) };
    }
    throw new PithError(
      'DEFINITION_INVALID',
      `${name} is a ${kindOfSpecial(stat)}, which images do not hold`,
      {
        path,
        hint: 'Remove it, or leave it out with `ignore`.',
      },
    );
  }
}

/** Entries whose texts are joined before they go into a digest. */
const BATCH = 1000;

/** The digests of a tree of these entries. */
export function digestsOf(entries: readonly DiskEntry[]): Pick<DiskTree, 'digest' | 'datedDigest'> {
  const digester = new Digester();
  const times = new Digester();
  const inodes = new Map<string, number>();
  for (let start = 0; start < entries.length; start += BATCH) {
    let text = '';
    let dates = '';
    for (const { path, type, isExecutable, target, digest, inode, mtime } of entries.slice(
      start,
      start + BATCH,
    )) {
      if (inode !== undefined && !inodes.has(inode)) inodes.set(inode, inodes.size);
      const names = inode === undefined ? -1 : (inodes.get(inode) ?? -1);
      text += JSON.stringify([path, type, isExecutable, target, digest ?? '', names]);
      dates += `${mtime}\n`;
    }
    digester.update(Buffer.from(text));
    times.update(Buffer.from(dates));
  }
  const digest = digester.digest();
  return { digest, datedDigest: times.update(Buffer.from(digest)).digest() };
}

function ignoring(patterns: readonly string[]): {
  isIgnored: (path: string) => boolean;
  unused: () => string[];
} {
  const tests = patterns.map((pattern) => ({ pattern, matches: matcher([pattern]), used: false }));
  return {
    isIgnored: (path) => {
      const found = tests.filter(({ matches }) => matches(path));
      for (const test of found) test.used = true;
      return found.length > 0;
    },
    unused: () => tests.filter(({ used }) => !used).map(({ pattern }) => pattern),
  };
}

function statOf(path: string, name: string): Stats {
  const stat = attempt(path, name, () => lstatSync(path, { throwIfNoEntry: false }));
  if (!stat) throw changedFile(path, name);
  return stat;
}

function namesIn(path: string, name: string): string[] {
  const items: Dirent<Buffer>[] = attempt(path, name, () =>
    readdirSync(path, { encoding: 'buffer', withFileTypes: true }),
  );
  return items.map((item) => decodeName(item.name, path, `a name in ${name}`, 'DEFINITION_INVALID'));
}

function attempt<Result>(path: string, name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw unreadable(path, name, error);
  }
}
