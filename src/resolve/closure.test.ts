import { describe, expect, it } from 'vitest';
import { packagesOf } from '../testing/packages.ts';
import { chosen, failure, resolve } from '../testing/resolution.ts';
import { explainPackage } from './resolution.ts';

describe('dependencies are met', () => {
  // The archive, a package a line; what is asked for; what is taken, dependencies first.
  it.each<[string, string, string, string]>([
    ['by Depends and Pre-Depends', 'a 1; Depends: b; Pre-Depends: c\nb 1\nc 1', 'a', 'b 1, c 1, a 1'],
    ['over several steps', 'a 1; Depends: b\nb 1; Depends: c\nc 1', 'a', 'c 1, b 1, a 1'],
    ['not by Recommends', 'a 1; Recommends: b\nb 1', 'a', 'a 1'],
    [
      'in the highest version',
      'a 1; Depends: b\nb 1\nb 2/trixie-security\nb 1.5',
      'a',
      'b 2/trixie-security, a 1',
    ],
    ['in a version that will do', 'a 1; Depends: b (<< 2)\nb 1\nb 2', 'a', 'b 1, a 1'],
    ['in exactly the version', 'a 1; Depends: b (= 1)\nb 1\nb 2', 'a', 'b 1, a 1'],
    ['by the first alternative', 'a 1; Depends: c | b\nb 1\nc 1', 'a', 'c 1, a 1'],
    ['by the first alternative that exists', 'a 1; Depends: x | b\nb 1', 'a', 'b 1, a 1'],
    [
      'by the first alternative of a version that exists',
      'a 1; Depends: c (>= 2) | b\nb 1\nc 1',
      'a',
      'b 1, a 1',
    ],
    ['by an alternative that is in anyway', 'a 1; Depends: b | c\nb 1\nc 1', 'a, c', 'c 1, a 1'],
    [
      'by an alternative that another package needs',
      'a 1; Depends: b | c\nb 1\nc 1\nz 1; Depends: y\ny 1; Depends: c',
      'a, z',
      'c 1, a 1, y 1, z 1',
    ],
    [
      'by no alternative that turned out not to be needed',
      'a 1; Depends: b | c\nb 1\nc 1\nz 1; Depends: y | w\ny 1; Depends: c\nw 1',
      'a, z',
      'c 1, a 1, y 1, z 1',
    ],
    [
      'in the highest version before alternatives are chosen',
      'a 1; Depends: b | c, d\nb 1; Conflicts: c\nc 1\nd 1\nd 2; Depends: c',
      'a',
      'c 1, d 2, a 1',
    ],
    ['by what provides them', 'a 1; Depends: v\nb 1; Provides: v', 'a', 'b 1, a 1'],
    [
      'by a package of the name before what provides it',
      'a 1; Depends: v\nb 1; Provides: v\nv 1',
      'a',
      'v 1, a 1',
    ],
    [
      'by a provider that is in anyway',
      'a 1; Depends: v\nb 1; Provides: v\nc 1; Provides: v',
      'a, c',
      'c 1, a 1',
    ],
    [
      'by the provider of the highest priority',
      'a 1; Depends: v\nb 1; Provides: v\nc 1; Provides: v; Priority: important',
      'a',
      'c 1, a 1',
    ],
    [
      'by the provider that is first by name',
      'a 1; Depends: v\nc 1; Provides: v\nb 1; Provides: v',
      'a',
      'b 1, a 1',
    ],
    ['by a versioned provision', 'a 1; Depends: v (>= 2)\nb 1; Provides: v (= 2)', 'a', 'b 1, a 1'],
    [
      'by a versioned provision where the package is too old',
      'a 1; Depends: v (>= 2)\nb 1; Provides: v (= 2)\nv 1',
      'a',
      'b 1, a 1',
    ],
    ['by the package itself', 'a 1; Depends: a, v; Provides: v\nb 1; Provides: v', 'a', 'a 1'],
    ['in a circle', 'a 1; Depends: b\nb 1; Depends: c\nc 1; Depends: a', 'a', 'c 1, b 1, a 1'],
    ['for the architecture only', 'a 1; Depends: b [arm64], c [!arm64]\nc 1', 'a', 'c 1, a 1'],
    ['by :any where it is allowed', 'a 1; Depends: b:any\nb 1; Multi-Arch: allowed', 'a', 'b 1, a 1'],
    ['by the named architecture', 'a 1; Depends: b:amd64, c:native\nb 1\nc 1', 'a', 'b 1, c 1, a 1'],
    [
      'by another alternative than one of another architecture',
      'a 1; Depends: b:i386 | c\nb 1\nc 1',
      'a',
      'c 1, a 1',
    ],
    ['by an alternative where :any is not allowed', 'a 1; Depends: b:any | c\nb 1\nc 1', 'a', 'c 1, a 1'],
  ])('%s', (_what, archive, requests, expected) => {
    expect(chosen(resolve(archive, requests))).toBe(expected);
  });
});

