import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../facts.ts';
import { foundPackage, type ToldPackage } from './found-package.ts';
import { type FileFacts, joinPackages } from './join.ts';
import { ownersOf, mergedPath } from './owners.ts';

const SUM = '7210080490f9fd139c1b44fa0f730988';

function packages(...told: readonly ToldPackage[]): Fact {
  return { kind: 'packages', packages: told.flatMap((one) => foundPackage(one) ?? []) };
}

function deb(name: string, more: Partial<ToldPackage> = {}): ToldPackage {
  return { type: 'deb', name, version: '1', architecture: 'amd64', ...more };
}

function file(path: string, ...facts: readonly Fact[]): FileFacts {
  return { path, layer: 3, facts };
}

function owned(
  name: string,
  ...files: readonly { path: string; md5?: string; configuration?: boolean }[]
): Fact {
  return { kind: 'owned-files', owned: { type: 'deb', package: name, files } };
}

const STATUS = 'var/lib/dpkg/status';

describe('the packages of an image', () => {
  it('have what all files say of them', () => {
    const joined = joinPackages([
      file('usr/share/doc/libc6/copyright', {
        kind: 'licences',
        package: 'libc6',
        licences: ['LGPL-2.1-or-later'],
      }),
      file(
        'var/lib/dpkg/info/libc6:amd64.md5sums',
        owned('libc6:amd64', { path: 'lib/libc.so.6', md5: SUM }),
      ),
      file(
        'var/lib/dpkg/info/libc6:amd64.list',
        owned('libc6:amd64', { path: 'lib/libc.so.6' }, { path: 'etc/x' }),
      ),
      file(STATUS, packages(deb('libc6', { files: [{ path: 'etc/x', md5: SUM, configuration: true }] }))),
      file('etc/os-release', { kind: 'os-release', values: { ID: 'debian' } }),
    ]);
    expect(joined).toEqual([
      {
        type: 'deb',
        name: 'libc6',
        version: '1',
        architecture: 'amd64',
        licences: ['LGPL-2.1-or-later'],
        purl: 'pkg:deb/debian/libc6@1?arch=amd64',
        path: STATUS,
        layer: 3,
        files: [
          { path: 'lib/libc.so.6', md5: SUM },
          { path: 'etc/x', md5: SUM, configuration: true },
        ],
      },
    ]);
  });

  it('of several architectures have their own files', () => {
    const joined = joinPackages([
      file(STATUS, packages(deb('libc6'), deb('libc6', { architecture: 'i386' }))),
      file('var/lib/dpkg/info/libc6:amd64.list', owned('libc6:amd64', { path: 'a' })),
      file('var/lib/dpkg/info/libc6:i386.list', owned('libc6:i386', { path: 'b' })),
    ]);
    expect(joined.map(({ architecture, files }) => [architecture, files])).toEqual([
      ['amd64', [{ path: 'a' }]],
      ['i386', [{ path: 'b' }]],
    ]);
  });

  it('in files of their own may be called otherwise there', () => {
    const joined = joinPackages([
      file('var/lib/dpkg/status.d/base', packages(deb('base-files'))),
      file('var/lib/dpkg/status.d/base.md5sums', owned('base', { path: 'etc/x', md5: SUM })),
    ]);
    expect(joined).toMatchObject([
      { name: 'base-files', path: 'var/lib/dpkg/status.d/base', files: [{ path: 'etc/x' }] },
    ]);
  });

  it('are there once, though two databases have them', () => {
    const joined = joinPackages([
      file('var/lib/dpkg/status.d/a', packages(deb('a'))),
      file(STATUS, packages(deb('a', { files: [{ path: 'etc/a' }] }))),
    ]);
    expect(joined).toMatchObject([{ name: 'a', path: STATUS }]);
  });

  it('of one source share its copyright file, if they have none', () => {
    const source = { name: 'gcc-12', version: '12.2' };
    const joined = joinPackages([
      file(
        STATUS,
        packages(
          deb('gcc-12-base', { source }),
          deb('libgcc-s1', { source }),
          deb('old', { source: { name: 'gcc-12', version: '12.1' } }),
          deb('own', { source }),
        ),
      ),
      file('usr/share/doc/gcc-12-base/copyright', {
        kind: 'licences',
        package: 'gcc-12-base',
        licences: ['GPL'],
      }),
      file('usr/share/doc/own/copyright', { kind: 'licences', package: 'own', licences: ['MIT'] }),
    ]);
    expect(joined.map(({ name, licences }) => [name, licences])).toEqual([
      ['gcc-12-base', ['GPL']],
      ['libgcc-s1', ['GPL']],
      ['old', []],
      ['own', ['MIT']],
    ]);
  });

  it('of npm may be there in several places', () => {
    const one = packages({ type: 'npm', name: 'a', version: '1' });
    const joined = joinPackages([
      file('b/node_modules/a/package.json', one),
      file('a/node_modules/a/package.json', one),
    ]);
    expect(joined.map(({ path }) => path)).toEqual([
      'a/node_modules/a/package.json',
      'b/node_modules/a/package.json',
    ]);
  });

  it('of Python have the files of the list beside them', () => {
    const record = (path: string): Fact => ({
      kind: 'owned-files',
      owned: { type: 'pypi', package: 'a', files: [{ path }] },
    });
    const joined = joinPackages([
      file('x/a-1.dist-info/METADATA', packages({ type: 'pypi', name: 'A', version: '1' })),
      file('x/a-1.dist-info/RECORD', record('x/a.py')),
      file('y/a-1.dist-info/RECORD', record('y/a.py')),
    ]);
    expect(joined).toMatchObject([{ name: 'A', files: [{ path: 'x/a.py' }] }]);
  });

  it('are sorted by type, name, version and place, whatever the order of the files is', () => {
    const files = [
      file(STATUS, packages(deb('b'), deb('a'))),
      file('z/node_modules/a/package.json', packages({ type: 'npm', name: 'a', version: '1' })),
      file('y/node_modules/a/package.json', packages({ type: 'npm', name: 'a', version: '2' })),
      file('lib/apk/db/installed', packages({ type: 'apk', name: 'z', version: '1' })),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(joinPackages(shuffled).map(({ type, name, version }) => `${type} ${name} ${version}`)).toEqual(
          ['apk z 1', 'deb a 1', 'deb b 1', 'npm a 1', 'npm a 2'],
        );
      }),
    );
  });
});

