import {
  certificatesWish,
  ELF_MAGIC,
  type ElfHeader,
  ElfScanner,
  type Hardening,
  readHeader,
  SEGMENT_FLAG,
  SEGMENT_TYPE,
  timeZonesWish,
  WISH_TEXTS,
} from '../../rootfs/index.ts';
import type { Fact } from '../facts.ts';
import type { FileEntry, FileReader, FileScanner } from '../model.ts';
import { Needles, PassingTexts } from './needles.ts';
import { SIGNATURES, toolOf } from './tool-signatures.ts';

/** What Go's linker puts before the build information. */
const GO = '\xff Go buildinf:';
/** Names in the table of symbols of a static program. */
const STACK_PROTECTOR = '__stack_chk_fail\0';
const FORTIFIED = [
  '__printf_chk\0',
  '__fprintf_chk\0',
  '__sprintf_chk\0',
  '__snprintf_chk\0',
  '__vfprintf_chk\0',
  '__memcpy_chk\0',
  '__strcpy_chk\0',
];
const TEXTS = new Needles([
  ...new Set([
    ...SIGNATURES.flatMap(({ text }) => text ?? []),
    ...Object.values(WISH_TEXTS),
    GO,
    STACK_PROTECTOR,
    ...FORTIFIED,
  ]),
]);
/** Bytes of a program that are looked through; debugging information lies behind, mostly. */
const MAX_LOOKED_THROUGH = 512 << 20;
/** Bytes before the end of a static program where its table of symbols is looked for. */
const SYMBOLS = 4 << 20;
const LIBRARY = /\.so(?:\.|$)|\.node$/;
const ANY_EXECUTE = 0o111;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** ELF files: what the loader wants to know, what protects them, and, of programs, which tools they are and what they look for. */
export const programReader: FileReader = {
  open(file, head) {
    if (!ELF_MAGIC.equals(head.subarray(0, 4))) return undefined;
    return new ProgramScanner(file, head);
  },
};

class ProgramScanner implements FileScanner {
  readonly #elf: ElfScanner;
  readonly #texts = new PassingTexts(TEXTS);
  /** Parts of the file that hold texts, in order. */
  readonly #ranges: readonly Range[];
  #range = 0;
  #position = 0;

  constructor(file: FileEntry, head: Uint8Array) {
    this.#elf = new ElfScanner(file.size, { details: true });
    const header = readHeader(head);
    this.#ranges = header && mayBeProgram(file, header) ? textRanges(header, file.size) : [];
  }

  write(piece: Uint8Array): void {
    this.#elf.write(piece);
    const end = this.#position + piece.length;
    for (
      let range = this.#ranges[this.#range];
      range && range.start < end;
      range = this.#ranges[this.#range]
    ) {
      const [from, to] = [Math.max(range.start, this.#position), Math.min(range.end, end)];
      if (from < to) this.#texts.write(piece.subarray(from - this.#position, to - this.#position));
      if (range.end > end) break;
      this.#texts.interrupt();
      this.#range++;
    }
    this.#position = end;
  }

  finish(): readonly Fact[] {
    const details = this.#elf.finishWithDetails();
    if (!details) return [];
    const { elf, isProgram, stripped } = details;
    const { found } = this.#texts;
    const isStatic = isProgram && elf.interpreter === undefined && elf.needed.length === 0;
    const hardening = isStatic && !stripped ? withSymbols(details.hardening, found) : details.hardening;
    const facts: Fact[] = [{ kind: 'elf', elf, hardening, stripped }];
    if (!isProgram) return facts;
    const tool = toolOf(elf.needed, found);
    if (tool) facts.push(tool);
    const wishes = [
      ...(certificatesWish(elf.needed, found) === undefined ? [] : (['certificates'] as const)),
      ...(timeZonesWish(found.has(GO), found) === undefined ? [] : (['time-zones'] as const)),
    ];
    if (wishes.length > 0) facts.push({ kind: 'wishes', wishes });
    return facts;
  }
}

function withSymbols(hardening: Hardening, texts: ReadonlySet<string>): Hardening {
  return {
    ...hardening,
    stackProtector: texts.has(STACK_PROTECTOR),
    fortify: FORTIFIED.some((name) => texts.has(name)),
  };
}

/** Whether an ELF file is a program, as far as its first bytes tell. */
function mayBeProgram({ path, mode }: FileEntry, header: ElfHeader): boolean {
  if (header.type === 'executable') return true;
  if (LIBRARY.test(path.slice(path.lastIndexOf('/') + 1))) return false;
  return (mode & ANY_EXECUTE) !== 0 || header.segments.some(({ type }) => type === SEGMENT_TYPE.INTERPRETER);
}

/** Where the texts of a program lie: in what is loaded and is no code, if its linker has kept these apart. */
function textRanges(header: ElfHeader, size: number): Range[] {
  const loaded = header.segments.filter(({ type }) => type === SEGMENT_TYPE.LOAD);
  const { EXECUTE, WRITE } = SEGMENT_FLAG;
  const isApart = loaded.some(({ flags }) => (flags & (EXECUTE | WRITE)) === 0);
  const ranges = loaded
    .filter(({ flags }) => !isApart || (flags & EXECUTE) === 0)
    .map(({ offset, size: length }) => ({
      start: offset,
      end: Math.min(offset + length, MAX_LOOKED_THROUGH),
    }));
  const isStatic = header.segments.every(({ type }) => type !== SEGMENT_TYPE.INTERPRETER);
  if (isStatic) ranges.push({ start: Math.max(0, size - SYMBOLS), end: size });
  return merged(ranges);
}

/** In order, and each byte once. */
function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    const from = Math.max(start, last?.end ?? 0);
    if (from < end) result.push({ start: from, end });
  }
  return result;
}
