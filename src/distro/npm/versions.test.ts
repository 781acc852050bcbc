import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';
import { newestCommon, type Offer } from './versions.ts';

const offer = (name: string, ...versions: string[]): Offer => ({
  name,
  label: `${name} for a`,
  releases: versions.map((version) => ({ name, version, integrity: 'sha512-', path: '' })),
});
const X64 = offer('x64', '26.1.0', '24.2.0', '24.1.0', '22.9.0');
const ARM64 = offer('arm64', '26.0.0', '24.1.0', '22.9.0', '20.1.0');

describe('the newest version that all packages have', () => {
  it.each([
    ['24', '24.1.0'],
    ['24.x', '24.1.0'],
    ['>=22 <26', '24.1.0'],
    ['22.9.0', '22.9.0'],
    ['^22.1', '22.9.0'],
    ['*', '24.1.0'],
    ['22 || 24', '24.1.0'],
  ])('in %s is %s', async (range, version) => {
    expect(await newestCommon([X64, ARM64], range, 'Node.js')).toMatchObject({ version });
  });

  it('comes with the packages that have a newer one', async () => {
    expect((await newestCommon([X64, ARM64], '24', 'Node.js')).ahead).toEqual([
      { name: 'x64', version: '24.2.0' },
    ]);
    expect((await newestCommon([X64], '24', 'Node.js')).ahead).toEqual([]);
  });

  it.each([
    ['27', 'PACKAGE_UNKNOWN', 'there is no Node.js 27; the registry has 22, 24'],
    ['24.7.1', 'PACKAGE_UNKNOWN', 'there is no Node.js 24.7.1; the registry has 22, 24'],
    [
      '26',
      'PACKAGE_UNKNOWN',
      'no version of Node.js in 26 is there for all: x64 for a has 26.1.0; arm64 for a has 26.0.0',
    ],
    [
      '20',
      'PACKAGE_UNKNOWN',
      'no version of Node.js in 20 is there for all: x64 for a has none, its newest is 26.1.0; arm64 for a has 20.1.0',
    ],
    ['latest', 'DEFINITION_INVALID', '"latest" is not a range of versions of Node.js'],
    ['24; rm', 'DEFINITION_INVALID', '"24; rm" is not a range of versions of Node.js'],
  ])('in %s is none: %s %s', async (range, code, message) => {
    await expect(newestCommon([X64, ARM64], range, 'Node.js')).rejects.toMatchObject({ code, message });
  });

  it('where there is nothing at all is said so', async () => {
    await expect(newestCommon([offer('x64')], '24', 'Node.js')).rejects.toMatchObject({
      message: 'there is no Node.js 24; the registry has no version that could be used',
    });
  });

  it('where one package has nothing is said so', async () => {
    await expect(newestCommon([X64, offer('arm64')], '24', 'Node.js')).rejects.toMatchObject({
      message:
        'no version of Node.js in 24 is there for all: x64 for a has 24.2.0; arm64 for a has none at all',
    });
  });

  it('is in every package, in the range, and the newest such', async () => {
    const version = fc
      .tuple(fc.integer({ min: 20, max: 23 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 }))
      .map((parts) => parts.join('.'));
    const versions = fc.uniqueArray(version, { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        versions,
        versions,
        fc.constantFrom('21', '>=21 <23', '22.1', '*'),
        async (a, b, range) => {
          const fitting = a
            .filter((one) => b.includes(one) && semver.satisfies(one, range))
            .sort(semver.rcompare);
          const found = await newestCommon([offer('a', ...a), offer('b', ...b)], range, 'x').then(
            (answer) => answer.version,
            () => undefined,
          );
          expect(found).toBe(fitting[0]);
        },
      ),
    );
  });
});
