import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf, type TestElf } from '../testing/elf.ts';
import { type ElfInfo, ElfScanner } from './elf.ts';

function scan(file: Uint8Array, pieces = file.length, size = file.length): ElfInfo | undefined {
  const scanner = new ElfScanner(size);
  for (let at = 0; at < file.length; at += pieces) scanner.write(file.subarray(at, at + pieces));
  return scanner.finish();
}

const LIBRARY: TestElf = {
  soname: 'libfoo.so.1',
  needed: ['libc.so.6', 'libm.so.6'],
  runpath: '$ORIGIN/../lib',
  kernel: [3, 2, 0],
  isaNeeded: 0b101,
  versions: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_2.2.5'], 'libm.so.6': ['GLIBC_2.29'] },
  definitions: ['FOO_1.0', 'FOO_1.1', 'FOO_2.0'],
};
const LIBRARY_INFO: ElfInfo = {
  class: 64,
  endianness: 'little',
  type: 'shared',
  machine: 62,
  flags: 0,
  osAbi: 0,
  dynamic: true,
  needed: ['libc.so.6', 'libm.so.6'],
  soname: 'libfoo.so.1',
  runpath: '$ORIGIN/../lib',
  minimumKernel: '3.2.0',
  isaLevel: 2,
  versionsNeeded: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_2.2.5'], 'libm.so.6': ['GLIBC_2.29'] },
  versionsDefined: ['FOO_1.0', 'FOO_1.1', 'FOO_2.0'],
};

describe('an ELF file', () => {
  it('says what it needs, in pieces of any size', () => {
    const file = makeElf(LIBRARY);
    for (const pieces of [1, 3, 64, 100, file.length]) expect(scan(file, pieces)).toEqual(LIBRARY_INFO);
  });

  it('is plain data', () => {
    const info = scan(makeElf(LIBRARY));
    expect(JSON.parse(JSON.stringify(info))).toEqual(info);
  });

  it.each<[string, TestElf, Partial<ElfInfo>]>([
    ['x86-64', {}, { machine: 62, class: 64 }],
    ['aarch64', { machine: 183 }, { machine: 183 }],
    ['armhf', { class: 32, machine: 40, flags: 0x5000400 }, { class: 32, machine: 40, flags: 0x5000400 }],
    ['s390x', { endianness: 'big', machine: 22 }, { endianness: 'big', machine: 22 }],
    ['ppc64el', { machine: 21, flags: 2 }, { machine: 21, flags: 2 }],
    ['riscv64', { machine: 243, flags: 5 }, { machine: 243, flags: 5 }],
    ['i386', { class: 32, machine: 3 }, { class: 32, machine: 3 }],
  ])('of %s', (_architecture, elf, info) => {
    const machine = elf.machine ?? 62;
    const isX86 = machine === 62 || machine === 3;
    const { isaLevel, ...common } = LIBRARY_INFO;
    expect(scan(makeElf({ ...LIBRARY, ...elf }))).toEqual({
      ...common,
      ...info,
      ...(isX86 ? { isaLevel } : {}),
    });
  });

  it.each<[string, TestElf, Partial<ElfInfo>]>([
    [
      'a program and its loader',
      { type: 2, interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] },
      { type: 'executable', interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] },
    ],
    ['a static program', { type: 2, isStatic: true }, { type: 'executable', dynamic: false, needed: [] }],
    ['an old RPATH', { rpath: '/opt/lib:$ORIGIN' }, { rpath: '/opt/lib:$ORIGIN' }],
    [
      'in need of a version that the loader does without',
      { versions: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_ABI_X?'] } },
      { versionsNeeded: { 'libc.so.6': ['GLIBC_2.34'] } },
    ],
    ['names that are not ASCII', { soname: 'libä.so.1' }, { soname: 'libä.so.1' }],
  ])('may be %s', (_what, elf, info) => {
    expect(scan(makeElf(elf))).toMatchObject(info);
  });

  it('may have its string table behind the dynamic section, and much code between', () => {
    for (const stringsLast of [false, true]) {
      const file = makeElf({ ...LIBRARY, stringsLast, code: 300_000 });
      for (const pieces of [1000, 65_536, file.length])
        expect(scan(file, pieces), `${stringsLast} ${pieces}`).toEqual(LIBRARY_INFO);
    }
  });

  it('of any size is held in part only', () => {
    const file = makeElf({ ...LIBRARY, code: 40 << 20 });
    const before = process.memoryUsage().arrayBuffers;
    const scanner = new ElfScanner(file.length);
    for (let at = 0; at < file.length; at += 1 << 20) scanner.write(file.subarray(at, at + (1 << 20)));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(18 << 20);
    expect(scanner.finish()).toBeDefined();
  });
});

