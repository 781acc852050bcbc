import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isVersion } from './version.ts';

const ORDERED = [
  // each line: lower, higher
  ['1.0', '1.1'],
  ['1.9', '1.10'],
  ['1.0~rc1', '1.0'],
  ['1.0~~', '1.0~'],
  ['1.0~', '1.0'],
  ['1.0', '1.0a'],
  ['1.0a', '1.0+'],
  ['1.0a', '1.0b'],
  ['1.0Z', '1.0a'],
  ['1.0', '1.0-1'],
  ['1.0-1', '1.0-1.1'],
  ['1.0-1', '1.0-1+b1'],
  ['1.0-1~bpo12+1', '1.0-1'],
  ['2.36-9+deb12u7', '2.36-9+deb12u10'],
  ['3.0.15-1~deb12u1', '3.0.15-1'],
  ['9.9', '1:0.1'],
  ['1:9', '2:1'],
  ['1.2.3', '1.2.3.4'],
  ['1.2-3-4', '1.2-4-1'],
  ['99999999999999999998', '99999999999999999999'],
  ['0.0', '0.0.0'],
  ['1.5+dfsg', '1.5.1'],
] as const;

const EQUAL = [
  ['1.0', '1.0'],
  ['1.0', '0:1.0'],
  ['1.0', '1.0-0'],
  ['1.0', '1.00'],
  ['1.0', '1.0-'],
  ['1.01-02', '1.1-2'],
  ['', '0'],
] as const;

const part = fc.string({ unit: fc.constantFrom(...Array.from('012901abzAZ+.~')), maxLength: 6 });
const version = fc
  .tuple(fc.constantFrom('', '0:', '1:', '10:'), part, fc.constantFrom('', '-'), part)
  .map(
    ([epoch, upstream, hyphen, revision]) => `${epoch}1${upstream}${hyphen}${hyphen === '' ? '' : revision}`,
  );

describe('compareVersions', () => {
  it.each(ORDERED)('puts %s before %s', (lower, higher) => {
    expect(compareVersions(lower, higher)).toBeLessThan(0);
    expect(compareVersions(higher, lower)).toBeGreaterThan(0);
  });

  it.each(EQUAL)('takes %j and %j for equal', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const sign = (x: string, y: string): number => Math.sign(compareVersions(x, y));
        expect(sign(a, a)).toBe(0);
        expect(sign(a, b)).toBe(-sign(b, a) + 0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives an answer for any two strings', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(Number.isFinite(compareVersions(a, b))).toBe(true);
      }),
    );
  });

  it.skipIf(spawnSync('dpkg', ['--version']).error !== undefined)('agrees with dpkg', () => {
    // dpkg takes no version whose revision is empty.
    const complete = version.filter((text) => !text.endsWith('-'));
    const pairs = fc.sample(fc.tuple(complete, complete), { numRuns: 400, seed: 822 });
    const script =
      'while read -r a b; do for op in lt eq gt; do dpkg --compare-versions "$a" $op "$b" && echo $op; done; done';
    const { stdout } = spawnSync('sh', ['-c', script], {
      input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''),
      encoding: 'utf8',
    });
    const mine = pairs.map(([a, b]) => ['lt', 'eq', 'gt'][Math.sign(compareVersions(a, b)) + 1]);
    expect(stdout.trim().split('\n')).toEqual(mine);
  });
});

describe('isVersion', () => {
  it.each(['1.0', '1:2.3-4', '0~git20200101+dfsg-1~deb12u1'])('accepts %s', (text) => {
    expect(isVersion(text)).toBe(true);
  });
  it.each(['', '1 0', '1.0\n', '1/2', '../1', '1:', 'ü'])('refuses %j', (text) => {
    expect(isVersion(text)).toBe(false);
  });
});
