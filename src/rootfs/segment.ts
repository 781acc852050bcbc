import { encodeHeader, paddingOf, type TarEntry, TarParser } from '../archive/index.ts';
import { type Digest, Digester, nearest, PithError } from '../core/index.ts';
import { contentsFilter, type ContentsRules, matcher, UnmatchedPatterns } from './contents.ts';
import { LOADER_CONFIGURATION } from './derived/ld-so-conf.ts';
import { type ElfInfo, ElfScanner } from './elf.ts';
import { DATABASE, databaseFiles } from './package-database.ts';
import { PackageLimits } from './package-limits.ts';
import { PackageShape } from './package-shape.ts';
import { MERGED_FOLDERS, mergeUsr, parentsOf, safePath } from './paths.ts';
import { scriptsOf } from './scripts/script-files.ts';

/** How a package's files become a segment. The value is part of the segment's cache key. */
export interface SegmentRules {
  readonly contents: ContentsRules;
  /** Whether the image has /bin, /lib … as links into /usr. */
  readonly mergeUsr: boolean;
  /** New places of single files, by the path that the package gives them. */
  readonly move: Readonly<Record<string, string>>;
  /** Folder of the image for the files of a package that does not say itself where they belong, as npm's. */
  readonly into?: string;
}

/** Part of every segment's cache key: changes when the bytes or the listing of a segment change. */
export const SEGMENT_VERSION = 4;

/** Files whose content the derived files are made of; kept apart even where the contents rules drop them. */
export const isCaptured = matcher([
  'usr/share/ca-certificates/**/*.crt',
  '**/busybox',
  ...LOADER_CONFIGURATION,
  'usr/lib/sysusers.d/*.conf',
  'usr/lib/tmpfiles.d/*.conf',
  'usr/share/factory/**',
]);
/** Larger ones are no such file. */
const MAX_CAPTURED = 16 << 20;

const FOLDER: Omit<TarEntry, 'path'> = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  linkName: '',
  deviceMajor: 0,
  deviceMinor: 0,
};

/** A file of an image, without its content. */
export interface ListedFile extends TarEntry {
  /** Digest of the content of a regular file. */
  readonly digest?: Digest;
  /** What the content says of itself if it is a program or library. */
  readonly elf?: ElfInfo;
}

export interface SegmentListing {
  readonly files: readonly ListedFile[];
  /** Content of the files that derived files are made of, by the path in the package. */
  readonly captured: Readonly<Record<string, Uint8Array>>;
  /** Maintainer scripts and the list of triggers by their names; of one that is too large to be read, the start. */
  readonly scripts: Readonly<Record<string, Uint8Array>>;
  /** Files that the rules left out. */
  readonly omitted: number;
  /** Patterns of {@link ContentsRules.hoped} that no path of the package matches. */
  readonly unmatched: readonly string[];
  /** Newest time of a file, in seconds since 1970. */
  readonly newest: number;
  /** Whether the segment would be another one if /usr were merged or not. */
  readonly dependsOnMerge: boolean;
}

/** What an entry of a package's archive is in the package; undefined for one that does not belong to it. */
export type ReadEntry = (raw: TarEntry, what: string) => TarEntry | undefined;

/**
 * Rewrites the data.tar of one package into a segment: the same files in the same order with safe relative paths, without
 * owner and group names, without what the rules leave out, and with the package's entry for the package database.
 * Takes pieces of the archive, gives pieces of the segment to `emit`; holds no file in memory.
 */
