import type { ElfFile } from './elf-file.ts';

/** What was found in the bytes of a program. */
export interface ProgramTexts {
  /** Those of the texts that were looked for. */
  readonly texts: ReadonlySet<string>;
  /** Names such as `libfoo.so.1`, in order. */
  readonly libraries: readonly string[];
}

const WINDOW = 1 << 20;
/** Bytes that neighbouring windows share: longer than any text that is looked for. */
const OVERLAP = 256;
/** What lies behind is not looked at; debugging information, mostly. */
const MAX_SCANNED = 512 << 20;
const MAX_LIBRARIES = 64;
const INFIX = Buffer.from('.so.', 'latin1');
const LONGEST_NAME = 80;
/** What stands before the infix, and what behind: a text of C ends with a NUL, texts of Go stand one behind the other. */
const BORDERS = {
  c: { before: /[\0/](lib[\w+.-]*)$/, behind: /^\d+(?=\0)/ },
  go: { before: /(lib[\w+-]*)$/, behind: /^\d+/ },
} as const;

/**
 * Looks through a program a window at a time.
 * @param wanted texts of ASCII characters, shorter than 200
 * @param libraries which names of libraries to look for: those that end as texts of C do, or also those of Go, or none
 */
export async function scanProgram(
  file: ElfFile,
  wanted: readonly string[],
  libraries: 'none' | 'c' | 'go',
): Promise<ProgramTexts> {
  const texts = new Set<string>();
  const names = new Set<string>();
  const end = Math.min(file.size, MAX_SCANNED);
  for (let at = 0; at < end; at += WINDOW) {
    const window = Buffer.from(await file.read(at, Math.min(WINDOW + OVERLAP, end - at)));
    for (const text of wanted) if (!texts.has(text) && window.includes(text, 0, 'latin1')) texts.add(text);
    if (libraries !== 'none') findNames(window, BORDERS[libraries], names);
    if (texts.size === wanted.length && libraries === 'none') break;
  }
  return { texts, libraries: [...names].sort() };
}

function findNames(
  window: Buffer,
  { before, behind }: (typeof BORDERS)['c' | 'go'],
  names: Set<string>,
): void {
  for (let at = window.indexOf(INFIX); at >= 0 && names.size < MAX_LIBRARIES;) {
    const end = at + INFIX.length;
    const name = before.exec(window.toString('latin1', Math.max(0, at - LONGEST_NAME), at))?.[1];
    const version = behind.exec(window.toString('latin1', end, end + 8))?.[0];
    if (name !== undefined && version !== undefined) names.add(`${name}.so.${version}`);
    at = window.indexOf(INFIX, end);
  }
}
