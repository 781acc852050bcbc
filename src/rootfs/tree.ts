import { PithError } from '../core/index.ts';
import { parentsOf } from './paths.ts';
import type { ListedFile } from './segment.ts';

/** A path of an image and where it comes from. */
export interface PlacedFile {
  readonly file: ListedFile;
  /** A package's name and version, or what made a derived file. */
  readonly origin: string;
  /** Whether a package that comes later may bring another file here, as it may where a script made one. */
  readonly yields?: boolean;
}

/** The file tree of an image: what lies at each path once all segments are applied in their order. */
export class FileTree {
  readonly #files = new Map<string, PlacedFile>();

  get(path: string): PlacedFile | undefined {
    return this.#files.get(path);
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  paths(): IterableIterator<string> {
    return this.#files.keys();
  }

  entries(): IterableIterator<[string, PlacedFile]> {
    return this.#files.entries();
  }

  /**
   * Adds the files of a package. Folders may be in many packages; a file that another package has too must be the same
   * in content, mode and owner. What scripts made gives way.
   * @throws PithError FILE_CONFLICT naming the path and both packages
   */
  addPackage(files: readonly ListedFile[], origin: string): void {
    for (const file of files) {
      this.#checkAbove(file.path, (above, parent) => {
        throw new PithError(
          'FILE_CONFLICT',
          `${above.origin} and ${origin} do not fit: /${file.path} would lie below /${parent}, which is no folder`,
          {
            hint: 'Leave one of the packages out, or drop the file from one of them with `contents: {drop: […]}`.',
          },
        );
      });
      const there = this.#files.get(file.path);
      if (there && there.yields !== true && !isSame(there.file, file)) {
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

  /**
   * Adds files that may replace those of packages, as a definition's and derived ones do.
   * @param yields whether a package that comes later may bring another file at a path
   * @throws PithError DEFINITION_INVALID for a file below something that is no folder, or in the place of a folder that is not empty
   */
  addFiles(
    files: readonly ListedFile[],
    origin: (path: string) => string,
    yields: (path: string) => boolean = () => false,
  ): void {
    /** Folder of the file before, above which all is as it should be. */
    let sound: string | undefined;
    for (const file of files) {
      const { path } = file;
      const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      if (folder !== sound)
        this.#checkAbove(path, (above, parent) => {
          throw new PithError(
            'DEFINITION_INVALID',
            `/${path} (${origin(path)}) lies below /${parent} (${above.origin}), which is no folder`,
            { hint: 'Choose another path; where it is a link, write the path that it leads to.' },
          );
        });
      const from = origin(path);
      if (file.type !== 'directory') this.#checkBelow(path, from);
      sound = folder;
      this.#files.set(path, yields(path) ? { file, origin: from, yields: true } : { file, origin: from });
    }
  }

  #checkBelow(path: string, origin: string): void {
    const there = this.#files.get(path);
    if (there?.file.type !== 'directory') return;
    for (const [other, { origin: owner }] of this.#files) {
      if (!other.startsWith(`${path}/`)) continue;
      throw new PithError(
        'DEFINITION_INVALID',
        `/${path} (${origin}) would replace a folder that holds /${other} (${owner})`,
        { hint: 'Choose another path; `to: /folder/` with a slash at its end puts a file into a folder.' },
      );
    }
  }

  #checkAbove(path: string, fail: (above: PlacedFile, parent: string) => never): void {
    for (const parent of parentsOf(path)) {
      const above = this.#files.get(parent);
      if (above && above.file.type !== 'directory') fail(above, parent);
    }
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
