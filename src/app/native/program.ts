import {
  certificatesWish,
  ElfReader,
  readGoBuild,
  readSection,
  SEGMENT_TYPE,
  timeZonesWish,
  WISH_TEXTS,
  type ElfInfo,
  type GoBuild,
} from '../../rootfs/index.ts';
import type { ElfFile } from './elf-file.ts';
import { scanProgram } from './program-texts.ts';
import { readRustCrate, type RustCrate } from './rust-build.ts';

export type Linkage = 'static' | 'static PIE' | 'dynamic' | 'dynamic PIE';

/** What a program is and needs, as far as its content tells. */
export interface Program {
  readonly language: 'Go' | 'Rust' | 'C++' | 'C' | 'Fortran' | 'Ada' | 'Swift' | undefined;
  readonly linkage: Linkage;
  /** What compiled it, such as `rustc version 1.95.0 (59807616e 2026-04-14)`. */
  readonly compilers: readonly string[];
  readonly go: GoBuild | undefined;
  readonly crate: RustCrate | undefined;
  /** What shows that it speaks TLS to others and shows local times. */
  readonly certificates: string | undefined;
  readonly timeZones: string | undefined;
  /** Names of libraries that stand in it, though it does not say that it needs them. */
  readonly libraries: readonly string[];
}

/** Tag and flag of a position-independent program in the dynamic section (gABI; GNU extensions of binutils' elf/common.h). */
const FLAGS_1 = 0x6ffffffb;
const FLAG_PIE = 0x08000000;
const MAX_DYNAMIC = 64 << 10;
const MAX_COMMENT = 64 << 10;

/** Texts that tell something, by what they tell. */
const TEXT = { ...WISH_TEXTS, rust: 'RUST_BACKTRACE', cxx: 'N10__cxxabiv1' } as const;

/** Libraries of languages. */
const LANGUAGE_LIBRARIES: readonly (readonly [RegExp, NonNullable<Program['language']>])[] = [
  [/^lib(stdc\+\+|c\+\+)\.so/, 'C++'],
  [/^libgfortran\.so/, 'Fortran'],
  [/^libgnat-/, 'Ada'],
  [/^libswiftCore\.so/, 'Swift'],
];
/** What glibc opens by itself, and what every system has. */
const OF_GLIBC = /^lib(c|m|dl|rt|util|pthread|resolv|gcc_s|nss_\w+|thread_db|anl|nsl|BrokenLocale|mvec)\.so/;

/**
 * Whether an ELF file can be started, and is no library. Static programs that may lie anywhere look like libraries, but for
 * one flag; some libraries, such as glibc's, can be started, too.
 */
export async function isProgram(file: ElfFile, elf: ElfInfo): Promise<boolean> {
  if (elf.type === 'executable' || !elf.dynamic) return true;
  if (elf.interpreter !== undefined) return elf.soname === undefined;
  const segment = file.header.segments.find(({ type }) => type === SEGMENT_TYPE.DYNAMIC);
  if (!segment) return false;
  const bytes = await file.read(segment.offset, Math.min(segment.size, MAX_DYNAMIC));
  const reader = new ElfReader(bytes, file.header);
  const width = file.header.class / 8;
  for (let at = 0; at + 2 * width <= reader.length; at += 2 * width)
    if (reader.address(at) === FLAGS_1) return (reader.address(at + width) & FLAG_PIE) !== 0;
  return false;
}

/** Reads what a program tells of itself. Its bytes are looked through once. */
export async function readProgram(file: ElfFile, elf: ElfInfo): Promise<Program> {
  const go = await readGoBuild(file);
  const crate = await readRustCrate(file);
  const named = await readCompilers(file);
  const isOpeningLibraries = go?.dependencies.some(({ path }) => path === 'github.com/ebitengine/purego');
  const names = isOpeningLibraries ? 'go' : go || elf.interpreter === undefined ? 'none' : 'c';
  const { texts, libraries } = await scanProgram(file, Object.values(TEXT), names);
  const language = languageOf({ go, crate, compilers: named, needed: elf.needed, texts });
  // An older rustc does not name itself; what is named then has only linked the program.
  const isLinkerAlone = language === 'Rust' && !named.some(isRust);
  return {
    language,
    linkage: linkageOf(elf),
    compilers: isLinkerAlone ? [] : named,
    go,
    crate,
    certificates: certificatesWish(elf.needed, texts),
    timeZones: timeZonesWish(go !== undefined, texts),
    libraries: libraries.filter((name) => !elf.needed.includes(name) && !OF_GLIBC.test(name)),
  };
}

function linkageOf(elf: ElfInfo): Linkage {
  const isFixed = elf.type === 'executable';
  if (elf.interpreter === undefined) return isFixed ? 'static' : 'static PIE';
  return isFixed ? 'dynamic' : 'dynamic PIE';
}

/** Compilers and linkers leave their names in a section of texts. */
async function readCompilers(file: ElfFile): Promise<string[]> {
  const bytes = await readSection(file, '.comment', MAX_COMMENT);
  const texts = bytes ? Buffer.from(bytes).toString('utf8').split('\0') : [];
  return [...new Set(texts.filter((text) => text !== '' && text.length < 200))];
}

function isRust(compiler: string): boolean {
  return compiler.startsWith('rustc ');
}

function languageOf(found: {
  readonly go: GoBuild | undefined;
  readonly crate: RustCrate | undefined;
  readonly compilers: readonly string[];
  readonly needed: readonly string[];
  readonly texts: ReadonlySet<string>;
}): Program['language'] {
  const { go, crate, compilers, needed, texts } = found;
  if (go) return 'Go';
  if (crate ?? compilers.some(isRust)) return 'Rust';
  const byLibrary = LANGUAGE_LIBRARIES.find(([name]) => needed.some((library) => name.test(library)));
  if (byLibrary) return byLibrary[1];
  if (texts.has(TEXT.rust)) return 'Rust';
  if (texts.has(TEXT.cxx)) return 'C++';
  return compilers.some((text) => /^GCC:|clang/.test(text)) ? 'C' : undefined;
}
