import { describe, expect, it } from 'vitest';
import { packagesOf, sourceOf } from '../testing/packages.ts';
import { chosen, failure, resolve } from '../testing/resolution.ts';
import { resolveClosure } from './closure.ts';
import { parsePackageRequest } from './package-request.ts';
import type { Resolution } from './resolution.ts';

describe('a failure is said with its reasons', () => {
  it.each<[string, string, string, string]>([
    ['a version that is not there', 'a 1', 'a>=2', 'the definition asks for a (>= 2), but trixie has a 1'],
    ['a package that is not there', 'a 1; Depends: b', 'a', 'a needs b, but no suite has b'],
    [
      'a version that is needed',
      'app 1; Depends: libfoo (>= 2)\nlibfoo 1.4',
      'app',
      'app needs libfoo (>= 2), but trixie has libfoo 1.4',
    ],
    [
      'alternatives',
      'a 1; Depends: b (>= 2) | c\nb 1',
      'a',
      'a needs b (>= 2) | c, but trixie has b 1, and no suite has c',
    ],
    [
      'something far below',
      'a 1; Depends: b\nb 1; Depends: c (>= 2)\nc 1\nc 1.5/trixie-security\nz 1; Depends: a',
      'z',
      'z needs a; a needs b; b needs c (>= 2), but trixie-security has c 1.5, trixie has c 1',
    ],
    ['a conflict', 'a 1; Conflicts: b\nb 1', 'a, b', 'a conflicts with b, which the definition asks for'],
    [
      'a conflict with what is needed',
      'a 1; Breaks: b (<< 2)\nb 1\nc 1; Depends: b',
      'a, c',
      'a breaks b (<< 2), which is needed by c',
    ],
    [
      'a conflict with what is provided',
      'a 1; Conflicts: v\nb 1; Provides: v\nc 1; Depends: b',
      'a, c',
      'a conflicts with v, which b provides, and c needs b',
    ],
    [
      'two versions of one package',
      'a 1; Depends: x (<< 2)\nb 1; Depends: x (>= 2)\nx 1\nx 2',
      'a, b',
      'a needs x (<< 2); b needs x (>= 2), but there can be only one version of x',
    ],
    [
      'the same for all versions',
      'a 1; Depends: b\na 2; Depends: b\na 3; Depends: c',
      'a',
      'a 3 needs c, but no suite has c; a 2 needs b, but no suite has b; a 1 needs b, but no suite has b',
    ],
    [
      'the only provider of something',
      'b 1; Provides: v; Depends: c',
      'v',
      'the definition asks for v, which b provides; b needs c, but no suite has c',
    ],
    [
      'a provision without a version',
      'a 1; Depends: v (>= 1)\nb 1; Provides: v',
      'a',
      'a needs v (>= 1), but what b 1 provides is not v (>= 1)',
    ],
    [
      'a package of another architecture',
      'a 1; Depends: b:i386\nb 1',
      'a',
      'a needs b:i386, but trixie has b 1',
    ],
  ])('%s', (_what, archive, requests, reasons) => {
    const error = failure(archive, requests);
    expect([error.code, error.exitCode]).toEqual(['DEPENDENCY_UNSATISFIABLE', 3]);
    expect(error.message).toBe(`dependencies cannot be met on linux/amd64: ${reasons}`);
    expect(error.hint).toMatch(/^Ask for other packages or versions/);
  });

  it('and a long chain by its beginning and its end', () => {
    const chain = Array.from({ length: 20 }, (_, at) => `p${at} 1; Depends: p${at + 1}`).join('\n');
    const steps = failure(chain, 'p0')
      .message.replace(/^.*?: /, '')
      .split('; ');
    expect(steps).toHaveLength(13);
    expect([steps[0], steps[4], steps[12]]).toEqual([
      'p0 needs p1',
      '… (8 more steps)',
      'p19 needs p20, but no suite has p20',
    ]);
  });

  it('and what has nothing to do with it is not mentioned', () => {
    const archive =
      'a 1; Depends: b, c\nb 1; Depends: d\nc 1; Depends: x | y\nd 1\nx 1\ny 1; Conflicts: z\nz 1; Conflicts: x';
    expect(failure(archive, 'a, z').message).toBe(
      'dependencies cannot be met on linux/amd64: a needs c; c needs x | y; y conflicts with z, which the definition asks for; z conflicts with x',
    );
  });
});

describe('hostile relations', () => {
  it.each([
    ['a 1; Depends: b |', 'Depends'],
    ['a 1; Pre-Depends: (>= 1)', 'Pre-Depends'],
    ['a 1; Conflicts: ../../etc', 'Conflicts'],
    ['a 1; Breaks: b (~ 1)', 'Breaks'],
    ['a 1; Provides: b (>= 1)', 'Provides'],
    ['a 1; Depends: v\nb 1; Provides: v, $(id)', 'Provides'],
  ])('%j are an error with the package and the field', (archive, field) => {
    const error = failure(archive, 'a');
    expect(error.code).toBe('ARCHIVE_INVALID');
    expect(error.message).toMatch(new RegExp(`^[ab] 1 of trixie has a wrong ${field}: `));
  });

  it('of packages that are not looked at do no harm', () => {
    expect(chosen(resolve('a 1; Depends: b | c\nb 1\nc 1; Depends: |||\na 0; Depends: |||', 'a'))).toBe(
      'b 1, a 1',
    );
  });

  it('with names that JavaScript knows are names', () => {
    expect(chosen(resolve('a 1; Depends: constructor, tostring\nconstructor 1\ntostring 1', 'a'))).toBe(
      'constructor 1, tostring 1, a 1',
    );
  });

  it('may be as long as they like', () => {
    const chain = Array.from({ length: 20_000 }, (_, at) => `p${at} 1; Depends: p${(at + 1) % 20_000}`);
    expect(resolveMany(chain, 'p0').packages).toHaveLength(20_000);
    const wide = `a 1; Depends: ${Array.from({ length: 20_000 }, (_, at) => `x${at}`).join(' | ')} | b`;
    expect(chosen(resolve(`${wide}\nb 1`, 'a'))).toBe('b 1, a 1');
  });

  it('that would take for ever end after a number of dead ends', () => {
    const holes = Array.from({ length: 7 }, (_, at) => at);
    const pigeons = [...holes, 7];
    const archive = [
      `a 1; Depends: ${pigeons.map((one) => `p${one}`).join(', ')}`,
      ...pigeons.map((one) => `p${one} 1; Depends: ${holes.map((hole) => `p${one}h${hole}`).join(' | ')}`),
      ...pigeons.flatMap((one) =>
        holes.map((hole) => `p${one}h${hole} 1; Provides: h${hole}; Conflicts: h${hole}`),
      ),
    ].join('\n');
    const error = failure(archive, 'a', { maxConflicts: 50 });
    expect(error.code).toBe('DEPENDENCY_UNSATISFIABLE');
    expect(error.message).toContain('for a on linux/amd64: after 50 dead ends it was given up');
  });
});

/** For archives too large to be searched from the front for every name. */
function resolveMany(lines: readonly string[], request: string): Resolution {
  const byName = new Map(packagesOf(lines.join('\n')).map((found) => [found.name, found]));
  const source = {
    ...sourceOf([]),
    candidates: (name: string) => [byName.get(name)].filter((one) => one !== undefined),
  };
  return resolveClosure([parsePackageRequest(request)], source, {
    architecture: 'amd64',
    platform: 'linux/amd64',
    pinned: new Set(),
  });
}
