import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnRule, Policy } from '../../policy/index.ts';
import { checked, found, NOW, viewOf, withFacts } from '../../testing/checked.ts';
import type { LayerFiles, TestImage } from '../../testing/layered-image.ts';
import { failureOf } from '../../testing/thrown.ts';
import { ALLOW_LABEL, Checker } from '../check-images.ts';
import { nameMatcher } from './patterns.ts';
import { readPolicy } from './read-policy.ts';
import { isWithin } from './versions.ts';

const SHELL = withFacts({ kind: 'tool', category: 'shell', tool: 'busybox' });
const FILES: LayerFiles = { 'bin/a': SHELL, 'opt/b': SHELL };

describe('the section check of a file', () => {
  it('is read of a definition, and of a file that holds nothing else', () => {
    const only = { only: ['shell'] };
    expect(readPolicy('name: app\nextends: x\ncheck: {only: [shell]}\n', 'pith.yaml')).toEqual(only);
    expect(readPolicy('check: {only: [shell]}\n', 'policy.yaml')).toEqual(only);
    expect(readPolicy('name: app\n', 'pith.yaml')).toEqual({});
  });

  it.each<[string, string, string]>([
    [
      'a misspelt key',
      'check:\n  ony: [shell]\n',
      'p.yaml:2:3: `check` has no key `ony`; did you mean `only`?',
    ],
    [
      'another key beside it',
      'check: {}\nchek: {}\n',
      'p.yaml:2:1: there is no key `chek`; did you mean `check`?',
    ],
    ['no section', '{}\n', 'the key `check` is missing'],
    ['a misspelt rule', 'check:\n  except:\n    - shel\n', 'p.yaml:3:7: there is no rule shel'],
    ['a pattern of no rule', 'check: {only: [foo-*]}\n', 'there is no rule foo-*'],
    [
      'a misspelt rule of a severity',
      'check:\n  severity:\n    rot-user: note\n',
      'p.yaml:3:5: there is no rule rot-user',
    ],
    [
      'no severity',
      'check: {severity: {shell: fatal}}\n',
      '`check.severity.shell` must be "error" or "warning" or "note"',
    ],
    [
      'a silence without a reason',
      'check: {silence: [{rule: shell}]}\n',
      'the key `check.silence.0.reason` is missing',
    ],
    [
      'an empty reason',
      'check: {silence: [{rule: shell, reason: ""}]}\n',
      '`check.silence.0.reason` is too small or empty',
    ],
    [
      'a day that is none',
      'check: {silence: [{rule: shell, reason: x, until: 2027-02-30}]}\n',
      '`check.silence.0.until` must be a day such as 2027-01-31',
    ],
    ['a rule of pith’s', 'check: {rules: [{id: shell, maxSize: 5MB}]}\n', 'shell is a rule of pith already'],
    [
      'two rules of one name',
      'check: {rules: [{id: a, maxSize: 5MB}, {id: a, maxSize: 6MB}]}\n',
      'there are two rules a',
    ],
    [
      'a rule of nothing',
      'check: {rules: [{id: a}]}\n',
      '`check.rules.0` needs exactly one of forbid, require, maxSize and licences',
    ],
    [
      'a condition of two',
      'check: {rules: [{id: a, forbid: {path: a, user: b}}]}\n',
      '`check.rules.0.forbid` needs exactly one of path, package, label and user',
    ],
    [
      'a version of no package',
      'check: {rules: [{id: a, forbid: {path: a, version: "<1"}}]}\n',
      '`check.rules.0.forbid.version` goes with package alone',
    ],
    [
      'no bound',
      'check: {rules: [{id: a, forbid: {package: a, version: "1"}}]}\n',
      '`check.rules.0.forbid.version` must be a bound such as <3.0.15',
    ],
    [
      'no size',
      'check: {rules: [{id: a, maxSize: large}]}\n',
      '`check.rules.0.maxSize` must be a size such as 50MB',
    ],
  ])('refuses %s', (_what, text, message) => {
    const failure = failureOf(() => readPolicy(text, 'p.yaml'));
    expect(failure.code).toBe('DEFINITION_INVALID');
    expect(failure.message).toContain(message);
  });
});

