import type { TarEntry } from '../archive/index.ts';
import { PithError } from '../core/index.ts';
import { checkLink, safePath } from './paths.ts';

/**
 * The paths of a package. No package may repeat a file, put one below a link, bring devices, link out of the root or to
 * what is not there.
 */
export class PackageShape {
  readonly #what: string;
  readonly #types = new Map<string, TarEntry['type']>();

  /** @param what the package's name and version, for errors */
  constructor(what: string) {
    this.#what = what;
  }

  paths(): Iterable<string> {
    return this.#types.keys();
  }

  /**
   * Adds a path, with what the archive says of it.
   * @throws PithError ARCHIVE_INVALID, ARCHIVE_UNSAFE, ARCHIVE_UNSUPPORTED
   */
  add(entry: TarEntry, path: string): void {
    const fail = (code: 'ARCHIVE_INVALID' | 'ARCHIVE_UNSAFE' | 'ARCHIVE_UNSUPPORTED', why: string): never => {
      throw new PithError(code, `${this.#what}: ${JSON.stringify(path)} ${why}`, {
        hint: 'The package itself is broken or hostile; it was not used.',
      });
    };
    const before = this.#types.get(path);
    if (before !== undefined && !(before === 'directory' && entry.type === 'directory'))
      fail('ARCHIVE_INVALID', 'is in the package twice');
    const above = this.#fileAbove(path);
    if (above !== undefined)
      fail('ARCHIVE_UNSAFE', `lies below ${JSON.stringify(above)}, which is no folder`);
    if (entry.type === 'symlink') checkLink(path, entry.linkName, this.#what);
    if (entry.type === 'hardlink' && this.#types.get(safePath(entry.linkName, this.#what)) !== 'file') {
      fail(
        'ARCHIVE_UNSAFE',
        `is a hard link to ${JSON.stringify(entry.linkName)}, which is no file before it`,
      );
    }
    if (entry.type === 'character' || entry.type === 'block' || entry.type === 'fifo') {
      fail('ARCHIVE_UNSUPPORTED', `is a ${entry.type} device or pipe, which images do not hold`);
    }
    this.#types.set(path, entry.type === 'hardlink' ? 'file' : entry.type);
  }

  /** The path above that is in the package but is no folder. What is above a folder was checked when that came. */
  #fileAbove(path: string): string | undefined {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      const type = this.#types.get(parent);
      if (type !== undefined) return type === 'directory' ? undefined : parent;
    }
    return undefined;
  }
}
