import { type ElfHeader, ElfReader, MAX_HEADERS, readHeader } from './elf-header.ts';

/** A section of an ELF file that has bytes in it. */
interface Section {
  readonly offset: number;
  readonly size: number;
}

/** An ELF file, opened to read more of it than what the loader wants to know. */
export interface OpenElf {
  readonly size: number;
  readonly header: ElfHeader;
  /** By name; empty if the file was stripped of them, or they make no sense. */
  readonly sections: ReadonlyMap<string, Section>;
  /** Bytes of the file; fewer at its end. */
  readonly read: (start: number, length: number) => Promise<Uint8Array>;
}

/** Files have some 40; more than this is no linker's work. */
const MAX_SECTIONS = 4096;
const MAX_SECTION_NAMES = 1 << 20;
/** Type of a section that has no bytes in the file (gABI 4.1, "Sections"). */
const NO_BYTES = 8;

/**
 * @param size bytes of the file
 * @param read bytes of it; fewer at its end
 * @returns nothing for what has no headers that a loader could use, or says that it is longer than it is
 */
export async function openElf(size: number, read: OpenElf['read']): Promise<OpenElf | undefined> {
  const header = readHeader(await read(0, MAX_HEADERS));
  if (!header?.segments.every(({ offset, size: bytes }) => offset + bytes <= size)) return undefined;
  return { size, header, sections: await readSections(header, size, read), read };
}

/**
 * Text of a section.
 * @param limit bytes that are read at most
 * @returns nothing if there is none
 */
export async function readSection(
  file: OpenElf,
  name: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  const section = file.sections.get(name);
  return section && file.read(section.offset, Math.min(section.size, limit));
}

async function readSections(
  header: ElfHeader,
  size: number,
  read: OpenElf['read'],
): Promise<Map<string, Section>> {
  const isWide = header.class === 64;
  const at = isWide ? { table: 40, sizes: 58, entry: 64 } : { table: 32, sizes: 46, entry: 40 };
  const head = new ElfReader(await read(0, 64), header);
  const table = head.address(at.table);
  const [entry, count, names] = [head.half(at.sizes), head.half(at.sizes + 2), head.half(at.sizes + 4)];
  const length = count * at.entry;
  if (entry !== at.entry || count === 0 || count > MAX_SECTIONS || table + length > size) return new Map();
  const bytes = await read(table, length);
  if (bytes.length < length) return new Map();
  const reader = new ElfReader(bytes, header);
  const listed = Array.from({ length: count }, (_none, index) => readEntry(reader, index * at.entry, isWide));
  const strings = listed[names];
  if (!strings || strings.size > MAX_SECTION_NAMES || strings.offset + strings.size > size) return new Map();
  const text = Buffer.from(await read(strings.offset, strings.size)).toString('latin1');
  const found = new Map<string, Section>();
  for (const { name, type, offset, size: sectionSize } of listed) {
    const end = text.indexOf('\0', name);
    const title = end < 0 ? '' : text.slice(name, end);
    if (title === '' || type === NO_BYTES || offset + sectionSize > size || found.has(title)) continue;
    found.set(title, { offset, size: sectionSize });
  }
  return found;
}

function readEntry(reader: ElfReader, at: number, isWide: boolean): Section & { name: number; type: number } {
  return {
    name: reader.word(at),
    type: reader.word(at + 4),
    offset: reader.address(at + (isWide ? 24 : 16)),
    size: reader.address(at + (isWide ? 32 : 20)),
  };
}
