import type { TarEntry } from '../../archive/index.ts';
import type { ImageFile } from '../files.ts';
import { baseOf, folderOf, join, type TreeFile, TreeLookup } from '../tree-lookup.ts';

/** A file as scripts see it. */
export interface SeenFile extends TreeFile, Pick<TarEntry, 'mode' | 'uid' | 'gid' | 'size'> {
  /** Of a regular file that was made here. */
  readonly content?: Uint8Array;
}

/** Folders whose contents the kernel makes: what is in them is not known before the image runs. */
const KERNEL_FOLDERS = ['dev', 'proc', 'sys'];
/** What is made here is gone when the installation is over. */
const TEMPORARY = ['tmp', 'var/tmp'];

/** The files of an image, and what scripts change of them. All paths are absolute. */
export class ScriptTree {
  readonly #lookup: TreeLookup<SeenFile>;
  /** By path without links, relative to the root. */
  readonly #made = new Map<string, ImageFile>();
  /** Paths of which it is not known what is there. */
  readonly #doubtful = new Set<string>();
  /** What lay at the paths that were changed, before the first change. */
  readonly #before = new Map<string, SeenFile | undefined>();
  /** Paths of what was there before and was taken away, with who did it. */
  readonly #lost = new Map<string, string>();

  constructor(entries: Iterable<readonly [string, { readonly file: SeenFile }]>) {
    this.#lookup = new TreeLookup(entries);
  }

  /** What was made or changed, as it is now. */
  changes(): ImageFile[] {
    return [...this.#made.values()]
      .filter(({ path }) => !isBelow(path, [...TEMPORARY, ...KERNEL_FOLDERS]))
      .map((file) => ({ ...file, yields: true }));
  }

  /** Paths of the image that were taken away and not replaced, with the packages that did it. */
  removals(): (readonly [path: string, by: string])[] {
    return [...this.#lost].filter(([path]) => !this.#made.has(path));
  }

  /** Where a path leads to, without its last part being followed; nothing if its folder does not exist. */
  locate(path: string): string | undefined {
    const name = baseOf(path.replace(/\/+$/, ''));
    const folder = this.#lookup.resolve(folderOf(path.replace(/\/+$/, '')));
    if (folder === undefined || name === '..' || !this.#lookup.isFolder(folder)) return undefined;
    return name === '' || name === '.' ? folder : join(folder, name);
  }

  /** Where a file would be made, with folders above it that do not exist yet; nothing if it would lie below a file. */
  place(path: string): string | undefined {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    for (let depth = parts.length - 1; depth >= 0; depth--) {
      const above = `/${parts.slice(0, depth).join('/')}`;
      const folder = this.#lookup.resolve(above);
      if (folder !== undefined)
        return this.#lookup.isFolder(folder) ? join(folder, parts.slice(depth).join('/')) : undefined;
      if (this.linkOrFile(above)) return undefined;
    }
    return undefined;
  }

  /** Where a path leads to, through all links. */
  resolve(path: string): string | undefined {
    return this.#lookup.resolve(path);
  }

  /** The file at a path; a link is not followed. */
  linkOrFile(path: string): SeenFile | undefined {
    const at = this.locate(path);
    return at === undefined ? undefined : this.#at(at);
  }

  /** The file that a path leads to. */
  file(path: string): SeenFile | undefined {
    const at = this.#lookup.resolve(path);
    if (at === undefined) return undefined;
    const file = this.#at(at);
    return file?.type === 'hardlink' ? this.#lookup.regular(at)?.file : file;
  }

  isFolder(path: string): boolean {
    return this.file(path)?.type === 'directory';
  }

  /** Names in a folder, in order; nothing if it is no folder. */
  list(folder: string): string[] {
    const at = this.#lookup.resolve(folder);
    return at === undefined ? [] : this.#lookup.list(at);
  }

  /** Whether it cannot be known what is at a path. */
  isDoubtful(path: string): boolean {
    const at = this.locate(path) ?? path.replace(/^\/+/, '');
    return isBelow(at, KERNEL_FOLDERS) || this.#doubtful.has(at);
  }

  /** The file that scripts made at a path, with its content; nothing for one of a package. */
  madeFile(path: string): ImageFile | undefined {
    const at = this.#lookup.resolve(path);
    const made = at === undefined ? undefined : this.#made.get(at);
    return made?.kind === 'file' ? made : undefined;
  }

  /**
   * From now on it is not known what is at a path: what was made there is made no more. A folder in which something was
   * made stays.
   */
  doubt(path: string): void {
    const at = this.#lookup.resolve(path) ?? this.locate(path) ?? path.replace(/^\/+/, '');
    this.#doubtful.add(at);
    const made = this.#made.get(at);
    const before = this.#before.get(at);
    const isFolder = made?.kind === 'directory';
    if (!made || made.kind === 'symlink' || (isFolder && !before && this.#lookup.list(at).length > 0)) return;
    this.#made.delete(at);
    if (before) this.#lookup.set(at, before);
    else this.#lookup.delete(at);
  }

  /** Puts a file at its path, which has no links in it, and makes it certain. */
  put(file: ImageFile): void {
    this.#doubtful.delete(file.path);
    if (!this.#before.has(file.path)) this.#before.set(file.path, this.#lookup.get(file.path));
    this.#made.set(file.path, file);
    this.#lookup.set(file.path, {
      type: file.kind,
      linkName: file.target,
      mode: file.mode,
      uid: file.uid,
      gid: file.gid,
      size: file.content.length,
      mtime: file.mtime,
      ...(file.kind === 'file' ? { content: file.content } : {}),
    });
  }

  /**
   * Takes a file, a link or an empty folder away.
   * @param by name of the package that does it
   */
  remove(at: string, by: string): void {
    if (!this.#made.delete(at) || this.#before.get(at)) this.#lost.set(at, by);
    this.#lookup.delete(at);
  }

  /** What a new file gets of its folder where that has set-group-ID (inode(7)): the group and, if it is a folder, the bit. */
  inherited(at: string): { readonly gid: number; readonly folderBits: number } {
    const { mode = 0, gid = 0 } = this.#at(folderOf(at)) ?? {};
    return (mode & 0o2000) === 0 ? { gid: 0, folderBits: 0 } : { gid, folderBits: 0o2000 };
  }

  /** What was made at exactly this path. */
  made(at: string): ImageFile | undefined {
    return this.#made.get(at);
  }

  #at(at: string): SeenFile | undefined {
    const file = this.#lookup.get(at);
    if (file || !this.#lookup.isFolder(at)) return file;
    return { type: 'directory', linkName: '', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
  }
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