export class SegmentWriter {
  readonly #what: string;
  readonly #rules: SegmentRules;
  readonly #emit: (bytes: Uint8Array) => void;
  readonly #readEntry: ReadEntry | undefined;
  /** What goes before the path of a file: empty, or a folder and a slash. */
  readonly #prefix: string;
  readonly #parser: TarParser;
  readonly #isKept: (path: string) => boolean;
  readonly #unmatched: UnmatchedPatterns;
  readonly #hoped: UnmatchedPatterns;
  readonly #files: ListedFile[] = [];
  readonly #shape: PackageShape;
  /** Type of each path that was written to the segment. */
  readonly #placed = new Map<string, TarEntry['type']>();
  /** Folders that the rules drop, until a file in them is kept after all. */
  readonly #withheld = new Map<string, TarEntry>();
  readonly #captured: Record<string, Uint8Array> = {};
  /** Paths in the package of the files that are kept, and where they are now. */
  readonly #kept = new Map<string, string>();
  #omitted = 0;
  #newest = 0;
  #dependsOnMerge = false;
  readonly #limits: PackageLimits;
  #current:
    | {
        entry: TarEntry;
        emit: boolean;
        digester: Digester | undefined;
        elf: ElfScanner | undefined;
        capture: Uint8Array[] | undefined;
        path: string;
      }
    | undefined;

  /**
   * @param what the package's name and version, for errors
   * @param emit takes the pieces of the segment; they may be views of what was given to {@link write}
   * @param readEntry for archives that are not laid out like the image and may lack the folders of their files
   */
  constructor(what: string, rules: SegmentRules, emit: (bytes: Uint8Array) => void, readEntry?: ReadEntry) {
    this.#what = what;
    this.#limits = new PackageLimits(what);
    this.#shape = new PackageShape(what);
    this.#rules = rules;
    this.#emit = emit;
    this.#readEntry = readEntry;
    this.#prefix = rules.into === undefined || rules.into === '' ? '' : `${rules.into}/`;
    this.#parser = new TarParser(`${what} data.tar`);
    this.#isKept = contentsFilter(rules.contents);
    this.#unmatched = new UnmatchedPatterns([...(rules.contents.expected ?? []), ...Object.keys(rules.move)]);
    this.#hoped = new UnmatchedPatterns(rules.contents.hoped ?? []);
  }

  write(bytes: Uint8Array): void {
    this.#parser.push(bytes);
    for (let event = this.#parser.next(); event && event.kind !== 'end'; event = this.#parser.next()) {
      if (event.kind === 'entry') this.#startEntry(event.entry);
      else this.#takeContent(event.bytes);
    }
  }

  /** Ends the package's own files and adds its entry of the package database, if it has metadata for one. */
  finish(metadata?: ReadonlyMap<string, Uint8Array>): SegmentListing {
    this.#parser.end();
    this.#endEntry();
    this.#checkPatterns();
    if (metadata) this.#writeDatabase(metadata);
    return {
      files: this.#files,
      captured: this.#captured,
      scripts: scriptsOf(metadata),
      omitted: this.#omitted,
      unmatched: this.#hoped.patterns,
      newest: this.#newest,
      dependsOnMerge: this.#dependsOnMerge,
    };
  }

  #checkPatterns(): void {
    const [pattern] = this.#unmatched.patterns;
    if (pattern === undefined) return;
    const near = nearest(pattern, this.#shape.paths());
    throw new PithError(
      'DEFINITION_INVALID',
      `${this.#what}: no path of the package matches ${JSON.stringify(pattern)}`,
      {
        hint: near ? `Did you mean ${near}?` : 'Patterns are paths in the package without the leading slash.',
      },
    );
  }

  #startEntry(found: TarEntry): void {
    this.#endEntry();
    this.#limits.addEntry(found);
    const raw = this.#readEntry ? this.#readEntry(found, this.#what) : found;
    if (!raw) return;
    const original = safePath(raw.path, this.#what);
    if (original === '') return;
    this.#unmatched.see(original);
    this.#hoped.see(original);
    this.#shape.add(raw, original);
    const entry = this.#place(raw, original);
    const kept = this.#isKept(original);
    if (kept) {
      if (entry.type !== 'directory') this.#kept.set(original, entry.path);
      const place = this.#prefix + original;
      if (this.#rules.move[original] === undefined && mergeUsr(place) !== place) this.#dependsOnMerge = true;
      this.#makeParents(entry, original);
      this.#emitHeader(entry);
    } else if (entry.type === 'directory') this.#withheld.set(entry.path, entry);
    else this.#omitted++;
    if (raw.type !== 'file') return;
    const capture = raw.size <= MAX_CAPTURED && isCaptured(original) ? [] : undefined;
    if (capture) this.#limits.addCaptured(raw);
    this.#current = {
      entry,
      emit: kept,
      digester: kept ? new Digester() : undefined,
      elf: kept ? new ElfScanner(raw.size) : undefined,
      capture,
      path: original,
    };
  }

