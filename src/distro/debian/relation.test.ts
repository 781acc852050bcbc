import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliesTo, parseDependencies, parseProvides, satisfies, type VersionOperator } from './relation.ts';

describe('parseDependencies', () => {
  it.each([
    ['', []],
    ['libc6', [[{ name: 'libc6' }]]],
    ['libc6 (>= 2.36)', [[{ name: 'libc6', bound: { operator: '>=', version: '2.36' } }]]],
    ['libc6(>=2.36)', [[{ name: 'libc6', bound: { operator: '>=', version: '2.36' } }]]],
    ['a (< 1)', [[{ name: 'a', bound: { operator: '<=', version: '1' } }]]],
    ['a (> 1)', [[{ name: 'a', bound: { operator: '>=', version: '1' } }]]],
    ['a, b', [[{ name: 'a' }], [{ name: 'b' }]]],
    ['a | b', [[{ name: 'a' }, { name: 'b' }]]],
    ['a,\n b |\n c,', [[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }]]],
    [
      'python3:any (>= 3.5~)',
      [[{ name: 'python3', qualifier: 'any', bound: { operator: '>=', version: '3.5~' } }]],
    ],
    ['gcc:amd64', [[{ name: 'gcc', qualifier: 'amd64' }]]],
    ['a [amd64 arm64]', [[{ name: 'a', architectures: { negated: false, names: ['amd64', 'arm64'] } }]]],
    ['a [!s390x]', [[{ name: 'a', architectures: { negated: true, names: ['s390x'] } }]]],
    ['a <!nocheck> <cross>', [[{ name: 'a', profiles: ['!nocheck', 'cross'] }]]],
    [
      'a:any (= 1:2-3) [any-amd64] <stage1>',
      [
        [
          {
            name: 'a',
            qualifier: 'any',
            bound: { operator: '=', version: '1:2-3' },
            architectures: { negated: false, names: ['any-amd64'] },
            profiles: ['stage1'],
          },
        ],
      ],
    ],
  ])('reads %j', (field, dependencies) => {
    expect(parseDependencies(field)).toEqual(dependencies);
  });

  it.each([
    'a b',
    'a (1)',
    'a (>= )',
    'a (>= 1',
    'a (~ 1)',
    'a (>= 1/2)',
    '| a',
    'a |',
    '(>= 1)',
    '../a',
    'a []',
    'a [amd64 !arm64]',
    'a:',
    '-a',
  ])('refuses %j', (field) => {
    expect(() => parseDependencies(field)).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_INVALID' }) as Error,
    );
  });

  it('throws only its own errors, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab1:,|()<>=[]! ~.\n')) }), (field) => {
        try {
          parseDependencies(field);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ARCHIVE_INVALID' });
        }
      }),
    );
  });
});

describe('parseProvides', () => {
  it('reads names, some with a version', () => {
    expect(parseProvides('awk, libz (= 1:1.2), mail:any')).toEqual([
      { name: 'awk' },
      { name: 'libz', version: '1:1.2' },
      { name: 'mail' },
    ]);
  });

  it.each(['a | b', 'a (>= 1)'])('refuses %j', (field) => {
    expect(() => parseProvides(field)).toThrow(expect.objectContaining({ code: 'ARCHIVE_INVALID' }) as Error);
  });
});

describe('satisfies', () => {
  const table: [string, VersionOperator, string, boolean][] = [
    ['1.0', '<<', '1.0', false],
    ['1.0~', '<<', '1.0', true],
    ['1.0', '<=', '1.0', true],
    ['1.1', '<=', '1.0', false],
    ['1.0-0', '=', '1.0', true],
    ['1.1', '=', '1.0', false],
    ['1.0', '>=', '1.0', true],
    ['1.0~', '>=', '1.0', false],
    ['1.0', '>>', '1.0', false],
    ['1.0+b1', '>>', '1.0', true],
  ];
  it.each(table)('%s %s %s: %s', (version, operator, bound, answer) => {
    expect(satisfies(version, { operator, version: bound })).toBe(answer);
  });
  it('is true where there is no bound', () => {
    expect(satisfies('0', undefined)).toBe(true);
  });
});

describe('appliesTo', () => {
  it.each([
    ['a', 'amd64', true],
    ['a [amd64]', 'amd64', true],
    ['a [amd64]', 'arm64', false],
    ['a [!amd64]', 'amd64', false],
    ['a [!amd64]', 'arm64', true],
    ['a [linux-any]', 'arm64', true],
    ['a [any-arm64]', 'arm64', true],
    ['a [kfreebsd-any]', 'arm64', false],
  ])('%s on %s: %s', (field, architecture, answer) => {
    expect(appliesTo(parseDependencies(field)[0]![0]!, architecture)).toBe(answer);
  });
});
