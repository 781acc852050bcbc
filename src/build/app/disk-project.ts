import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type AppSource, openZip, type Project, type ZipArchive } from '../../app/index.ts';
import { byText, Digester, Once, PithError, throwIfInterrupted } from '../../core/index.ts';
import { type ElfInfo, ElfScanner } from '../../rootfs/index.ts';
import type { DigestMemory, ReadFile } from '../digest-memory.ts';
import { unreadable } from '../disk-content.ts';
import { type DiskSource, readSource } from '../disk-member.ts';
import { type DiskEntry, type DiskTree, digestsOf } from '../disk-tree.ts';
import { type WalkedFile, walkProject } from './walk.ts';

/** Most bytes of a file that are read without a range: manifests and lockfiles are smaller. */
const MAX_WHOLE = 64 << 20;
/** Milliseconds of work after which others get their turn. */
const TURN = 20;

/** A project on the disk. */
export class DiskProject implements Project {
  readonly name: string;
  readonly single: string | undefined;
  readonly files: ReadonlyMap<string, WalkedFile>;
  /** Absolute path of the folder, or of the one that a single file is in. */
  readonly location: string;
  readonly #memory: DigestMemory;
  readonly #signal: AbortSignal | undefined;
  readonly #read = new Once<ReadFile>();
  readonly #archives = new Once<ZipArchive>();
  #turn = performance.now();

  /** @param location absolute path without links, of a folder or a file */
  constructor(
    location: string,
    { memory, signal }: { readonly memory: DigestMemory; readonly signal: AbortSignal | undefined },
  ) {
    const files = walkProject(location, signal);
    const [only] = files;
    this.name = basename(location);
    this.single = files.length === 1 && location.endsWith(`/${only?.path ?? ''}`) ? only?.path : undefined;
    this.files = new Map(files.map((file) => [file.path, file]));
    this.location = this.single === undefined ? location : location.slice(0, -this.single.length - 1);
    this.#memory = memory;
    this.#signal = signal;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is asynchronous
  async read(path: string, range?: { readonly start: number; readonly length: number }): Promise<Uint8Array> {
    const { size } = this.#file(path);
    if (!range && size > MAX_WHOLE)
      throw new PithError('APP_INVALID', `${path} has ${size} bytes, too many to be read whole`, { path });
    const { start, length } = range ?? { start: 0, length: size };
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - start)));
    try {
      const file = openSync(this.#placeOf(path), 'r');
      try {
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw unreadable(this.#placeOf(path), path, error);
    }
  }

  async elf(path: string): Promise<ElfInfo | undefined> {
    return this.files.get(path)?.type === 'file' ? (await this.#facts(path)).elf : undefined;
  }

  /**
   * What lies where in an image, as a tree at its root: every file is read for its digest.
   * @param files sources by absolute path in the image
   * @throws PithError APP_INVALID, DEFINITION_INVALID for a file that cannot be read or changes meanwhile
   */
  async tree(files: ReadonlyMap<string, AppSource>): Promise<DiskTree> {
    const entries: DiskEntry[] = [];
    for (const [to, source] of files) entries.push(await this.#entry(to.replace(/^\/+/, ''), source));
    entries.sort((a, b) => byText(a.path, b.path));
    const root = { path: '', type: 'directory', isExecutable: true, mtime: 0, target: '', size: 0 } as const;
    const all = [root, ...entries];
    return { location: this.location, entries: all, ...digestsOf(all) };
  }

  async #entry(path: string, { path: from, member, mode }: AppSource): Promise<DiskEntry> {
    if (member !== undefined) return this.#memberEntry(path, from, member, mode ?? 0o644);
    const { type, size, isExecutable, target, mtime, inode } = this.#file(from);
    const common = {
      path,
      type,
      isExecutable: mode === undefined ? isExecutable : (mode & 0o100) !== 0,
      mtime,
      target,
      size,
      source: { path: this.#placeOf(from), name: from },
      ...(inode === undefined ? {} : { inode }),
    };
    return type === 'symlink' ? common : { ...common, ...(await this.#facts(from)) };
  }

  async #memberEntry(path: string, from: string, name: string, mode: number): Promise<DiskEntry> {
    const { size: archiveSize, mtime } = this.#file(from);
    const zip = await this.#archives.do(from, () =>
      openZip((range) => this.read(from, range), archiveSize, from),
    );
    const member = await zip.locate(name);
    const source = { path: this.#placeOf(from), name: `${from}: ${name}`, member };
    const { size } = member;
    const isExecutable = (mode & 0o100) !== 0;
    const facts = await this.#readFacts(source, size);
    return { path, type: 'file', isExecutable, mtime, target: '', size, source, ...facts };
  }

  #facts(path: string): Promise<ReadFile> {
    return this.#read.do(path, () => {
      const { size } = this.#file(path);
      const source = { path: this.#placeOf(path), name: path };
      return this.#memory.recall(source.path, size, () => this.#readFacts(source, size));
    });
  }

  async #readFacts(source: DiskSource, size: number): Promise<ReadFile> {
    const scanner = new ElfScanner(size);
    const digester = new Digester();
    for (const piece of readSource(source, size)) {
      digester.update(piece);
      scanner.write(piece);
      await this.#rest();
    }
    const elf = scanner.finish();
    return { digest: digester.digest(), ...(elf ? { elf } : {}) };
  }

  #file(path: string): WalkedFile {
    const file = this.files.get(path);
    if (file) return file;
    throw new PithError('APP_INVALID', `${this.name} has no file ${path}`, { path });
  }

  #placeOf(path: string): string {
    return `${this.location}/${path}`;
  }

  /** Gives others their turn now and then, and ends when the run is interrupted. */
  async #rest(): Promise<void> {
    if (performance.now() - this.#turn < TURN) return;
    throwIfInterrupted(this.#signal);
    await setImmediate();
    this.#turn = performance.now();
  }
}