describe('what cannot be together', () => {
  it.each<[string, string, string, string]>([
    ['goes back to an older version', 'a 1\na 2; Conflicts: b\nb 1', 'a, b', 'a 1, b 1'],
    [
      'goes back to another alternative',
      'a 1; Depends: b | c\nb 1; Conflicts: z\nc 1\nz 1',
      'a, z',
      'c 1, a 1, z 1',
    ],
    [
      'counts in both directions',
      'a 1; Depends: b | c\nb 1\nc 1\nz 1; Conflicts: b',
      'a, z',
      'c 1, a 1, z 1',
    ],
    ['counts for Breaks', 'a 1; Depends: b\nb 1\nb 2; Breaks: z (<< 2)\nz 1', 'a, z', 'b 1, a 1, z 1'],
    ['does not count for other versions', 'a 1; Conflicts: b (<< 2)\nb 2', 'a, b', 'a 1, b 2'],
    [
      'counts for what is provided',
      'a 1; Depends: b | c\nb 1; Provides: v\nc 1\nz 1; Conflicts: v',
      'a, z',
      'c 1, a 1, z 1',
    ],
    [
      'counts for provisions of the version',
      'a 1; Depends: b | c\nb 1; Provides: v (= 1)\nc 1\nz 1; Breaks: v (<< 2)',
      'a, z',
      'c 1, a 1, z 1',
    ],
    [
      'does not count for provisions without a version',
      'b 1; Provides: v\nz 1; Breaks: v (<< 2)',
      'b, z',
      'b 1, z 1',
    ],
    ['is not the package itself', 'a 1; Conflicts: v, a; Provides: v', 'a', 'a 1'],
    ['counts for the architecture', 'a 1; Conflicts: b:i386\nb 1', 'a, b', 'a 1, b 1'],
    [
      'is looked for far below',
      'a 1; Depends: b\nb 2; Depends: c\nb 1\nc 1; Depends: d\nd 1; Conflicts: z\nz 1',
      'a, z',
      'b 1, a 1, z 1',
    ],
    [
      'is found where two choices have to be taken back',
      'a 1; Depends: p | q, r | s\np 1; Depends: x (= 1)\nq 1\nr 1; Depends: x (= 2)\ns 1; Depends: p\nx 1\nx 2',
      'a',
      // p needs x 1 and r needs x 2: s goes with p.
      'x 1, p 1, s 1, a 1',
    ],
    [
      'is found where the highest versions do not fit each other',
      'ui 1; Depends: core (= 1)\nui 2; Depends: core (= 2)\ncore 1\ncore 2; Depends: lib (>= 2)\nlib 1\nold 1; Depends: lib (<< 2)\nlib 2',
      'ui, old',
      'core 1, lib 1, old 1, ui 1',
    ],
  ])('%s', (_what, archive, requests, expected) => {
    expect(chosen(resolve(archive, requests))).toBe(expected);
  });

  it('leaves nothing behind of what was tried', () => {
    const archive = 'a 2; Depends: b, x\na 1; Depends: c\nb 1; Depends: y\nc 1\nx 1; Conflicts: z\ny 1\nz 1';
    const resolution = resolve(archive, 'a, z');
    expect(chosen(resolution)).toBe('c 1, a 1, z 1');
    expect(resolution.statistics.conflicts).toBeGreaterThan(0);
  });
});

