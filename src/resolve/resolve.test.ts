import { describe, expect, it } from 'vitest';
import { PithError } from '../core/index.ts';
import type { Package, PackageSource } from '../distro/contract.ts';
import { resolveListed } from './listed.ts';
import {
  diffLockfiles,
  EMPTY_LOCKFILE,
  formatLockfile,
  lockPackage,
  mergeLockfiles,
  packageKey,
  parseLockfile,
} from './lockfile.ts';
import type { Lockfile } from './lockfile-types.ts';

function makePackage(name: string, version: string, suite = 'trixie'): Package {
  return {
    name,
    version,
    architecture: 'amd64',
    source: { name, version },
    archive: 'debian',
    suite,
    component: 'main',
    path: `pool/main/${name}_${version}_amd64.deb`,
    size: 10,
    digest: `sha256:${'a'.repeat(64)}`,
    installedSize: 100,
    section: 'libs',
    priority: 'optional',
    essential: false,
    multiArch: 'no',
    depends: '',
    preDepends: '',
    provides: '',
    conflicts: '',
    breaks: '',
    recommends: '',
  };
}

/** A source that has these packages, highest version first. */
function sourceOf(...packages: Package[]): PackageSource {
  return {
    id: 'test',
    order: () => 0,
    candidates: (name) => packages.filter((candidate) => candidate.name === name),
    providers: (name) => packages.filter((candidate) => candidate.provides.split(', ').includes(name)),
    names: () => packages.map(({ name }) => name),
    fetch: () => Promise.reject(new Error('not fetched here')),
  };
}

const options = { architecture: 'amd64', platform: 'linux/amd64', pinned: new Set<string>() };

describe('resolving a list', () => {
  it('takes the highest version that the suites have', () => {
    const source = sourceOf(makePackage('libc6', '2.2', 'trixie-security'), makePackage('libc6', '2.1'));
    expect(resolveListed([{ name: 'libc6' }], source, options).get('libc6')?.version).toBe('2.2');
  });

  it('takes a package from the suite that the request names', () => {
    const source = sourceOf(makePackage('libc6', '2.2', 'sid'), makePackage('libc6', '2.1'));
    expect(
      resolveListed([{ name: 'libc6', suite: 'trixie' }], source, options).get('libc6/trixie')?.version,
    ).toBe('2.1');
  });

  it('takes packages of a pinned suite only for requests that name it', () => {
    const source = sourceOf(makePackage('libc6', '2.2', 'sid'), makePackage('libc6', '2.1'));
    const pinned = { ...options, pinned: new Set(['sid']) };
    const found = resolveListed([{ name: 'libc6' }, { name: 'libc6', suite: 'sid' }], source, pinned);
    expect([...found].map(([request, { version }]) => [request, version])).toEqual([
      ['libc6', '2.1'],
      ['libc6/sid', '2.2'],
    ]);
  });

  it.each<[string, { name: string; suite?: string }, string, string]>([
    [
      'a misspelt name',
      { name: 'libc66' },
      'there is no package libc66 for linux/amd64',
      'Did you mean libc6?',
    ],
    [
      'a suite without it',
      { name: 'libc6', suite: 'sid' },
      'there is no package libc6 in sid for linux/amd64; trixie has it',
      'Write libc6/trixie',
    ],
    [
      'a virtual package',
      { name: 'awk' },
      'there is no package awk',
      'Name one that provides it: mawk'.toLowerCase(),
    ],
    ['nothing like it', { name: 'zzzzzzzz' }, 'there is no package zzzzzzzz', 'Check the name'],
  ])('%s is said with the platform and what to do', (_what, request, message, hint) => {
    const source = sourceOf(makePackage('libc6', '2.1'), { ...makePackage('mawk', '1'), provides: 'awk' });
    try {
      resolveListed([request], source, options);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PithError);
      expect((error as PithError).code).toBe('PACKAGE_UNKNOWN');
      expect((error as PithError).message).toContain(message);
      expect((error as PithError).hint?.toLowerCase()).toContain(hint.toLowerCase());
    }
  });
});