describe('whose a file is', () => {
  const owners = ownersOf(
    joinPackages([
      file(
        STATUS,
        packages(deb('a', { files: [{ path: 'lib/x/y' }, { path: 'usr/bin/z' }, { path: 'opt/both' }] })),
      ),
      file(
        'lib/apk/db/installed',
        packages({ type: 'apk', name: 'b', version: '1', files: [{ path: 'opt/both' }] }),
      ),
      file('app/node_modules/c/package.json', packages({ type: 'npm', name: 'c', version: '1' })),
      file(
        'app/node_modules/c/node_modules/d/package.json',
        packages({ type: 'npm', name: 'd', version: '1' }),
      ),
    ]),
  );

  it.each([
    ['lib/x/y', 'a'],
    ['usr/lib/x/y', 'a'],
    ['usr/bin/z', 'a'],
    ['bin/z', 'a'],
    ['opt/both', 'b'],
    ['usr/opt/both', undefined],
    ['lib/x', undefined],
    ['', undefined],
    ['app/node_modules/c/lib/index.js', 'c'],
    ['app/node_modules/c/node_modules/d/index.js', 'd'],
    ['app/node_modules/c/node_modules/.package-lock.json', undefined],
    ['app/node_modules/c2/index.js', undefined],
    ['app/index.js', undefined],
  ])('%s: %s', (path, name) => {
    expect(owners.get(path)?.name).toBe(name);
  });

  it.each([
    ['lib/x', 'usr/lib/x'],
    ['usr/sbin/x', 'sbin/x'],
    ['lib64/x/y', 'usr/lib64/x/y'],
    ['lib', undefined],
    ['usr/share/x', undefined],
    ['library/x', undefined],
  ])('%s is %s in the other kind of system', (path, other) => {
    expect(mergedPath(path)).toBe(other);
  });
});
