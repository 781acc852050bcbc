import { describe, expect, it } from 'vitest';
import { packagesOf, sourceOf } from '../testing/packages.ts';
import { failureOf } from '../testing/thrown.ts';
import { resolveListed } from './listed.ts';
import { parsePackageRequest } from './package-request.ts';

const options = { architecture: 'amd64', platform: 'linux/amd64', pinned: new Set<string>() };

function resolve(packages: string, requests: string, pinned: readonly string[] = []): string[] {
  const found = resolveListed(requests.split(', ').map(parsePackageRequest), sourceOf(packagesOf(packages)), {
    ...options,
    pinned: new Set(pinned),
  });
  return found.map(({ package: { name, version, suite } }) => `${name} ${version}/${suite}`);
}

describe('resolving a list', () => {
  it('takes the highest version that the suites have, in the order of the list', () => {
    expect(resolve('libc6 2.2/trixie-security\nlibc6 2.1\nabc 1', 'libc6, abc')).toEqual([
      'libc6 2.2/trixie-security',
      'abc 1/trixie',
    ]);
  });

  it('follows no dependency', () => {
    expect(resolve('app 1; Depends: libc6, nothing\nlibc6 2', 'app')).toEqual(['app 1/trixie']);
  });

  it('takes a package from the suite that the request names', () => {
    expect(resolve('libc6 2.2/sid\nlibc6 2.1', 'libc6/trixie')).toEqual(['libc6 2.1/trixie']);
  });

  it('takes the version that the request wants', () => {
    expect(resolve('libc6 2.2/sid\nlibc6 2.1', 'libc6<<2.2')).toEqual(['libc6 2.1/trixie']);
  });

  it('takes packages of a pinned suite only for requests that name it', () => {
    expect(resolve('libc6 2.2/sid\nlibc6 2.1', 'libc6, libc6/sid', ['sid'])).toEqual([
      'libc6 2.1/trixie',
      'libc6 2.2/sid',
    ]);
  });

  it.each([
    ['a misspelt name', 'libc66', 'there is no package libc66 for linux/amd64', 'Did you mean libc6?'],
    [
      'a suite without it',
      'libc6/sid',
      'there is no package libc6 in sid for linux/amd64; trixie has it',
      'Write libc6/trixie',
    ],
    ['a virtual package', 'awk', 'there is no package awk', 'Name one of them: gawk, mawk'],
    ['nothing like it', 'zzzzzzzz', 'there is no package zzzzzzzz', 'Check the name'],
    ['a version that is not there', 'libc6=2.0', 'trixie has libc6 2.1', 'Ask for other packages'],
  ])('%s is said with the platform and what to do', (_what, request, message, hint) => {
    const failure = failureOf(() =>
      resolve('libc6 2.1\nmawk 1; Provides: awk\ngawk 1; Provides: awk', request),
    );
    expect(failure.message).toContain(message);
    expect(failure.hint).toContain(hint);
  });
});
