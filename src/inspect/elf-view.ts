import { formatPlatform } from '../oci/index.ts';
import {
  architectureOf,
  type ElfInfo,
  isLibraryPath,
  type LibraryOptions,
  type LibrarySearch,
  searchLibraries,
  type TreeFile,
} from '../rootfs/index.ts';
import type { ElfFact } from './facts.ts';
import type { ImageTree } from './tree.ts';
import type { ImageView } from './view.ts';

/** A program or shared object of an image, and what the loader makes of it. */
export interface ElfFile extends Omit<ElfFact, 'kind'> {
  /** Number in the tree. */
  readonly id: number;
  /** In the image, without a slash at either end. */
  readonly path: string;
  /** Number of the layer that has it, from 0. */
  readonly layer: number;
  /** As OCI writes it: `linux/arm64`; undefined where OCI has no name for it. */
  readonly platform?: string;
  /** It is for another platform than the image, and not for one that the image's machines run as well (32-bit x86 …). */
  readonly isForeign: boolean;
  /** The loader that it names. */
  readonly interpreter?: { readonly path: string; readonly isThere: boolean };
  /** What it needs, in the file's order. Of a foreign file nothing is resolved. */
  readonly libraries: readonly NeededLibrary[];
}

export interface NeededLibrary {
  readonly name: string;
  /** Where the loader finds it, in the image and without links; undefined if it does not. */
  readonly path?: string;
  /**
   * Where it lies if the loader does not look there. A plugin that only programs load which have the library already is
   * no fault: `isLoadedBefore`.
   */
  readonly elsewhere?: string;
  readonly isLoadedBefore?: true;
  /** Versions of symbols that it lacks, such as `GLIBC_2.38`. */
  readonly missingVersions: readonly string[];
}

/** Debian's names of architectures, by which it is known how libraries are found. */
const DEBIAN: Readonly<Record<string, string>> = {
  'linux/386': 'i386',
  'linux/amd64': 'amd64',
  'linux/arm/v5': 'armel',
  'linux/arm/v6': 'armel',
  'linux/arm/v7': 'armhf',
  'linux/arm64': 'arm64',
  'linux/ppc64le': 'ppc64el',
  'linux/riscv64': 'riscv64',
  'linux/s390x': 's390x',
};
/** What machines of a platform run besides their own programs. */
const ALSO_RUN: Readonly<Record<string, readonly string[]>> = {
  'linux/amd64': ['linux/386'],
  'linux/arm64': ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5'],
  'linux/arm/v7': ['linux/arm/v6', 'linux/arm/v5'],
  'linux/arm/v6': ['linux/arm/v5'],
};
/** Where musl's loader looks (musl: ldso/dynlink.c), unless a file says otherwise. */
const MUSL_FOLDERS = ['/lib', '/usr/local/lib', '/usr/lib'];
/** Where the loaders of other distributions with glibc look. */
const OTHER_FOLDERS = ['/lib64', '/usr/lib64', '/lib', '/usr/lib'];
const MUSL = /^lib\/ld-musl-[^/]+\.so\.1$/;

type Entry = readonly [string, { readonly file: TreeFile }];

/**
 * Every ELF file of an image in the order of layers, with what the loader finds for it (ld.so(8)): in its RPATH or RUNPATH,
 * in LD_LIBRARY_PATH of the image, in the cache and in the system's folders. Folders for better hardware are not looked
 * into, because what machine the image runs on is not known. Where the image's platform is not known to Debian, nothing is
 * resolved.
 */
export function resolveElf(view: ImageView): ElfFile[] {
  const own = platformOf(view);
  const search = searchImage(view, own);
  return view.found('elf').map(({ id, path, layer, fact: { elf, hardening, stripped } }) => {
    const platform = architectureOf(elf);
    const isForeign =
      platform === undefined || (platform !== own && ALSO_RUN[own]?.includes(platform) !== true);
    const { interpreter } = elf;
    const isThere = interpreter !== undefined && isFile(view.tree, interpreter);
    return {
      id,
      path,
      layer,
      elf,
      hardening,
      stripped,
      ...(platform === undefined ? {} : { platform }),
      isForeign,
      ...(interpreter === undefined ? {} : { interpreter: { path: interpreter, isThere } }),
      libraries: elf.needed.map((name) =>
        search && !isForeign ? resolveLibrary(search, name, path, elf) : { name, missingVersions: [] },
      ),
    };
  });
}

