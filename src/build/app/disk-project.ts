import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { AppSource, Project } from '../../app/index.ts';
import { openZip, type ZipArchive } from '../../archive/index.ts';
import { byText, Once, PithError } from '../../core/index.ts';
import { type ElfInfo, leadsOut } from '../../rootfs/index.ts';
import { unreadable } from '../disk-content.ts';
import type { DiskSource } from '../disk-member.ts';
import { type DiskEntry, type DiskTree, digestsOf } from '../disk-tree.ts';
import { FileFacts, type FactsTools } from './file-facts.ts';
import { type WalkedFile, walkProject } from './walk.ts';

/** Most bytes of a file that are read without a range: manifests and lockfiles are smaller. */
const MAX_WHOLE = 64 << 20;

/** A project on the disk. */
export class DiskProject implements Project {
  readonly name: string;
  readonly single: string | undefined;
  readonly files: ReadonlyMap<string, WalkedFile>;
  /** Absolute path of the folder, or of the one that a single file is in. */
  readonly location: string;
  readonly #facts: FileFacts;
  readonly #archives = new Once<ZipArchive>();

  /**
   * @param location absolute path without links, of a folder or a file
   * @param leftOut absolute paths in it that are no part of it
   */
  constructor(location: string, tools: FactsTools, leftOut: ReadonlySet<string> = new Set()) {
    const files = walkProject(location, tools.signal, leftOut);
    const [only] = files;
    this.name = basename(location);
    this.single = files.length === 1 && location.endsWith(`/${only?.path ?? ''}`) ? only?.path : undefined;
    const byPath = new Map<string, WalkedFile>();
    for (const file of files) byPath.set(file.path, file);
    this.files = byPath;
    this.location = this.single === undefined ? location : location.slice(0, -this.single.length - 1);
    this.#facts = new FileFacts(tools);
  }

  /** Bytes of all files. */
  get size(): number {
    let size = 0;
    for (const file of this.files.values()) size += file.size;
    return size;
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
    const file = this.files.get(path);
    return file?.type === 'file' ? (await this.#facts.read(file, this.#sourceOf(file))).elf : undefined;
  }

  /**
   * What lies where in an image, as a tree at its root: every file is read for its digest, unless it is remembered.
   * @param files sources by absolute path in the image
   * @throws PithError APP_INVALID; DEFINITION_INVALID for a file that cannot be read or changes meanwhile, as any file of the disk
   */
  async tree(files: ReadonlyMap<string, AppSource>): Promise<DiskTree> {
    const whole: WalkedFile[] = [];
    for (const { path, member } of files.values()) if (member === undefined) whole.push(this.#file(path));
    await this.#facts.readAll(whole, (file) => this.#sourceOf(file));
    const entries: DiskEntry[] = [
      { path: '', type: 'directory', isExecutable: true, mtime: 0, target: '', size: 0 },
    ];
    for (const [to, source] of files) {
      const path = to.startsWith('/') ? to.replace(/^\/+/, '') : to;
      const { member } = source;
      entries.push(
        member === undefined ? this.#entry(path, source) : await this.#memberEntry(path, source, member),
      );
    }
    entries.sort((a, b) => byText(a.path, b.path));
    return { location: this.location, entries, ...digestsOf(entries) };
  }

  /** Brings what was read to the store, for the next time. */
  remember(): Promise<void> {
    return this.#facts.remember();
  }

  #entry(path: string, { path: from, mode }: AppSource): DiskEntry {
    const file = this.#file(from);
    const { type, size, target, mtime, inode } = file;
    if (type === 'symlink') this.#checkLink(from, target);
    const isExecutable = mode === undefined ? file.isExecutable : (mode & 0o100) !== 0;
    const source = this.#sourceOf(file);
    const facts = this.#facts.known(file);
    if (!facts) return { path, type, isExecutable, mtime, target, size, source };
    const { digest, elf } = facts;
    // Written out, since there may be very many.
    const entry = { path, type, isExecutable, mtime, target, size, source, digest };
    if (inode === undefined && !elf) return entry;
    return { ...entry, ...(elf ? { elf } : {}), ...(inode === undefined ? {} : { inode }) };
  }

  async #memberEntry(
    path: string,
    { path: from, mode = 0o644, digest }: AppSource,
    name: string,
  ): Promise<DiskEntry> {
    const archive = this.#file(from);
    const zip = await this.#archives.do(from, () =>
      openZip((range) => this.read(from, range), archive.size, from),
    );
    const member = await zip.locate(name);
    const source = { path: this.#placeOf(from), name: `${from}: ${name}`, member };
    const { size } = member;
    const isExecutable = (mode & 0o100) !== 0;
    const facts = await this.#facts.readMember(archive, name, source, size);
    if (digest !== undefined && facts.digest !== digest)
      throw new PithError(
        'APP_INVALID',
        `${from}: ${name} is not what the archive says of it: its digest is another`,
        {
          path: source.path,
          hint: 'Build or download the archive anew.',
        },
      );
    return { path, type: 'file', isExecutable, mtime: archive.mtime, target: '', size, source, ...facts };
  }

  /** An absolute target is a path of the image: `/dev/stdout` is fine, the folder on this machine is not. */
  #checkLink(path: string, target: string): void {
    if (!leadsOut(path, target) && !target.startsWith(`${this.location}/`)) return;
    throw new PithError('APP_INVALID', `${path} is a link out of the folder, to ${target}`, {
      path: this.#placeOf(path),
      hint: 'Put a copy there, or leave it out with a line in .dockerignore.',
    });
  }

  #file(path: string): WalkedFile {
    const file = this.files.get(path);
    if (file) return file;
    throw new PithError('APP_INVALID', `${this.name} has no file ${path}`, { path });
  }

  #sourceOf({ path }: WalkedFile): DiskSource {
    return { path: this.#placeOf(path), name: path };
  }

  #placeOf(path: string): string {
    return `${this.location}/${path}`;
  }
}
