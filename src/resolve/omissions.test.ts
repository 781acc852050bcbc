import { describe, expect, it } from 'vitest';
import { packagesOf, sourceOf } from '../testing/packages.ts';
import { type ClosureOptions, resolveClosure } from './closure.ts';
import { DEBIAN_OMISSIONS, type OmissionRule, Omissions } from './omissions.ts';
import { parsePackageRequest } from './package-request.ts';

const RULES: readonly OmissionRule[] = [
  { names: ['perl', 'perl-base', 'lib*-perl'], notNeededBy: ['libperl5'], reason: 'Perl' },
  { names: ['asker', 'asker-2'], reason: 'asks questions' },
  { names: ['tool'], neededBy: ['certs*'], reason: 'makes links' },
];

/** What is in, and of what is left out: `name <- who: dependency`. */
function resolve(archive: string, requests: string, options: Partial<ClosureOptions> = {}): [string, string] {
  const { packages, omissions } = resolveClosure(
    requests.split(', ').map(parsePackageRequest),
    sourceOf(packagesOf(archive)),
    { architecture: 'amd64', platform: 'linux/amd64', pinned: new Set(), omit: RULES, ...options },
  );
  const left = omissions.map(
    ({ name, by, relation, rule }) => `${name} <- ${by}: ${relation} (${rule.reason})`,
  );
  return [packages.map(({ package: { name } }) => name).join(' '), left.join(', ')];
}

describe('a rule', () => {
  it.each<[string, string, string, string, string]>([
    ['leaves a dependency open', 'a 1; Depends: perl\nperl 1', 'a', 'a', 'perl <- a: perl (Perl)'],
    [
      'leaves out what only that needs',
      'a 1; Depends: perl\nperl 1; Depends: b\nb 1',
      'a',
      'a',
      'perl <- a: perl (Perl)',
    ],
    [
      'applies to patterns',
      'a 1; Depends: libx-perl\nlibx-perl 1',
      'a',
      'a',
      'libx-perl <- a: libx-perl (Perl)',
    ],
    [
      'applies to names that no suite has',
      'a 1; Depends: perl (>= 9)',
      'a',
      'a',
      'perl <- a: perl (>= 9) (Perl)',
    ],
    [
      'leaves out all alternatives if it applies to the first',
      'a 1; Depends: asker (>= 1) | b\nasker 1\nb 1',
      'a',
      'a',
      'asker <- a: asker (>= 1) | b (asks questions)',
    ],
    ['leaves the first alternative in', 'a 1; Depends: b | asker\nasker 1\nb 1', 'a', 'b a', ''],
    [
      'applies where no alternative before exists',
      'a 1; Depends: b | asker\nasker 1',
      'a',
      'a',
      'asker <- a: b | asker (asks questions)',
    ],
    [
      'applies where the alternative before cannot be in',
      'a 1; Depends: b | asker\nasker 1\nb 1; Conflicts: c\nc 1',
      'a, c',
      'a c',
      'asker <- a: b | asker (asks questions)',
    ],
    [
      'applies to what alone provides a name',
      'a 1; Depends: v\nasker 1; Provides: v',
      'a',
      'a',
      'asker <- a: v (asks questions)',
    ],
    ['leaves another provider in', 'a 1; Depends: v\nasker 1; Provides: v\nb 1; Provides: v', 'a', 'b a', ''],
    [
      'applies to a virtual package although others provide it',
      'a 1; Depends: asker-2\nb 1; Provides: asker-2',
      'a',
      'a',
      'asker-2 <- a: asker-2 (asks questions)',
    ],
    [
      'has nothing to say where something meets the dependency',
      'a 1; Depends: asker-2\nb 1; Provides: asker-2',
      'a, b',
      'b a',
      '',
    ],
    ['has nothing to say about what is asked for', 'a 1; Depends: perl\nperl 1', 'a, perl', 'perl a', ''],
    [
      'does not take from a package what is of its own kind',
      'perl 1; Depends: perl-base\nperl-base 1',
      'perl',
      'perl-base perl',
      '',
    ],
    [
      'lets who asks for a module have all of it',
      'libx-perl 1; Depends: perl\nperl 1',
      'libx-perl',
      'perl libx-perl',
      '',
    ],
    [
      'has exceptions by who needs it',
      'a 1; Depends: libperl5\nlibperl5 1; Depends: perl-base\nperl-base 1',
      'a',
      'perl-base libperl5 a',
      '',
    ],
    [
      'may apply to dependencies of some only',
      'certs-x 1; Depends: tool\ntool 1',
      'certs-x',
      'certs-x',
      'tool <- certs-x: tool (makes links)',
    ],
    ['does not apply to dependencies of others then', 'a 1; Depends: tool\ntool 1', 'a', 'tool a', ''],
  ])('%s', (_what, archive, requests, packages, left) => {
    expect(resolve(archive, requests)).toEqual([packages, left]);
  });

  it('is named once for each that needs what it leaves out, by name', () => {
    const archive =
      'a 1; Depends: perl, asker\nb 1; Depends: perl\nc 1; Depends: d\nd 1; Pre-Depends: asker-2';
    expect(resolve(archive, 'b, c, a')[1]).toBe(
      'asker <- a: asker (asks questions), asker-2 <- d: asker-2 (asks questions), perl <- a: perl (Perl), perl <- b: perl (Perl)',
    );
  });

  it.each<[string, string[], string, string]>([
    ['a name', ['perl'], 'a 1; Depends: perl\nperl 1; Depends: perl-base\nperl-base 1', 'perl-base perl a'],
    ['a pattern', ['lib*'], 'a 1; Depends: libx-perl, perl\nlibx-perl 1\nperl 1', 'libx-perl a'],
    ['a virtual package', ['asker-2'], 'a 1; Depends: asker-2\nasker 1; Provides: asker-2', 'asker a'],
    ['everything', ['*'], 'a 1; Depends: perl, asker\nperl 1\nasker 1', 'asker perl a'],
  ])('is overruled by force with %s', (_what, force, archive, packages) => {
    expect(resolve(archive, 'a', { force })[0]).toBe(packages);
  });

  it('is overruled by what the image holds already', () => {
    const installed = packagesOf('perl 1');
    expect(resolve('a 1; Depends: perl', 'a', { installed })).toEqual(['a', '']);
  });
});

