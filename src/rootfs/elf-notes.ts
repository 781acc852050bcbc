import { type ElfHeader, ElfReader, MACHINE, type Segment } from './elf-header.ts';

/** Notes of the owner GNU (glibc: elf/elf.h; Linux Extensions to gABI, "Program Property"). */
const ABI_TAG = 1;
const PROPERTIES = 5;
const ISA_NEEDED = 0xc0008002;
/** Operating system of the ABI tag. */
const LINUX = 0;

interface Note {
  readonly type: number;
  readonly content: ElfReader;
}

/** The oldest kernel that a file may run on, from its ABI tag: `3.2.0`. */
export function readMinimumKernel(
  bytes: Uint8Array,
  segment: Segment,
  header: ElfHeader,
): string | undefined {
  const note = findNote(bytes, segment.align, header, ABI_TAG);
  if (!note || note.content.length < 16 || note.content.word(0) !== LINUX) return undefined;
  return `${note.content.word(4)}.${note.content.word(8)}.${note.content.word(12)}`;
}

/**
 * The x86-64 level that a file needs, as ldconfig writes it: the highest bit of the needed ISA (0: baseline, 1: x86-64-v2 …).
 * Properties are in ascending order of their types; what comes out of order ends them.
 */
export function readIsaLevel(bytes: Uint8Array, segment: Segment, header: ElfHeader): number {
  const width = header.class / 8;
  const isX86 = header.machine === MACHINE.X86_64 || header.machine === MACHINE.I386;
  if (!isX86 || segment.align !== width) return 0;
  const content = findNote(bytes, segment.align, header, PROPERTIES)?.content;
  if (!content || content.length < 8 || content.length % width !== 0) return 0;
  for (let at = 0, last = 0; at + 8 <= content.length;) {
    const type = content.word(at);
    const size = content.word(at + 4);
    if (type < last || type > ISA_NEEDED || at + 8 + size > content.length) return 0;
    if (type === ISA_NEEDED) {
      const needed = size === 4 ? content.word(at + 8) : 0;
      return needed === 0 ? 0 : 31 - Math.clz32(needed);
    }
    last = type;
    at += 8 + alignUp(size, width);
  }
  return 0;
}

/** The first note of GNU's with a type. */
function findNote(bytes: Uint8Array, align: number, header: ElfHeader, type: number): Note | undefined {
  const reader = new ElfReader(bytes, header);
  const step = align === 8 ? 8 : 4;
  for (let at = 0; at + 12 <= bytes.length;) {
    const nameSize = reader.word(at);
    const size = reader.word(at + 4);
    const start = at + alignUp(12 + nameSize, step);
    const end = start + size;
    if (end > bytes.length) return undefined;
    const name = Buffer.from(bytes.subarray(at + 12, at + 16)).toString('latin1');
    if (nameSize === 4 && name === 'GNU\0' && reader.word(at + 8) === type) {
      return { type, content: new ElfReader(bytes.subarray(start, end), header) };
    }
    at = alignUp(end, step);
  }
  return undefined;
}

function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