function resolveLibrary(search: LibrarySearch, name: string, path: string, elf: ElfInfo): NeededLibrary {
  const found = search.find(name, path, elf);
  if (!found) {
    const places = search.places(name, elf);
    const before = places.find((place) => search.isLoadedBefore(place, path, elf));
    const elsewhere = before ?? places[0];
    return {
      name,
      ...(elsewhere === undefined ? {} : { elsewhere }),
      ...(before === undefined ? {} : { isLoadedBefore: true }),
      missingVersions: [],
    };
  }
  const defined = new Set(found.elf?.versionsDefined);
  const wanted = found.elf ? (elf.versionsNeeded?.[name] ?? []) : [];
  return { name, path: found.path, missingVersions: wanted.filter((version) => !defined.has(version)) };
}

/** The platform of the image's programs: images of older tools have no variant. */
function platformOf({ image: { config } }: ImageView): string {
  const { architecture, os, variant } = config;
  const platform = formatPlatform({ architecture, os, ...(variant === undefined ? {} : { variant }) });
  return platform === 'linux/arm'
    ? 'linux/arm/v7'
    : platform.replace(/^(linux\/arm64|linux\/amd64)\/.*$/, '$1');
}

function searchImage(view: ImageView, platform: string): LibrarySearch | undefined {
  const architecture = DEBIAN[platform];
  if (architecture === undefined) return undefined;
  const environment = view.image.config.config?.Env ?? [];
  const libraryPath = environment.find((text) => text.startsWith('LD_LIBRARY_PATH='))?.replace(/^[^=]*=/, '');
  const isMusl = view.tree
    .children(view.tree.resolve('/lib') ?? 0)
    .some((id) => MUSL.test(view.tree.path(id)));
  const options = { architecture, libraryPath, ...(isMusl ? muslOptions(view) : glibcOptions(view)) };
  return searchLibraries(filesThatMatter(view), options);
}

function glibcOptions(view: ImageView): Pick<LibraryOptions, 'configuration' | 'cache' | 'folders'> {
  const files = view
    .found('library-folders')
    .map(({ path, fact }) => [path, Buffer.from(fact.text)] as const);
  const cache = view.found('library-cache')[0]?.fact.libraries ?? [];
  return { configuration: new Map(files), cache, ...(isDebian(view) ? {} : { folders: OTHER_FOLDERS }) };
}

/** Whether the image is of Debian or of what is made from it; one that does not say is taken for it. */
function isDebian(view: ImageView): boolean {
  const { ID = 'debian', ID_LIKE = '' } = view.found('os-release')[0]?.fact.values ?? {};
  return [ID, ...ID_LIKE.split(' ')].includes('debian');
}

function muslOptions(view: ImageView): Pick<LibraryOptions, 'configuration' | 'cache' | 'folders'> {
  const text = view.found('library-folders').find(({ path }) => path.startsWith('etc/ld-musl-'))?.fact.text;
  const folders = text?.split(/[\n:]/).filter((folder) => folder.startsWith('/'));
  return { configuration: new Map(), cache: [], folders: folders ?? MUSL_FOLDERS };
}

/** What the loader could come across: links, ELF files, and what is only called a library. */
function* filesThatMatter({ tree }: ImageView): Generator<Entry> {
  for (let id = 1; id < tree.count; id++) {
    if (!tree.isThere(id)) continue;
    const type = tree.type(id);
    if (type !== 'symlink' && type !== 'file' && type !== 'hardlink') continue;
    const elf = tree.facts(id).find((fact) => fact.kind === 'elf')?.elf;
    if (!elf && type !== 'symlink' && !isLibraryPath(tree.name(id))) continue;
    const { path, linkName, mtime } = tree.file(id);
    yield [path, { file: { type, linkName, mtime, elf } }];
  }
}

function isFile(tree: ImageTree, path: string): boolean {
  const id = tree.resolve(path);
  return id !== undefined && tree.contentOf(id) !== undefined;
}