describe('a policy', () => {
  it.each<[string, Policy, string[]]>([
    ['takes the rules that it names', { only: ['shell', 'root-*'] }, ['shell', 'shell']],
    ['leaves rules out', { only: ['shell', 'editor'], except: ['she*'] }, []],
    ['has its own rules', { only: ['mine'], rules: [{ id: 'mine', forbid: { path: '/bin/*' } }] }, ['mine']],
  ])('%s', async (_what, policy, rules) => {
    const { findings } = await checked([FILES], {}, { policy });
    expect(findings.map(({ rule }) => rule)).toEqual(rules);
  });

  it('gives rules other severities, and sorts by them', async () => {
    const policy: Policy = {
      only: ['shell', 'unknown-contents'],
      severity: { shell: 'note', 'unknown-contents': 'error' },
    };
    const { findings } = await checked([FILES], {}, { policy });
    expect(findings.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
      'error unknown-contents',
      'note shell',
      'note shell',
    ]);
  });
});

describe('a silence', () => {
  const check = async (silence: Policy['silence'], now = NOW) => {
    const checker = new Checker({ only: ['shell'], silence }, now);
    const image = checker.check({ view: await viewOf([FILES]), context: { now } });
    return { image, report: checker.report() };
  };

  it('takes findings out of the count, and says why', async () => {
    const { image, report } = await check([{ rule: 'shell', reason: 'meant so', until: '2026-01-01' }]);
    expect(image.findings).toEqual([]);
    expect(image.silenced.map(({ path, reason, by, until }) => ({ path, reason, by, until }))).toEqual([
      { path: 'bin/a', reason: 'meant so', by: 'policy', until: '2026-01-01' },
      { path: 'opt/b', reason: 'meant so', by: 'policy', until: '2026-01-01' },
    ]);
    expect(report).toMatchObject({ counts: { error: 0, warning: 0, note: 0 }, silenced: 2, policy: [] });
  });

  it('may be for some paths', async () => {
    const { image } = await check([{ rule: '*', path: ['/opt/**'], reason: 'x' }]);
    expect(image.findings.map(({ path }) => path)).toEqual(['bin/a']);
  });

  it('ends with its last day, which is told', async () => {
    const day = NOW + 86_400 - 1;
    const silence = [{ rule: 'shell', reason: 'x', until: '2026-01-01' }];
    expect((await check(silence, day)).report.policy).toEqual([]);
    const { image, report } = await check(silence, day + 1);
    expect(image.findings).toHaveLength(2);
    expect(report.counts).toEqual({ error: 2, warning: 1, note: 0 });
    expect(report.policy).toEqual([
      {
        rule: 'ended-silence',
        severity: 'warning',
        message: 'the silence of shell has ended on 2026-01-01: mend what it was for, or decide anew',
      },
    ]);
  });

  it('that silences nothing in any image is told', async () => {
    const { report } = await check([{ rule: 'shell', path: 'usr/**', reason: 'x' }]);
    expect(report.policy).toEqual([
      {
        rule: 'unused-silence',
        severity: 'note',
        message: 'the silence of shell in usr/** silences nothing: leave it out',
      },
    ]);
  });
});

describe('a label of the image', () => {
  const options: TestImage = {
    config: { Labels: { [`${ALLOW_LABEL}shell`]: 'a debug variant', [`${ALLOW_LABEL}editor`]: ' ' } },
  };

  it('silences a rule if it gives a reason, and is told', async () => {
    const { findings, silenced } = await checked(
      [{ ...FILES, vi: withFacts({ kind: 'tool', category: 'editor', tool: 'vi' }) }],
      options,
      {
        policy: { only: ['shell', 'editor'] },
      },
    );
    expect(findings.map(({ rule }) => rule)).toEqual(['editor']);
    expect(silenced.map(({ reason, by }) => ({ reason, by }))).toEqual(
      Array.from({ length: 2 }, () => ({ reason: 'a debug variant', by: 'image' })),
    );
  });

  it('silences nothing where the policy does not want it', async () => {
    const { findings } = await checked([FILES], options, { policy: { only: ['shell'], labels: false } });
    expect(findings).toHaveLength(2);
  });
});

