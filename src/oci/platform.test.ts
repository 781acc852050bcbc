import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPlatform, parseAnyPlatform, parsePlatform, platformTag } from './platform.ts';

describe('a platform', () => {
  it.each([
    // text, architecture, variant, written, in a tag
    ['linux/amd64', 'amd64', undefined, 'linux/amd64', 'amd64'],
    ['linux/amd64/v3', 'amd64', 'v3', 'linux/amd64/v3', 'amd64v3'],
    ['linux/arm64', 'arm64', 'v8', 'linux/arm64', 'arm64'],
    ['linux/arm64/v8', 'arm64', 'v8', 'linux/arm64', 'arm64'],
    ['linux/arm', 'arm', 'v7', 'linux/arm/v7', 'arm'],
    ['linux/arm/v7', 'arm', 'v7', 'linux/arm/v7', 'arm'],
    ['linux/arm/v6', 'arm', 'v6', 'linux/arm/v6', 'armv6'],
    ['linux/s390x', 's390x', undefined, 'linux/s390x', 's390x'],
    ['linux/ppc64le', 'ppc64le', undefined, 'linux/ppc64le', 'ppc64le'],
    ['linux/riscv64', 'riscv64', undefined, 'linux/riscv64', 'riscv64'],
    ['amd64', 'amd64', undefined, 'linux/amd64', 'amd64'],
    ['Linux/x86_64', 'amd64', undefined, 'linux/amd64', 'amd64'],
    ['linux/aarch64', 'arm64', 'v8', 'linux/arm64', 'arm64'],
    ['armhf', 'arm', 'v7', 'linux/arm/v7', 'arm'],
  ])('%s', (text, architecture, variant, written, tag) => {
    const platform = parsePlatform(text);
    expect(platform).toEqual({ os: 'linux', architecture, ...(variant ? { variant } : {}) });
    expect(formatPlatform(platform)).toBe(written);
    expect(platformTag(platform)).toBe(tag);
    expect(parseAnyPlatform(text)).toEqual(platform);
  });

  it.each([
    ['linux/amd46', 'Did you mean linux/amd64?'],
    ['linux/s309x', 'Did you mean linux/s390x?'],
    ['windows/amd64', 'A platform is written as'],
    ['linux/constructor', 'A platform is written as'],
    ['linux/arm/v7/x', 'A platform is written as'],
    ['linux/arm64/', 'A platform is written as'],
    ['', 'A platform is written as'],
  ])('%j is none', (text, hint) => {
    expect(() => parsePlatform(text)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PLATFORM', hint: expect.stringContaining(hint) as string }),
    );
  });

  it.each([
    ['windows/amd64', 'windows/amd64', 'windows-amd64'],
    ['Windows/ARM64', 'windows/arm64', 'windows-arm64'],
    ['linux/mips64', 'linux/mips64', 'mips64'],
    ['wasip1/wasm', 'wasip1/wasm', 'wasip1-wasm'],
    ['linux/constructor', 'linux/constructor', 'constructor'],
  ])('may be one for which only others make images: %s', (text, written, tag) => {
    const platform = parseAnyPlatform(text);
    expect([formatPlatform(platform), platformTag(platform)]).toEqual([written, tag]);
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'UNKNOWN_PLATFORM' }));
  });

  it.each(['', 'linux/', '/amd64', 'linux/arm64/', 'linux/arm/v7/x', 'a b/c', 'linux/*'])(
    '%j is none of these either',
    (text) => {
      expect(() => parseAnyPlatform(text)).toThrow(expect.objectContaining({ code: 'UNKNOWN_PLATFORM' }));
    },
  );

  it('has one text where images leave out the usual variant', () => {
    expect(formatPlatform({ os: 'linux', architecture: 'arm' })).toBe('linux/arm/v7');
    expect(formatPlatform({ os: 'linux', architecture: 'arm64' })).toBe('linux/arm64');
  });

  it('is the same after it was written and read', () => {
    const names = ['386', 'amd64', 'arm', 'arm64', 'ppc64le', 'riscv64', 's390x'];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.option(fc.stringMatching(/^v[1-9]$/), { nil: undefined }),
        (name, variant) => {
          const platform = parsePlatform(['linux', name, ...(variant ? [variant] : [])].join('/'));
          expect(parsePlatform(formatPlatform(platform))).toEqual(platform);
        },
      ),
    );
  });
});
