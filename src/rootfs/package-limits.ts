import type { TarEntry } from '../archive/index.ts';
import { PithError } from '../core/index.ts';

/** No package unpacks to more; the largest of Debian 13 has 6.7 GiB. */
const MAX_UNPACKED = 16 * 2 ** 30;
const MAX_ENTRIES = 1_000_000;
/** Bytes of all names, link targets and attributes together, which are held in memory. */
const MAX_NAMES = 128 << 20;
/** Bytes of all captured files together, which are held in memory. */
const MAX_CAPTURED = 64 << 20;

const HINT = 'No sound package does; it was not used.';

/** Adds up what a package asks for, and ends what would take more memory or time than any sound package. */
export class PackageLimits {
  readonly #what: string;
  #unpacked = 0;
  #entries = 0;
  #names = 0;
  #captured = 0;

  /** @param what the package's name and version, for errors */
  constructor(what: string) {
    this.#what = what;
  }

  /** @throws ARCHIVE_TOO_LARGE */
  addEntry({ path, linkName, size, xattrs = {} }: TarEntry): void {
    this.#entries++;
    this.#unpacked += size;
    this.#names += path.length + linkName.length;
    for (const [name, value] of Object.entries(xattrs)) this.#names += name.length + value.length;
    if (this.#unpacked > MAX_UNPACKED) throw this.#tooLarge(`unpacks to more than ${MAX_UNPACKED} bytes`);
    if (this.#entries > MAX_ENTRIES) throw this.#tooLarge(`has more than ${MAX_ENTRIES} files`);
    if (this.#names > MAX_NAMES) throw this.#tooLarge(`has more than ${MAX_NAMES} bytes of names`);
  }

  /** @throws ARCHIVE_TOO_LARGE */
  addCaptured({ size }: TarEntry): void {
    this.#captured += size;
    if (this.#captured > MAX_CAPTURED)
      throw this.#tooLarge(`has more than ${MAX_CAPTURED} bytes of certificates and their like`);
  }

  #tooLarge(why: string): PithError {
    return new PithError('ARCHIVE_TOO_LARGE', `${this.#what} ${why}`, { hint: HINT });
  }
}
