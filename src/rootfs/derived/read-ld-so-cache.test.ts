import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWith, SEARCH_PATH } from '../../testing/tools.ts';
import { encodeCache } from './ld-so-cache.ts';
import { readLdSoCache } from './read-ld-so-cache.ts';

const library = (name: string, path: string, hwcaps?: string) => ({
  name,
  path,
  kind: 0x303,
  hwcaps,
  isaLevel: 0,
  mtime: 0,
});
const LIBRARIES = [
  library('libb.so.2', '/usr/lib/libb.so.2'),
  library('libb.so.1', '/usr/lib/libb.so.1'),
  library('liba.so.1', '/opt/liba.so.1', 'x86-64-v3'),
  library('liba.so.1', '/opt/lib/liba.so.1'),
];
const NAMES = [
  { kind: 0x303, name: 'libb.so.2', path: '/usr/lib/libb.so.2' },
  { kind: 0x303, name: 'libb.so.1', path: '/usr/lib/libb.so.1' },
  { kind: 0x303, name: 'liba.so.1', path: '/opt/lib/liba.so.1' },
];

describe('a cache of libraries', () => {
  it.each(['little', 'big'] as const)(
    'in %s endian order says what was written, but for better hardware',
    (endianness) => {
      const bytes = Buffer.from(encodeCache({ libraries: LIBRARIES, hwcaps: ['x86-64-v3'] }, endianness));
      expect(readLdSoCache(bytes)).toEqual(NAMES);
    },
  );

  it('may stand behind one in the format of glibc before 2.2', () => {
    const cache = Buffer.from(encodeCache({ libraries: LIBRARIES, hwcaps: ['x86-64-v3'] }, 'little'));
    const old = Buffer.concat([
      Buffer.from('ld.so-1.7.0\0', 'latin1'),
      Buffer.from([2, 0, 0, 0]),
      Buffer.alloc(24),
    ]);
    expect(readLdSoCache(Buffer.concat([old, cache]))).toEqual(NAMES);
  });

  it('that is damaged is none, or says less; nothing is thrown', () => {
    const bytes = Buffer.from(encodeCache({ libraries: LIBRARIES, hwcaps: [] }, 'little'));
    expect(readLdSoCache(Buffer.alloc(0))).toBeUndefined();
    expect(readLdSoCache(bytes.subarray(0, 60))).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        expect(readLdSoCache(damaged)?.length ?? 0).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describeWith("this machine's cache", { tools: ['ldconfig'] }, () => {
  it('is what ldconfig prints', () => {
    const env = { PATH: SEARCH_PATH };
    const text = execFileSync('ldconfig', ['-p'], { encoding: 'utf8', env });
    const printed = [...text.matchAll(/^\t(\S+) \(((?:(?!hwcap).)*)\) => (.*)$/gm)].map(
      ([, name, , path]) => `${name} ${path}`,
    );
    const read = readLdSoCache(readFileSync('/etc/ld.so.cache'))?.map(({ name, path }) => `${name} ${path}`);
    expect(read).toEqual(printed);
    expect(printed.length).toBeGreaterThan(10);
  });
});
