import type { Dynamic } from './elf-dynamic.ts';
import { type ElfHeader, ElfReader, MACHINE, SEGMENT_FLAG, SEGMENT_TYPE } from './elf-header.ts';
import type { HeldBytes } from './held-bytes.ts';

/** What a linker and a compiler did against exploits, in the words of checksec(7). */
export interface Hardening {
  /** `none` also for a static program that has nothing to relocate. */
  readonly relro: 'none' | 'partial' | 'full';
  /** The stack cannot be executed. */
  readonly nx: boolean;
  /** A position-independent program; undefined for a library. */
  readonly pie?: boolean;
  /** Calls `__stack_chk_fail`; undefined where nothing tells: a static program without its table of symbols. */
  readonly stackProtector?: boolean;
  /** Calls checked functions of the C library (`__printf_chk` …); undefined where nothing tells. */
  readonly fortify?: boolean;
  readonly rpath: boolean;
  readonly runpath: boolean;
}

/** Machines whose stack cannot be executed although the file says nothing of it (glibc: stackinfo.h). */
const NX_BY_DEFAULT: readonly number[] = [MACHINE.AARCH64, MACHINE.RISCV];
/** A table of 700,000 symbols. */
const MAX_SYMBOLS = 16 << 20;
const UNDEFINED = 0;
const UNDERSCORE = 0x5f;
/** Longer than the name of any function that is looked for. */
const MAX_NAME = 40;
const STACK_PROTECTOR = '__stack_chk_fail';
const FORTIFIED = /^__\w+_chk$/;

/**
 * @param dynamic nothing for a static program
 * @param held what was kept of the file, with the tables that the dynamic section points to
 */
export function readHardening(header: ElfHeader, dynamic: Dynamic | undefined, held: HeldBytes): Hardening {
  const has = (type: number): boolean => header.segments.some((segment) => segment.type === type);
  const hasRelro = has(SEGMENT_TYPE.GNU_RELRO);
  const stack = header.segments.find(({ type }) => type === SEGMENT_TYPE.GNU_STACK);
  const pie = isPie(header, dynamic, has(SEGMENT_TYPE.INTERPRETER));
  return {
    relro: !hasRelro ? 'none' : dynamic?.bindsNow ? 'full' : 'partial',
    nx: stack ? (stack.flags & SEGMENT_FLAG.EXECUTE) === 0 : NX_BY_DEFAULT.includes(header.machine),
    ...(pie === undefined ? {} : { pie }),
    ...(dynamic?.symbols ? readCalls(dynamic.symbols, dynamic.strings, header, held) : {}),
    rpath: dynamic?.rpath !== undefined,
    runpath: dynamic?.runpath !== undefined,
  };
}

/** Some libraries, such as glibc's, can be started, too: they name a loader, and themselves. */
function isPie(header: ElfHeader, dynamic: Dynamic | undefined, hasLoader: boolean): boolean | undefined {
  if (header.type === 'executable') return false;
  const isProgram = dynamic?.isProgram === true || (hasLoader && dynamic?.soname === undefined);
  return isProgram ? true : undefined;
}

/** What functions the file wants of others. */
function readCalls(
  { offset, size }: NonNullable<Dynamic['symbols']>,
  strings: Dynamic['strings'],
  header: ElfHeader,
  held: HeldBytes,
): Pick<Hardening, 'stackProtector' | 'fortify'> {
  const reader = new ElfReader(held.readUpTo(offset, Math.min(size, MAX_SYMBOLS)), header);
  const names = held.readUpTo(strings.offset, strings.size);
  const entry = header.class === 64 ? { size: 24, section: 6 } : { size: 16, section: 14 };
  let stackProtector = false;
  let fortify = false;
  for (let at = entry.size; at + entry.size <= reader.length; at += entry.size) {
    if (reader.half(at + entry.section) !== UNDEFINED) continue;
    const start = reader.word(at);
    if (names[start] !== UNDERSCORE || names[start + 1] !== UNDERSCORE) continue;
    const name =
      Buffer.from(names.subarray(start, start + MAX_NAME))
        .toString('latin1')
        .split('\0', 1)[0] ?? '';
    if (name === STACK_PROTECTOR) stackProtector = true;
    else if (FORTIFIED.test(name)) fortify = true;
    if (stackProtector && fortify) break;
  }
  return { stackProtector, fortify };
}