function lockfileOf(image: string, ...packages: Package[]): Lockfile {
  return {
    lockfileVersion: 1,
    images: {
      [image]: {
        inputs: `sha256:${'b'.repeat(64)}`,
        suites: {
          trixie: { archive: 'debian', date: '2026-09-12T07:55:41Z', release: `sha256:${'c'.repeat(64)}` },
        },
        platforms: { 'linux/amd64': Object.fromEntries(packages.map((one) => [one.name, packageKey(one)])) },
      },
    },
    packages: Object.fromEntries(packages.map((one) => [packageKey(one), lockPackage(one)])),
  };
}

describe('a lockfile', () => {
  const lockfile = lockfileOf('a', makePackage('libc6', '2.1'), makePackage('tzdata', '1:2026c-0+deb13u1~x'));
  const text = formatLockfile(lockfile);

  it('comes back as it was, in the same bytes, with a line a package and no mirror', async () => {
    expect(await parseLockfile(text, 'pith.lock')).toEqual(lockfile);
    expect(formatLockfile(await parseLockfile(text, 'pith.lock'))).toBe(text);
    expect(text.split('\n').filter((line) => line.includes('"path"'))).toHaveLength(2);
    expect(text).not.toContain('://');
    expect(formatLockfile(EMPTY_LOCKFILE)).toBe(
      formatLockfile(await parseLockfile(formatLockfile(EMPTY_LOCKFILE), 'x')),
    );
  });

  it.each<[string, string, string]>([
    ['is not JSON', text.slice(0, -10), 'LOCKFILE_INVALID'],
    ['is another JSON', '{"name":"x"}', 'LOCKFILE_INVALID'],
    ['has a newer format', text.replace('"lockfileVersion": 1', '"lockfileVersion": 2'), 'LOCKFILE_NEWER'],
    ['was edited', text.replace('2.1_amd64.deb', '2.0_amd64.deb'), 'LOCKFILE_EDITED'],
    ['had a digest changed', text.replace('a'.repeat(64), 'f'.repeat(64)), 'LOCKFILE_EDITED'],
    ['has conflict markers', text.replace('  "packages"', '<<<<<<< HEAD\n  "packages"'), 'LOCKFILE_INVALID'],
    [
      'has an unknown key',
      text.replace('"lockfileVersion"', '"mirror": "x", "lockfileVersion"'),
      'LOCKFILE_INVALID',
    ],
    [
      'has a path out of the archive',
      formatLockfile(lockfileOf('a', { ...makePackage('x', '1'), path: 'pool/../../etc/x.deb' })),
      'LOCKFILE_INVALID',
    ],
    [
      'has an absolute path',
      formatLockfile(lockfileOf('a', { ...makePackage('x', '1'), path: '/etc/x.deb' })),
      'LOCKFILE_INVALID',
    ],
  ])('that %s is refused', async (_what, damaged, code) => {
    await expect(parseLockfile(damaged, 'pith.lock')).rejects.toThrow(
      expect.objectContaining({ code, path: 'pith.lock' }) as Error,
    );
  });

  it('takes up the images of another and forgets packages that no image needs', () => {
    const newer = lockfileOf('a', makePackage('libc6', '2.2'));
    const other = lockfileOf('b', makePackage('tzdata', '1:2026c-0+deb13u1~x'));
    const merged = mergeLockfiles(mergeLockfiles(lockfile, other), newer);
    expect(Object.keys(merged.images)).toEqual(['a', 'b']);
    expect(Object.keys(merged.packages).sort()).toEqual([
      'libc6_2.2_amd64',
      'tzdata_1:2026c-0+deb13u1~x_amd64',
    ]);
  });

  it('says what differs from another, but not that a suite has a newer date', () => {
    const newer = lockfileOf('a', makePackage('libc6', '2.2'), makePackage('zlib1g', '1'));
    expect(diffLockfiles(lockfile, newer)).toEqual([
      {
        image: 'a',
        platform: 'linux/amd64',
        request: 'libc6',
        from: 'libc6_2.1_amd64',
        to: 'libc6_2.2_amd64',
      },
      { image: 'a', platform: 'linux/amd64', request: 'tzdata', from: 'tzdata_1:2026c-0+deb13u1~x_amd64' },
      { image: 'a', platform: 'linux/amd64', request: 'zlib1g', to: 'zlib1g_1_amd64' },
    ]);
    expect(diffLockfiles(lockfile, lockfile)).toEqual([]);
  });
});
