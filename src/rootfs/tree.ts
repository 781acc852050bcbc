import { PithError } from '../core/index.ts';
import type { ListedFile } from './segment.ts';

/** A path of an image and where it comes from. */
export interface PlacedFile {
  readonly file: ListedFile;
  /** A package's name and version, or what made a derived file. */
  readonly origin: string;
}

/** The file tree of an image: what lies at each path once all segments are applied in their order. */
export class FileTree {
  readonly #files = new Map<string, PlacedFile>();

  get(path: string): PlacedFile | undefined {
    return this.#files.get(path);
  }

  paths(): ReadonlySet<string> {
    return new Set(this.#files.keys());
  }

  entries(): IterableIterator<[string, PlacedFile]> {
    return this.#files.entries();
  }

  /**
   * Adds the files of a package. Folders may be in many packages; a file that another package has too must be the same
   * in content, mode and owner.
   * @throws PithError FILE_CONFLICT naming the path and both packages
   */
  addPackage(files: readonly ListedFile[], origin: string): void {
    for (const file of files) {
      const there = this.#files.get(file.path);
      if (there && !isSame(there.file, file)) {
        throw new PithError(
          'FILE_CONFLICT',
          `${there.origin} and ${origin} both bring /${file.path}, with different content`,
          {
            hint: 'Leave one of the packages out, or drop the file from one of them with `contents: {drop: […]}`.',
          },
        );
      }
      this.#files.set(file.path, { file, origin });
    }
  }

  /** Adds files that may replace those of packages, as a definition's and derived ones do. */
  addFiles(files: readonly ListedFile[], origin: (path: string) => string): void {
    for (const file of files) this.#files.set(file.path, { file, origin: origin(file.path) });
  }
}

function isSame(a: ListedFile, b: ListedFile): boolean {
  if (a.type === 'directory' && b.type === 'directory') return true;
  return (
    a.type === b.type &&
    a.digest === b.digest &&
    a.linkName === b.linkName &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid
  );
}
