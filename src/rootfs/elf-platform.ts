import { MACHINE } from './elf-header.ts';
import type { ElfInfo } from './elf.ts';

type Abi = Pick<ElfInfo, 'machine' | 'class' | 'endianness' | 'flags' | 'interpreter'>;

/** Machines whose numbers only this file needs (ELF gABI, "e_machine"). */
const OTHER = { MIPS: 8, LOONGARCH: 258 } as const;

/** Flags of 32-bit ARM (ELF for the Arm Architecture, "e_flags") and of MIPS (its psABI: the N32 calling convention). */
const ARM_SOFT_FLOAT = 0x200;
const MIPS_ABI2 = 0x20;

/** Architectures as the Go language names them, by machine, class and byte order. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  [`${MACHINE.X86_64} 64 little`]: 'amd64',
  [`${MACHINE.I386} 32 little`]: '386',
  [`${MACHINE.AARCH64} 64 little`]: 'arm64',
  [`${MACHINE.ARM} 32 little`]: 'arm',
  [`${MACHINE.POWERPC64} 64 little`]: 'ppc64le',
  [`${MACHINE.POWERPC64} 64 big`]: 'ppc64',
  [`${MACHINE.RISCV} 64 little`]: 'riscv64',
  [`${MACHINE.S390} 64 big`]: 's390x',
  [`${OTHER.MIPS} 32 little`]: 'mipsle',
  [`${OTHER.MIPS} 32 big`]: 'mips',
  [`${OTHER.MIPS} 64 little`]: 'mips64le',
  [`${OTHER.MIPS} 64 big`]: 'mips64',
  [`${OTHER.LOONGARCH} 64 little`]: 'loong64',
};

/**
 * The platform that an ELF file is for, as OCI writes it (image-spec 1.1, image-index.md): `linux/amd64`, `linux/arm/v7`.
 * 32-bit ARM is v7 with hard floating point, as Debian's armhf, and v6 without, which is how pith calls its armel; a file
 * that does not say which (Go's static programs) is v7 unless its loader is armel's.
 * @returns undefined where OCI has no name for it, such as x32 and MIPS N32
 */
export function architectureOf(elf: Abi): string | undefined {
  const name = ARCHITECTURES[`${elf.machine} ${elf.class} ${elf.endianness}`];
  if (name === undefined || (name.startsWith('mips') && isN32(elf))) return undefined;
  if (name !== 'arm') return `linux/${name}`;
  return isSoftFloat(elf) ? 'linux/arm/v6' : 'linux/arm/v7';
}

function isN32({ class: width, flags }: Abi): boolean {
  return width === 32 && (flags & MIPS_ABI2) !== 0;
}

function isSoftFloat({ flags, interpreter }: Abi): boolean {
  return (flags & ARM_SOFT_FLOAT) !== 0 || interpreter === '/lib/ld-linux.so.3';
}