describe('pinned suites', () => {
  const pinned = { pinned: ['backports'] };

  it.each<[string, string, string, string]>([
    ['give nothing by themselves', 'a 1\na 2/backports', 'a', 'a 1'],
    ['give what is asked of them', 'a 1\na 2/backports', 'a/backports', 'a 2/backports'],
    [
      'give what is asked of them in a version',
      'a 2/backports\na 3/backports',
      'a/backports<<3',
      'a 2/backports',
    ],
    [
      'give what their packages need if nothing else will do',
      'a 2/backports; Depends: b (>= 2), c\nb 1\nb 2/backports\nc 1\nc 2/backports',
      'a/backports',
      'b 2/backports, c 1, a 2/backports',
    ],
    [
      'give what is needed over several steps',
      'a 2/backports; Depends: b (>= 2)\nb 1\nb 2/backports; Depends: c (>= 2)\nc 1\nc 2/backports',
      'a/backports',
      'c 2/backports, b 2/backports, a 2/backports',
    ],
    [
      'meet the dependencies of others with what is asked of them',
      'a 1; Depends: b\nb 1\nb 2/backports',
      'a, b/backports',
      'b 2/backports, a 1',
    ],
    [
      'answer a request without a suite along with one that names it',
      'a 1\na 2/backports',
      'a, a/backports',
      'a 2/backports',
    ],
    [
      'provide nothing by themselves',
      'a 1; Depends: v\nb 2/backports; Provides: v\nc 1; Provides: v',
      'a',
      'c 1, a 1',
    ],
  ])('%s', (_what, archive, requests, expected) => {
    expect(chosen(resolve(archive, requests, pinned))).toBe(expected);
  });

  it('do not stand in for what other suites have', () => {
    const archive = 'a 2/backports; Depends: b\nb 1; Depends: c\nb 2/backports';
    expect(failure(archive, 'a/backports', pinned).message).toContain(
      ': a needs b; b needs c, but no suite has c',
    );
  });

  it('are named where they have what is missing', () => {
    const error = failure('a 1; Depends: b (>= 2)\nb 1\nb 2/backports', 'a', pinned);
    expect(error.message).toContain('a needs b (>= 2), but only backports has b 2, and that suite is pinned');
    expect(error.hint).toBe('Write b/backports among the packages to take it from there.');
    expect(failure('b 1\nb 2/backports', 'b>=2', pinned).hint).toContain('Write b/backports');
  });
});

describe('what the image holds already', () => {
  it.each<[string, string, string, string, string]>([
    ['meets dependencies and is not added', 'b 1', 'a 1; Depends: b\nb 1', 'a', 'a 1'],
    ['keeps its version', 'b 1', 'a 1; Depends: b\nb 1\nb 2', 'a', 'a 1'],
    ['meets dependencies though no suite has it any more', 'b 1', 'a 1; Depends: b (= 1)\nb 2', 'a', 'a 1'],
    ['provides', 'b 1; Provides: v', 'a 1; Depends: v\nc 1; Provides: v', 'a', 'a 1'],
    ['answers requests', 'a 1', 'a 1\na 2', 'a, a/trixie', ''],
    ['need not have its own dependencies', 'b 1; Depends: c', 'a 1; Depends: b\nc 1', 'a', 'a 1'],
    ['makes a package older', 'b 1', 'a 2; Depends: b (>= 2)\na 1; Depends: b\nb 2', 'a', 'a 1'],
    ['conflicts', 'b 1; Breaks: a (<< 2)', 'a 1\na 2', 'a', 'a 2'],
    ['is conflicted with', 'b 1', 'a 2; Conflicts: b\na 1', 'a', 'a 1'],
    ['may be at odds with itself', 'b 1; Conflicts: c\nc 1', 'a 1; Depends: b, c', 'a', 'a 1'],
  ])('%s', (_what, installed, archive, requests, expected) => {
    expect(chosen(resolve(archive, requests, { installed: packagesOf(installed) }))).toBe(expected);
  });

  it.each<[string, string, string, string]>([
    ['b 1', 'a 1; Depends: b (>= 2)\nb 2', 'a', 'a needs b (>= 2), but the image holds b 1'],
    ['b 1', 'b 2', 'b>=2', 'the definition asks for b (>= 2), but the image holds b 1'],
    ['b 1', 'a 1; Conflicts: b', 'a', 'a conflicts with b, which the image holds'],
    [
      'b 1; Provides: v',
      'a 1; Conflicts: v',
      'a',
      'a conflicts with v, which b provides, and the image holds b',
    ],
  ])('is named where %s stands against %j', (installed, archive, requests, reasons) => {
    const error = failure(archive, requests, { installed: packagesOf(installed) });
    expect(error.message).toBe(`dependencies cannot be met on linux/amd64: ${reasons}`);
  });
});

describe('why a package is in', () => {
  const archive =
    'app 1; Pre-Depends: x | y; Depends: lib (>= 1)\nlib 2; Depends: v\nx 1\np 1; Provides: v\nq 1; Depends: p';
  const resolution = resolve(archive, 'app>=1, q');

  it.each([
    ['app', 'app is asked for by the definition (app (>= 1))'],
    ['q', 'q is asked for by the definition'],
    ['x', 'x is needed by app (Pre-Depends: x | y), which is asked for by the definition (app (>= 1))'],
    ['p', 'p is needed by q (Depends: p), which is asked for by the definition'],
    ['lib', 'lib is needed by app (Depends: lib (>= 1)), which is asked for by the definition (app (>= 1))'],
  ])('%s', (name, words) => {
    expect(explainPackage(resolution, name)).toBe(words);
  });

  it('is only known of packages that are in', () => {
    expect(() => explainPackage(resolution, 'y')).toThrow('y is not among the resolved packages');
  });
});