describe('the rules for Debian', () => {
  const rules = new Omissions(DEBIAN_OMISSIONS, []);

  it.each([
    'bash dash dpkg apt perl perl-base perl-modules-5.40 perlapi-5.40.1 libdbi-perl debconf debconf-2.0 cdebconf ucf',
    'adduser passwd base-passwd init-system-helpers systemd systemd-sysv systemd-sysusers systemd-standalone-sysusers',
    'sysvinit-utils lsb-base runit-helper awk mawk gawk coreutils util-linux debianutils tar sed procps install-info',
    'dictionaries-common usr-is-merged ssl-cert',
  ])('leave out %s', (names) => {
    for (const name of names.split(' '))
      expect(rules.ruleFor(name, 'app')?.reason, name).toBeTypeOf('string');
  });

  it.each([
    'libc6 libc-bin base-files ncurses-base readline-common tzdata ca-certificates netbase media-types libpam-runtime',
    'libpam-modules-bin libsystemd0 libudev1 libperl5.40 libdpkg-perl5 libapt-pkg7.0 libdebconfclient0 perlx python3',
    'python3-perlis libblkid1 libmount1 libpam0g openssl shared-mime-info fontconfig java-common',
  ])('leave %s in', (names) => {
    for (const name of names.split(' ')) expect(rules.ruleFor(name, 'app'), name).toBeUndefined();
  });

  it('leave out the command of OpenSSL where only the links of certificates are made with it', () => {
    expect(rules.ruleFor('openssl', 'ca-certificates')?.reason).toContain('certificates');
    expect(rules.ruleFor('openssl', 'libarccommon4')).toBeUndefined();
  });

  it('leave Perl’s modules to programs that have Perl built in', () => {
    expect(rules.ruleFor('perl-modules-5.40', 'libperl5.40')).toBeUndefined();
  });

  it('name nothing twice, and give a reason for everything', () => {
    const names = DEBIAN_OMISSIONS.flatMap((rule) => rule.names);
    expect(new Set(names).size).toBe(names.length);
    for (const { reason } of DEBIAN_OMISSIONS) expect(reason).toMatch(/^[A-Za-z].{10,}[^.]$/);
  });

  it('are taken unless told', () => {
    const archive = 'a 1; Depends: debconf (>= 0.5) | debconf-2.0\ndebconf 1';
    const { packages, omissions } = resolveClosure([{ name: 'a' }], sourceOf(packagesOf(archive)), {
      architecture: 'amd64',
      platform: 'linux/amd64',
      pinned: new Set(),
    });
    expect(packages).toHaveLength(1);
    expect(omissions[0]?.rule).toBe(DEBIAN_OMISSIONS.find(({ names }) => names.includes('debconf')));
  });
});