  #place(raw: TarEntry, original: string): TarEntry {
    const linkName =
      raw.type === 'hardlink' ? this.#pathInImage(safePath(raw.linkName, this.#what)) : raw.linkName;
    const isTopLink = raw.type === 'symlink' && this.#prefix === '' && MERGED_FOLDERS.includes(original);
    return { ...raw, path: isTopLink ? original : this.#pathInImage(original), linkName };
  }

  #pathInImage(original: string): string {
    const place = this.#prefix + original;
    return this.#rules.move[original] ?? (this.#rules.mergeUsr ? mergeUsr(place) : place);
  }

  /** Writes the folders above an entry that the rules had dropped, and those that the package does not have at that place. */
  #makeParents(entry: TarEntry, original: string): void {
    const isElsewhere =
      this.#readEntry !== undefined || this.#prefix !== '' || Object.hasOwn(this.#rules.move, original);
    if (!isElsewhere && this.#withheld.size === 0) return;
    for (const path of parentsOf(entry.path)) {
      const folder =
        this.#withheld.get(path) ?? (isElsewhere ? { ...FOLDER, path, mtime: entry.mtime } : undefined);
      if (folder && !this.#placed.has(path)) this.#emitHeader(folder);
    }
  }

  #emitHeader(entry: TarEntry): void {
    if (entry.type === 'hardlink' && !this.#placed.has(entry.linkName)) {
      throw new PithError(
        'DEFINITION_INVALID',
        `${this.#what}: the contents rules keep ${entry.path} but drop ${entry.linkName}, the same file`,
        {
          hint: 'Keep or drop both names of a hard-linked file.',
        },
      );
    }
    const before = this.#placed.get(entry.path);
    if (before === 'directory' && entry.type === 'directory') return;
    if (before !== undefined) {
      throw new PithError(
        'ARCHIVE_INVALID',
        `${this.#what} has two files for ${JSON.stringify(entry.path)}`,
        {
          hint: 'In an image with /lib and its like merged into /usr, both names are one path.',
        },
      );
    }
    this.#placed.set(entry.path, entry.type);
    this.#newest = Math.max(this.#newest, entry.mtime);
    if (entry.type !== 'file') this.#files.push(entry);
    this.#emit(encodeHeader(entry));
  }

  #takeContent(bytes: Uint8Array): void {
    const current = this.#current;
    if (!current) return;
    current.capture?.push(bytes.slice());
    if (!current.emit) return;
    current.digester?.update(bytes);
    current.elf?.write(bytes);
    this.#emit(bytes);
  }

  #endEntry(): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    if (current.capture) this.#captured[this.#pathInImage(current.path)] = Buffer.concat(current.capture);
    if (!current.emit || !current.digester) return;
    this.#emit(new Uint8Array(paddingOf(current.entry.size)));
    const elf = current.elf?.finish();
    this.#files.push({ ...current.entry, digest: current.digester.digest(), ...(elf ? { elf } : {}) });
  }

  #writeDatabase(metadata: ReadonlyMap<string, Uint8Array>): void {
    const files = databaseFiles(metadata, this.#what, { omitted: this.#omitted, kept: this.#kept });
    for (const path of [...parentsOf(DATABASE), DATABASE])
      this.#emitHeader({ ...FOLDER, path, mtime: this.#newest });
    for (const { name, content } of files) this.#emitFile(`${DATABASE}/${name}`, content);
  }

  #emitFile(path: string, content: Buffer): void {
    const { length: size } = content;
    const entry: TarEntry = { ...FOLDER, path, type: 'file', mode: 0o644, size, mtime: this.#newest };
    this.#emitHeader(entry);
    this.#emit(content);
    this.#emit(new Uint8Array(paddingOf(size)));
    this.#files.push({ ...entry, digest: new Digester().update(content).digest() });
  }
}
