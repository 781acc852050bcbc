import { MACHINE } from '../elf-header.ts';
import type { ElfInfo } from '../elf.ts';

/** Kinds of a library in ld.so.cache (glibc: sysdeps/generic/ldconfig.h); the low byte says "ELF for libc.so.6". */
const KIND = {
  PLAIN: 0x0003,
  X86_64: 0x0303,
  S390_64: 0x0403,
  POWERPC64: 0x0503,
  X32: 0x0803,
  ARM_HARD_FLOAT: 0x0903,
  AARCH64: 0x0a03,
  ARM_SOFT_FLOAT: 0x0b03,
  RISCV_SOFT: 0x0f03,
  RISCV_DOUBLE: 0x1003,
} as const;

const ARM = { VERSION_MASK: 0xff000000, VERSION_5: 0x05000000, SOFT: 0x200, HARD: 0x400 } as const;
const RISCV = { FLOAT_MASK: 0x6, SOFT: 0x0, DOUBLE: 0x4, COMPRESSED: 0x1 } as const;

/** What glibc of one architecture of Debian knows of libraries. */
export interface LibraryAbi {
  /** Debian's multiarch name. */
  readonly triplet: string;
  readonly endianness: 'little' | 'big';
  /** Machines whose libraries its ldconfig takes. */
  readonly machines: readonly number[];
}

const X86 = [MACHINE.X86_64, MACHINE.I386];
const ARMS = [MACHINE.AARCH64, MACHINE.ARM];

const ABIS: Readonly<Record<string, LibraryAbi>> = {
  amd64: { triplet: 'x86_64-linux-gnu', endianness: 'little', machines: X86 },
  arm64: { triplet: 'aarch64-linux-gnu', endianness: 'little', machines: ARMS },
  armel: { triplet: 'arm-linux-gnueabi', endianness: 'little', machines: ARMS },
  armhf: { triplet: 'arm-linux-gnueabihf', endianness: 'little', machines: ARMS },
  i386: { triplet: 'i386-linux-gnu', endianness: 'little', machines: X86 },
  ppc64el: {
    triplet: 'powerpc64le-linux-gnu',
    endianness: 'little',
    machines: [MACHINE.POWERPC64, MACHINE.POWERPC],
  },
  riscv64: { triplet: 'riscv64-linux-gnu', endianness: 'little', machines: [MACHINE.RISCV] },
  s390x: { triplet: 's390x-linux-gnu', endianness: 'big', machines: [MACHINE.S390] },
};

/** @param architecture Debian's name of it */
export function libraryAbi(architecture: string): LibraryAbi | undefined {
  return Object.hasOwn(ABIS, architecture) ? ABIS[architecture] : undefined;
}

/** Folders that Debian's loader and ldconfig search whatever the configuration says, in their order. */
export function systemFolders({ triplet }: LibraryAbi): string[] {
  return [`/lib/${triplet}`, `/usr/lib/${triplet}`, '/lib', '/usr/lib'];
}

/**
 * The `flags` of a library in ld.so.cache, by which a loader knows those of its own ABI
 * (glibc: readelflib.c of the architectures). Nothing for what is no shared library or cannot be loaded there.
 */
export function libraryKind(elf: ElfInfo, abi: LibraryAbi): number | undefined {
  const isTaken = abi.machines.includes(elf.machine) && elf.endianness === abi.endianness;
  if (!isTaken || elf.type !== 'shared' || !elf.dynamic) return undefined;
  const isWide = elf.class === 64;
  switch (elf.machine) {
    case MACHINE.X86_64:
      return isWide ? KIND.X86_64 : KIND.X32;
    case MACHINE.AARCH64:
      return isWide ? KIND.AARCH64 : undefined;
    case MACHINE.S390:
      return isWide ? KIND.S390_64 : KIND.PLAIN;
    case MACHINE.POWERPC64:
      return isWide ? KIND.POWERPC64 : undefined;
    case MACHINE.RISCV:
      return riscvKind(elf.flags);
    case MACHINE.ARM:
      return isWide ? undefined : armKind(elf.flags);
    default:
      return isWide ? undefined : KIND.PLAIN;
  }
}

function armKind(flags: number): number {
  const isVersion5 = (flags & ARM.VERSION_MASK) === ARM.VERSION_5;
  if (isVersion5 && (flags & ARM.HARD) !== 0) return KIND.ARM_HARD_FLOAT;
  return isVersion5 && (flags & ARM.SOFT) !== 0 ? KIND.ARM_SOFT_FLOAT : KIND.PLAIN;
}

function riscvKind(flags: number): number | undefined {
  if ((flags & ~(RISCV.FLOAT_MASK | RISCV.COMPRESSED)) !== 0) return undefined;
  const abi = flags & RISCV.FLOAT_MASK;
  if (abi === RISCV.DOUBLE) return KIND.RISCV_DOUBLE;
  return abi === RISCV.SOFT ? KIND.RISCV_SOFT : undefined;
}