describe('own rules', () => {
  const PACKAGES: LayerFiles = {
    'var/lib/dpkg/status.d/openssl':
      'Package: openssl\nVersion: 3.0.9-1\nArchitecture: amd64\nStatus: install ok installed\n',
    'lib/a': withFacts({
      kind: 'packages',
      packages: [
        {
          type: 'npm',
          name: 'left-pad',
          version: '1.10.0',
          licences: ['MIT OR GPL-3.0-only'],
          purl: 'pkg:npm/left-pad@1.10.0',
        },
        {
          type: 'pypi',
          name: 'demo',
          version: '1.0rc1',
          licences: ['AGPL-3.0-only', 'MIT'],
          purl: 'pkg:pypi/demo@1.0rc1',
        },
      ],
    }),
  };

  it.each<[string, Omit<OwnRule, 'id'>, string[], TestImage?]>([
    ['a path that must not be there', { forbid: { path: 'lib/**' } }, ['lib/a: this must not be there']],
    [
      'a path that has to be there',
      { require: { path: '/app/server' } },
      ['A file /app/server has to be there'],
    ],
    ['a path that is there', { require: { path: 'lib/*' } }, []],
    [
      'a package',
      { forbid: { package: 'openssl' } },
      ['var/lib/dpkg/status.d/openssl: the package openssl 3.0.9-1 must not be there'],
    ],
    [
      'a package of a version',
      { forbid: { package: 'openssl', version: '<3.0.15' } },
      ['var/lib/dpkg/status.d/openssl: the package openssl 3.0.9-1 must not be there'],
    ],
    ['a package of another version', { forbid: { package: 'openssl', version: '>=3.0.15' } }, []],
    ['a package that is wanted newer', { require: { package: 'left-pad', version: '>1.9.0' } }, []],
    ['a package that is missing', { require: { package: 'tzdata' } }, ['A package tzdata has to be there']],
    [
      'a label',
      { require: { label: 'team', matches: 'core-*' } },
      ['config.Labels.team: A label team like core-* has to be there'],
      { config: { Labels: { team: 'other' } } },
    ],
    [
      'a label that is there',
      { require: { label: 'team', matches: 'https://*' } },
      [],
      { config: { Labels: { team: 'https://a/b' } } },
    ],
    [
      'a user',
      { require: { user: '65532*' } },
      ['config.User: A user 65532* has to be there'],
      { config: { User: '0' } },
    ],
    ['a user that it has', { require: { user: '65532*' } }, [], { config: { User: '65532:65532' } }],
    [
      'a size',
      { maxSize: '0.1kB' },
      [expect.stringMatching(/^the files of the image have \d+ B, \d+ B more than 100 B$/) as string],
    ],
    ['a size that is enough', { maxSize: '1 MiB' }, []],
    ['licences', { licences: ['MIT', 'LGPL-*'] }, ['lib/a: demo 1.0rc1 is under AGPL-3.0-only']],
  ])('%s', async (_what, rule, finds, options = {}) => {
    const policy: Policy = { only: ['own'], rules: [{ id: 'own', ...rule }] };
    const { findings } = await checked([PACKAGES], options, { policy });
    expect(
      findings.map(({ path, field, message }) => [path ?? field, message].filter(Boolean).join(': ')),
    ).toEqual(finds);
    expect(new Set(findings.map(({ severity }) => severity)).size).toBeLessThan(2);
  });

  it.each<[Parameters<typeof isWithin>[0]['type'], string, boolean]>([
    ['npm', '1.0.0-rc.1', true],
    ['pypi', '1.0rc1', true],
    ['deb', '1.0~rc1', true],
    ['npm', '1.0.0', false],
    ['deb', '1.0-1', false],
  ])('compares versions of %s as its tools do: %s', (type, version, isOlder) => {
    const bound = { relation: '<', version: type === 'npm' ? '1.0.0' : '1.0' } as const;
    expect(isWithin({ type, version }, bound)).toBe(isOlder);
  });
});

describe('patterns of policies', () => {
  it('are quick on hostile values', async () => {
    const policy: Policy = {
      only: ['own'],
      rules: [{ id: 'own', forbid: { label: 'x', matches: '*a*a*b' } }],
    };
    const labels = { x: 'a'.repeat(100_000) };
    expect((await checked([{}], { config: { Labels: labels } }, { policy })).findings).toEqual([]);
    expect(await found('root-user', [{}])).toEqual([]);
  });
});

describe('a name', () => {
  it('matches a pattern as an expression would', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const expression = pattern.replaceAll('?', '.').replaceAll('*', '.*');
        expect(nameMatcher([pattern])(text)).toBe(new RegExp(`^${expression}$`, 's').test(text));
      }),
      { numRuns: 2000 },
    );
  });
});
