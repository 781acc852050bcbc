import type { TarEntry } from '../archive/index.ts';
import { byText } from '../core/index.ts';
import type { ElfInfo } from './elf.ts';

/** What of a file of an image matters for finding libraries; a `ListedFile` is one. */
export interface TreeFile extends Pick<TarEntry, 'type' | 'linkName' | 'mtime'> {
  readonly elf?: ElfInfo | undefined;
}

/** As many links as Linux follows for one path (path_resolution(7)). */
const MAX_LINKS = 40;

/** Looks paths up in a file tree as a process in the image would: through symbolic links, and never out of the root. */
export class TreeLookup<File extends TreeFile = TreeFile> {
  readonly #files = new Map<string, File>();
  readonly #names = new Map<string, Set<string>>([['', new Set()]]);

  /** @param entries files by their paths relative to the root, such as `FileTree.entries()` */
  constructor(entries: Iterable<readonly [string, { readonly file: File }]>) {
    for (const [path, { file }] of entries) this.set(path, file);
  }

  /** Puts a file at a path, in place of one that is there; the root itself is none. */
  set(path: string, file: File): void {
    if (path === '' || path === '.') return;
    this.#files.set(path, file);
    for (let child = path; child !== '';) {
      const parent = folderOf(child);
      const names = this.#names.get(parent);
      if (names) {
        names.add(baseOf(child));
        break;
      }
      this.#names.set(parent, new Set([baseOf(child)]));
      child = parent;
    }
  }

  /** Takes a file or an empty folder away. */
  delete(path: string): void {
    this.#files.delete(path);
    this.#names.delete(path);
    this.#names.get(folderOf(path))?.delete(baseOf(path));
  }

  paths(): IterableIterator<string> {
    return this.#files.keys();
  }

  /** The file at exactly this path: of a link, the link itself. */
  get(path: string): File | undefined {
    return this.#files.get(path);
  }

  /** Names in a folder, given by its {@link resolve resolved} path, in order. Nothing if it is no folder. */
  list(folder: string): string[] {
    return this.isFolder(folder) ? [...(this.#names.get(folder) ?? [])].sort(byText) : [];
  }

  /** Whether a resolved path is a folder. */
  isFolder(path: string): boolean {
    const file = this.#files.get(path);
    return file ? file.type === 'directory' : this.#names.has(path);
  }

  /** The path without links that a path (from the root, with or without `/` before it) leads to; nothing if it leads nowhere. */
  resolve(path: string): string | undefined {
    let at = '';
    let left = path.split('/');
    for (let links = 0; left.length > 0;) {
      const [part = '', ...rest] = left;
      left = rest;
      if (part === '' || part === '.') continue;
      if (!this.isFolder(at)) return undefined;
      if (part === '..') {
        at = folderOf(at);
        continue;
      }
      const next = join(at, part);
      const file = this.#files.get(next);
      if (file?.type === 'symlink') {
        if (++links > MAX_LINKS) return undefined;
        if (file.linkName.startsWith('/')) at = '';
        left = [...file.linkName.split('/'), ...left];
      } else if (file || this.#names.has(next)) at = next;
      else return undefined;
    }
    return path.endsWith('/') && !this.isFolder(at) ? undefined : at;
  }

  /** The regular file that a path leads to, with the one path of its hard links that all of them stand for. */
  regular(path: string): { readonly path: string; readonly file: File } | undefined {
    let resolved = this.resolve(path);
    for (let links = 0; resolved !== undefined && links <= MAX_LINKS; links++) {
      const file = this.#files.get(resolved);
      if (file?.type === 'file') return { path: resolved, file };
      if (file?.type !== 'hardlink') return undefined;
      resolved = file.linkName;
    }
    return undefined;
  }
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
