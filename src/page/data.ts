/** Kinds of entries; a tree's column `types` holds the place in this list. */
export const ENTRY_TYPES = [
  'directory',
  'file',
  'symlink',
  'hardlink',
  'character',
  'block',
  'fifo',
] as const;

/** What a difference says of an entry; a tree's column `changes` holds the place in this list. */
export const ENTRY_CHANGES = ['same', 'added', 'removed', 'content', 'metadata'] as const;

/** What `pith inspect --html` and `pith diff --html` show. Texts from outside may hold anything: they are escaped when written. */
export interface PageData {
  /** Version of pith. */
  readonly version: string;
  /** The image; of a difference, the second one. */
  readonly image: PageImage;
  /** Of a difference, the first image: the page then shows what changed from it to {@link image}. */
  readonly before?: PageImage;
  readonly tree: PageTree;
  /** Of a difference, those of both images. */
  readonly packages: readonly PagePackage[];
  /** Findings of `pith check`; absent where it was not asked, empty where it found nothing. */
  readonly findings?: readonly PageFinding[];
  /** Whatever else is worth a table: users, certificates, secrets … */
  readonly tables?: readonly PageTable[];
}

export interface PageImage {
  /** As the user wrote it. */
  readonly name: string;
  /** Of the manifest. */
  readonly digest: string;
  /** `linux/arm64/v8`. */
  readonly platform: string;
  /** RFC 3339. */
  readonly created?: string;
  /** Of os-release: `Debian GNU/Linux 13 (trixie)`. */
  readonly distribution?: string;
  /** The base image that was recognised. */
  readonly base?: string;
  /** Bytes of all layers as they are stored. */
  readonly size: number;
  /** Bytes of all layers' tars. */
  readonly unpackedSize: number;
  /** Entries of the tree that are no folders. */
  readonly files: number;
  /** Bytes in layers that no container sees. */
  readonly wasted?: number;
  /** From 0 to 1: bytes that a container sees of all that are stored. */
  readonly efficiency?: number;
  /** The lowest first. */
  readonly layers: readonly PageLayer[];
  /** What a container is started with, labels, annotations: see {@link settingsOf}. */
  readonly settings: readonly PageSetting[];
}

export interface PageLayer {
  readonly digest: string;
  readonly diffId: string;
  readonly mediaType: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Bytes of the tar. */
  readonly unpackedSize: number;
  /** The command or the comment of the history. */
  readonly createdBy?: string;
  /** Entries. */
  readonly files: number;
  /** Bytes that a higher layer replaces or deletes. */
  readonly wasted?: number;
  /** Who else has it: names of images. In a difference what both have is found by the diffID. */
  readonly sharedWith?: readonly string[];
}

/** One member of the configuration with its lines: `Entrypoint`, `Env` … */
export interface PageSetting {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * Files in columns: the n-th value of each is that of entry n. Entry 0 is the root, and a folder comes before what it
 * holds; otherwise any order. Of a difference: the entries of both images.
 */
export interface PageTree {
  /** Last part of the path; bytes that are not UTF-8 as the tar reader gives them. */
  readonly names: readonly string[];
  /** Number of the folder; of the root, 0. */
  readonly parents: ArrayLike<number>;
  /** Place in {@link ENTRY_TYPES}. */
  readonly types: ArrayLike<number>;
  /** Bytes; 0 unless a file. */
  readonly sizes: ArrayLike<number>;
  /** Permission bits (octal 7777). */
  readonly modes: ArrayLike<number>;
  readonly uids: ArrayLike<number>;
  readonly gids: ArrayLike<number>;
  /** Seconds since 1970, whole. */
  readonly mtimes: ArrayLike<number>;
  /** Number of the layer that it comes from, in `image`; of what was removed, in `before`. -1 for a folder that no layer holds. */
  readonly layers: ArrayLike<number>;
  /** Number of the package that owns it in {@link PageData.packages}, or -1. */
  readonly packages: ArrayLike<number>;
  /** Targets of links by number of the entry. */
  readonly links: ReadonlyMap<number, string>;
  /** Of a difference: place in {@link ENTRY_CHANGES}. */
  readonly changes?: ArrayLike<number>;
  /** Of a difference: what changed entries were in the first image. */
  readonly before?: ReadonlyMap<number, PageEntryBefore>;
}

/** A changed entry as it was. */
export interface PageEntryBefore {
  /** Place in {@link ENTRY_TYPES}. */
  readonly type: number;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly link?: string;
}

export interface PagePackage {
  /** Of the package URL: `deb`, `npm` … */
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly licences: readonly string[];
  /** Bytes of its files in the image. */
  readonly size: number;
  readonly files: number;
  /** Number of the layer that it comes from, as in {@link PageTree.layers}; -1 if unknown. */
  readonly layer: number;
  readonly summary?: string;
  /** Why it is in: `required by libssl3t64`. */
  readonly reasons?: readonly string[];
  readonly purl?: string;
  /** Of a difference; absent if it is the same in both. */
  readonly change?: 'added' | 'removed' | 'upgraded' | 'downgraded' | 'changed';
  readonly versionBefore?: string;
  readonly sizeBefore?: number;
}

export interface PageFinding {
  /** Stable identifier. */
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** What the rule finds, in a few words: `A shell is in the image`. */
  readonly title?: string;
  readonly message: string;
  /** The path in the image that it is about, without a slash at either end. */
  readonly path?: string;
  /** Where it is beyond the path, in words: `line 2, layer 1`, `config.User`. */
  readonly place?: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface PageTable {
  /** For deep links: letters, digits and hyphens, no name of a part of the page. */
  readonly id: string;
  readonly title: string;
  /** One sentence above the table. */
  readonly description?: string;
  /** What is said where it has no row: `No setuid file.` */
  readonly empty: string;
  readonly columns: readonly PageColumn[];
  /** A row has a value for each column. */
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface PageColumn {
  readonly title: string;
  /** A `path` leads to the file; a `size` is in bytes; a `code` is in the font of code. Default: text. */
  readonly kind?: 'path' | 'size' | 'number' | 'code';
}
