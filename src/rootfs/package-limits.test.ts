import { describe, expect, it } from 'vitest';
import type { TarEntry } from '../archive/index.ts';
import { PackageLimits } from './package-limits.ts';

const entry = (more: Partial<TarEntry> = {}): TarEntry => ({
  path: 'a',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  linkName: '',
  deviceMajor: 0,
  deviceMinor: 0,
  ...more,
});

const large = 'x'.repeat(1 << 20);

describe('a package', () => {
  it('may have as many files as the largest of Debian', () => {
    const limits = new PackageLimits('x 1');
    for (let at = 0; at < 400_000; at++)
      limits.addEntry(entry({ path: 'usr/share/icons/theme/symbolic/status/some-icon.svg', size: 16_000 }));
  });

  it.each<[string, number, TarEntry, RegExp]>([
    ['more than 16 GiB', 17, entry({ size: 2 ** 30 }), /bytes/],
    ['more than a million files', 1_000_001, entry(), /files/],
    ['names that fill the memory', 129, entry({ path: large }), /names/],
    ['link targets that fill the memory', 129, entry({ linkName: large }), /names/],
    ['attributes that fill the memory', 129, entry({ xattrs: { a: Buffer.from(large) } }), /names/],
  ])('may not have %s', (_what, count, repeated, message) => {
    const limits = new PackageLimits('x 1');
    expect(() => {
      for (let at = 0; at < count; at++) limits.addEntry(repeated);
    }).toThrow(
      expect.objectContaining({
        code: 'ARCHIVE_TOO_LARGE',
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it('may not have certificates that fill the memory', () => {
    const limits = new PackageLimits('x 1');
    expect(() => {
      for (let at = 0; at < 5; at++) limits.addCaptured(entry({ size: 16 << 20 }));
    }).toThrow(/certificates/);
  });
});