describe('what the loader could not use', () => {
  const file = makeElf(LIBRARY);
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(file);
    change(copy);
    return copy;
  };
  const dynamicAt = Number(file.readBigUInt64LE(file.indexOf(Buffer.from('020000000500', 'hex'), 64) + 8));

  it.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['a script', Buffer.from(`#!/bin/sh\n${'x'.repeat(100)}`)],
    ['a magic number alone', Buffer.from('\x7fELF')],
    ['a class that is none', changed((bytes) => bytes.writeUInt8(3, 4))],
    ['a byte order that is none', changed((bytes) => bytes.writeUInt8(0, 5))],
    ['an object file', changed((bytes) => bytes.writeUInt16LE(1, 16))],
    ['a core dump', changed((bytes) => bytes.writeUInt16LE(4, 16))],
    ['program headers outside of the file', changed((bytes) => bytes.writeBigUInt64LE(1n << 40n, 32))],
    ['program headers of no known size', changed((bytes) => bytes.writeUInt16LE(57, 54))],
    ['65535 program headers', changed((bytes) => bytes.writeUInt16LE(0xffff, 56))],
    ['no program header', changed((bytes) => bytes.writeUInt16LE(0, 56))],
    [
      'a string table outside of the file',
      changed((bytes) => bytes.writeBigUInt64LE(1n << 50n, dynamicAt + 72)),
    ],
    [
      'a string table that is too long',
      changed((bytes) => bytes.writeBigUInt64LE(1n << 62n, dynamicAt + 88)),
    ],
    ['a name outside of the string table', changed((bytes) => bytes.writeBigUInt64LE(4096n, dynamicAt + 8))],
    ['a name at no offset at all', changed((bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, dynamicAt + 8))],
    ['a file that ends early', file.subarray(0, -1)],
    ['a file that ends in its headers', file.subarray(0, 100)],
  ])('is nothing: %s', (_what, bytes) => {
    expect(scan(bytes)).toBeUndefined();
  });

  it('is nothing where the file is shorter or longer than was said', () => {
    expect(scan(file)).toBeDefined();
    expect(scan(file, 64, file.length + 1)).toBeUndefined();
    expect(scan(file, 64, file.length - 1)).toBeUndefined();
  });

  it('is nothing where names overlap so much that they would fill the memory', () => {
    const needed = Array.from({ length: 3000 }, () => 'x'.repeat(200));
    expect(scan(makeElf({ needed: needed.slice(0, 1000) }))?.needed).toHaveLength(1000);
    expect(scan(makeElf({ needed }))).toBeUndefined();
  });

  it('is versions that run in a circle: they end, and the rest is read', () => {
    const at = file.indexOf(Buffer.from('0100020002', 'hex').subarray(0, 4), 64);
    expect(at).toBeGreaterThan(0);
    for (const [field, value] of [
      [12, 0xffffffff],
      [8, 0xfffffff0],
      [2, 0xffff],
    ] as const) {
      const bytes = changed((copy) => {
        if (field === 2) copy.writeUInt16LE(value, at + 2);
        else copy.writeUInt32LE(value, at + field);
      });
      expect(scan(bytes)).toMatchObject({ soname: 'libfoo.so.1', needed: ['libc.so.6', 'libm.so.6'] });
    }
  });

  it('is definitions of versions that run in a circle or out of the file: they end, and the rest is read', () => {
    const at = file.indexOf(Buffer.from('0100010001000100', 'hex'), 64);
    expect(at).toBeGreaterThan(0);
    const second = at + file.readUInt32LE(at + 16);
    const damaged = (place: number, value: number): ElfInfo | undefined =>
      scan(changed((copy) => copy.writeUInt32LE(value, place)));
    for (const value of [0xffffffff, 0x7fffffff, 4]) {
      expect(damaged(at + 16, value), `next ${value}`).toMatchObject({ soname: 'libfoo.so.1' });
      expect(damaged(at + 16, value)?.versionsDefined ?? []).not.toContain('FOO_1.0');
      expect(damaged(second + 12, value), `name ${value}`).toMatchObject({ soname: 'libfoo.so.1' });
    }
    expect(damaged(second + 16, 0)?.versionsDefined).toEqual(['FOO_1.0']);
    const step = second - at;
    const circle = damaged(second + 16, 2 ** 32 - step);
    expect(circle).toMatchObject({ needed: ['libc.so.6', 'libm.so.6'] });
    expect(JSON.stringify(circle).length).toBeLessThan(1 << 20);
  });

  it('never throws and never gives much, whatever the bytes are', () => {
    const kinds = [
      file,
      makeElf({ ...LIBRARY, class: 32, machine: 40, stringsLast: true }),
      makeElf({ ...LIBRARY, endianness: 'big', machine: 22, interpreter: '/lib/ld64.so.1' }),
    ];
    const number = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.array(fc.tuple(fc.nat(), number, fc.integer({ min: 1, max: 8 })), { maxLength: 12 }),
        fc.integer({ min: 1, max: 700 }),
        (original, changes, pieces) => {
          const bytes = Buffer.from(original);
          for (const [at, value, length] of changes) {
            const start = at % bytes.length;
            bytes.fill(value, start, Math.min(start + length, bytes.length));
          }
          const info = scan(bytes, pieces);
          expect(JSON.stringify(info ?? '').length).toBeLessThan(1 << 20);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('never throws on noise behind a good start', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 400 }), (noise) => {
        const bytes = Buffer.concat([file.subarray(0, 58), noise]);
        scan(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
