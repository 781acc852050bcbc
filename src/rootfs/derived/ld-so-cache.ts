import { type ImageFile, regularFile, symlink } from '../files.ts';
import { type TreeFile, TreeLookup } from '../tree-lookup.ts';
import { readLibraryFolders } from './ld-so-conf.ts';
import { type LibraryAbi, libraryAbi } from './library-abi.ts';
import { type CachedLibrary, compareNames, findLibraries, type SharedLibraries } from './shared-libraries.ts';
import { StringTable } from './string-table.ts';

const PATH = 'etc/ld.so.cache';
/** What the cache names as its maker; `ldconfig -p` prints it. */
const GENERATOR = 'pith';

/** Sizes and numbers of the format (glibc 2.33 and later: sysdeps/generic/dl-cache.h). */
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER_SIZE = 48;
const ENTRY_SIZE = 24;
const EXTENSION_MAGIC = 0xeaa42174;
const EXTENSION_SIZE = 8;
const SECTION_SIZE = 16;
const TAG = { GENERATOR: 0, HWCAPS: 1 } as const;
const ENDIAN = { little: 2, big: 3 } as const;
/** High half of `hwcap`: the low half is an index of the hwcaps section. */
const HWCAP_EXTENSION = 0x40000000;

export interface LdSoCacheOptions {
  /** Contents of `/etc/ld.so.conf` and `/etc/ld.so.conf.d/*.conf`, by path relative to the root; others are ignored. */
  readonly configuration: ReadonlyMap<string, Uint8Array>;
  /** Debian's name of the architecture. */
  readonly architecture: string;
}

/**
 * `/etc/ld.so.cache` as `ldconfig` would write it, and the links that ldconfig would make beside libraries whose own name has
 * no link. They carry the newest time of the libraries.
 * @param entries the files of the image, with the links of a merged /usr and of alternatives: `FileTree.entries()`
 * @returns nothing if there is no shared library in a folder that is searched, or glibc is not known for the architecture
 */
export function deriveLdSoCache(
  entries: Iterable<readonly [string, { readonly file: TreeFile }]>,
  { configuration, architecture }: LdSoCacheOptions,
): ImageFile[] {
  const abi = libraryAbi(architecture);
  if (!abi) return [];
  const found = findLibraries(new TreeLookup(entries), abi, readLibraryFolders(configuration));
  if (found.libraries.length === 0) return [];
  const mtime = Math.max(0, ...found.libraries.map((library) => library.mtime));
  const origin = `${found.libraries.length} shared libraries`;
  return [
    ...found.links.map((link) =>
      symlink(link.path, link.target, `the name that ${link.target} gives itself`, { mtime: link.mtime }),
    ),
    regularFile(PATH, encodeCache(found, abi.endianness), origin, { mtime }),
  ];
}

/** The bytes of a cache, in the new format alone, which every glibc since 2.2 reads. */
export function encodeCache(
  { libraries, hwcaps }: Pick<SharedLibraries, 'libraries' | 'hwcaps'>,
  endianness: LibraryAbi['endianness'],
  generator = GENERATOR,
): Uint8Array {
  const sorted = [...libraries].sort(compareLibraries);
  const strings = new StringTable([...hwcaps, ...sorted.flatMap(({ name, path }) => [name, path])]);
  const used = hwcaps.filter((name) => sorted.some((library) => library.hwcaps === name));
  const stringsStart = HEADER_SIZE + ENTRY_SIZE * sorted.length;
  const stringAt = (text: string): number => stringsStart + strings.offset(text);
  const extensionStart = Math.ceil((stringsStart + strings.bytes.length) / 4) * 4;

  const out = new Writer(endianness);
  out.bytes(Buffer.from(MAGIC, 'latin1'));
  out.words(sorted.length, strings.bytes.length);
  out.bytes(Buffer.from([ENDIAN[endianness], 0, 0, 0]));
  out.words(extensionStart, 0, 0, 0);
  for (const { name, path, kind, hwcaps: folder, isaLevel } of sorted) {
    out.words(kind, stringAt(name), stringAt(path), 0);
    if (folder === undefined) out.long(0, 0);
    else out.long(HWCAP_EXTENSION + isaLevel, used.indexOf(folder));
  }
  out.bytes(strings.bytes);
  out.bytes(new Uint8Array(extensionStart - stringsStart - strings.bytes.length));

  const sections = used.length > 0 ? 2 : 1;
  const dataStart = extensionStart + EXTENSION_SIZE + sections * SECTION_SIZE;
  const maker = Buffer.from(generator);
  out.words(EXTENSION_MAGIC, sections);
  out.words(TAG.GENERATOR, 0, dataStart + 4 * used.length, maker.length);
  if (used.length > 0) out.words(TAG.HWCAPS, 0, dataStart, 4 * used.length);
  out.words(...used.map(stringAt));
  out.bytes(maker);
  return out.concat();
}

/** By name, falling, as the loader's binary search has it; then by kind, falling; libraries for better hardware first. */
function compareLibraries(a: CachedLibrary, b: CachedLibrary): number {
  const order = compareNames(b.name, a.name) || b.kind - a.kind;
  if (order !== 0 || a.hwcaps === b.hwcaps) return order;
  if (a.hwcaps === undefined) return 1;
  if (b.hwcaps === undefined) return -1;
  return a.hwcaps < b.hwcaps ? -1 : 1;
}

/** Collects numbers of one byte order. */
class Writer {
  readonly #isLittle: boolean;
  readonly #parts: Uint8Array[] = [];

  constructor(endianness: LibraryAbi['endianness']) {
    this.#isLittle = endianness === 'little';
  }

  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  words(...values: number[]): void {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    for (const [index, value] of values.entries()) view.setUint32(4 * index, value, this.#isLittle);
    this.bytes(new Uint8Array(view.buffer));
  }

  /** A number of 64 bits by its halves. */
  long(high: number, low: number): void {
    this.words(...(this.#isLittle ? [low, high] : [high, low]));
  }

  concat(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
