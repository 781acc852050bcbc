import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../testing/elf.ts';
import { architectureOf } from './elf-platform.ts';
import { type ElfInfo, ElfScanner } from './elf.ts';

function scan(elf: TestElf): ElfInfo {
  const bytes = makeElf(elf);
  const scanner = new ElfScanner(bytes.length);
  scanner.write(bytes);
  const info = scanner.finish();
  if (!info) throw new Error('no ELF file');
  return info;
}

describe('the platform of an ELF file', () => {
  it.each<[string, TestElf, string]>([
    ['amd64', { machine: 62 }, 'linux/amd64'],
    ['arm64', { machine: 183 }, 'linux/arm64'],
    ['armel', { machine: 40, class: 32, flags: 0x5000200 }, 'linux/arm/v6'],
    ['armhf', { machine: 40, class: 32, flags: 0x5000400 }, 'linux/arm/v7'],
    ['i386', { machine: 3, class: 32 }, 'linux/386'],
    ['loong64', { machine: 258, flags: 0x43 }, 'linux/loong64'],
    ['mips64el', { machine: 8, flags: 0x60000007 }, 'linux/mips64le'],
    ['mipsel', { machine: 8, class: 32, flags: 0x50001007 }, 'linux/mipsle'],
    ['mips', { machine: 8, class: 32, endianness: 'big', flags: 0x50001007 }, 'linux/mips'],
    ['ppc64', { machine: 21, endianness: 'big', flags: 1 }, 'linux/ppc64'],
    ['ppc64el', { machine: 21, flags: 2 }, 'linux/ppc64le'],
    ['riscv64', { machine: 243, flags: 5 }, 'linux/riscv64'],
    ['s390x', { machine: 22, endianness: 'big' }, 'linux/s390x'],
  ])("of Debian's %s", (_debian, elf, platform) => {
    expect(architectureOf(scan(elf))).toBe(platform);
  });

  it.each<[string, TestElf]>([
    ['x32', { machine: 62, class: 32 }],
    ['mipsn32el', { machine: 8, class: 32, flags: 0x60000027 }],
    ['arm64ilp32', { machine: 183, class: 32 }],
    ['31-bit s390', { machine: 22, class: 32, endianness: 'big' }],
    ['powerpc', { machine: 20, class: 32, endianness: 'big' }],
    ['alpha', { machine: 0x9026 }],
    ['hppa', { machine: 15, class: 32, endianness: 'big' }],
    ['m68k', { machine: 4, class: 32, endianness: 'big' }],
    ['sh4', { machine: 42, class: 32 }],
    ['sparc64', { machine: 43, endianness: 'big' }],
    ['eBPF', { machine: 247 }],
    ['a big-endian x86-64, which nobody makes', { machine: 62, endianness: 'big' }],
  ])('has no name for %s', (_title, elf) => {
    expect(architectureOf(scan(elf))).toBeUndefined();
  });

  it('takes a static ARM program that does not say its floating point, as Go writes it, for v7', () => {
    const elf = { machine: 40, class: 32, flags: 0x5000002 } as const;
    expect(architectureOf(scan(elf))).toBe('linux/arm/v7');
    expect(architectureOf(scan({ ...elf, interpreter: '/lib/ld-linux-armhf.so.3' }))).toBe('linux/arm/v7');
    expect(architectureOf(scan({ ...elf, interpreter: '/lib/ld-linux.so.3' }))).toBe('linux/arm/v6');
  });
});
