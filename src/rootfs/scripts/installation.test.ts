import { describe, expect, it } from 'vitest';
import {
  describeFiles,
  follow,
  installedOf,
  seenEntries,
  startInstallation,
} from '../../testing/installation.ts';

const TREE = { etc: 'folder', 'var/lib': 'folder', 'usr/lib/fonts/a': 'file' };
const script = (text: string): string => `#!/bin/sh\nset -e\n${text}\n`;

describe('installing packages', () => {
  it('calls preinst of all, then config and postinst of each, as dpkg does for what was never there', async () => {
    const say = script('echo "$DPKG_MAINTSCRIPT_PACKAGE $DPKG_MAINTSCRIPT_NAME $*," >> /etc/log');
    const scripts = { preinst: say, config: say, postinst: say, prerm: say, postrm: say };
    const { made } = await follow(
      [
        { name: 'a', scripts },
        { name: 'b', scripts },
      ],
      TREE,
    );
    const lines = [
      'a preinst install',
      'b preinst install',
      'a config configure ',
      'a postinst configure ',
      'b config configure ',
      'b postinst configure ',
    ];
    expect(made).toEqual([`-0644 0:0 etc/log ${JSON.stringify(lines.map((line) => `${line},\n`).join(''))}`]);
  });

  it('lets each script see what those before it made, and the users of sysusers.d', async () => {
    const { made } = await follow(
      [
        {
          name: 'a',
          scripts: {
            postinst: script('[ -d /var/lib/b ] && touch /etc/wrong; mkdir /var/lib/a; chown app /var/lib/a'),
          },
        },
        {
          name: 'b',
          scripts: { postinst: script('[ -d /var/lib/a ] && mkdir /var/lib/b') },
          captured: { 'usr/lib/sysusers.d/b.conf': 'u app 300' },
        },
      ],
      TREE,
    );
    expect(made).toEqual(['d0755 300:0 var/lib/a', 'd0755 0:0 var/lib/b']);
  });

  it('is done level by level: what was made is not made again, and nothing is forgotten', async () => {
    const installation = await startInstallation();
    const first = installation.install(
      [
        installedOf({
          name: 'a',
          scripts: { postinst: script('adduser --system app; mkdir /var/lib/a; unknown-a') },
        }),
      ],
      seenEntries(TREE),
    );
    const second = installation.install(
      [
        installedOf({
          name: 'b',
          scripts: {
            postinst: script('mkdir -p /var/lib/a; mkdir /var/lib/b; chown app /var/lib/b; unknown-b'),
          },
        }),
      ],
      seenEntries({ ...TREE, 'var/lib/a': 'folder' }),
    );
    expect(describeFiles([...first, ...second])).toEqual(['d0755 0:0 var/lib/a', 'd0755 100:0 var/lib/b']);
    expect(installation.effects.map((effect) => [effect.package, effect.command])).toEqual([
      ['a', 'unknown-a'],
      ['b', 'unknown-b'],
    ]);
    expect(installation.accounts.origins()).toEqual(['a']);
  });

  it('gives way to packages: what scripts make says that it yields', async () => {
    const installation = await startInstallation();
    const made = installation.install(
      [installedOf({ scripts: { postinst: script('touch /etc/a') } })],
      seenEntries(TREE),
    );
    expect(made.map((file) => file.yields)).toEqual([true]);
  });

  it('never makes the files of accounts, which are made of the accounts', async () => {
    const { made } = await follow(
      [{ scripts: { preinst: script('echo x > /etc/passwd; touch /etc/group /etc/shadow /etc/x') } }],
      TREE,
    );
    expect(made).toEqual(['-0644 0:0 etc/x ""']);
  });

  it('of the same packages gives the same, in every run', async () => {
    const packages = ['b', 'a'].map((name) => ({
      name,
      scripts: { postinst: script(`adduser --system ${name}; mkdir /etc/${name}; f-${name}`) },
    }));
    const [one, other] = [await follow(packages, TREE), await follow(packages, TREE)];
    expect(one.made).toEqual(other.made);
    expect(one.missing).toEqual(other.missing);
    expect(one.installation.accounts.users()).toEqual(other.installation.accounts.users());
  });
});

describe('triggers', () => {
  const listener = (trigger: string): { name: string; scripts: Record<string, string> } => ({
    name: 'listener',
    scripts: {
      triggers: `# comment\ninterest-noawait ${trigger}\n`,
      postinst: script('[ "$1" != triggered ] || answer "$2"'),
    },
  });

  it('that a script or a package activates are answered by who listens', async () => {
    const { missing } = await follow(
      [listener('ping'), { name: 'a', scripts: { postinst: script('dpkg-trigger --no-await ping') } }],
      TREE,
    );
    expect(missing).toEqual(['answer ping']);
    const declared = await follow(
      [listener('ping'), { name: 'a', scripts: { triggers: 'activate-noawait ping' } }],
      TREE,
    );
    expect(declared.missing).toEqual(['answer ping']);
  });

  it('on folders are answered when a level above puts a file there', async () => {
    const installation = await startInstallation();
    installation.install([installedOf(listener('/usr/lib/fonts'))], seenEntries(TREE));
    expect(installation.effects).toEqual([]);
    installation.install(
      [installedOf({ name: 'font', files: [{ path: 'usr/lib/fonts/a' }] })],
      seenEntries(TREE),
    );
    expect(installation.effects.map(({ command }) => command)).toEqual(['answer /usr/lib/fonts']);
  });

  it('that nobody answers, or that what is derived answers, are named', async () => {
    const { needless } = await follow(
      [{ scripts: { triggers: 'activate-noawait ldconfig\nactivate none\n' } }],
      TREE,
    );
    expect(needless).toEqual([
      'activate ldconfig (/etc/ld.so.cache is derived)',
      'activate none (no package of the image answers it)',
    ]);
  });
});

describe('what is reported', () => {
  it('names package, script, call and reason, by package', async () => {
    const { installation } = await follow(
      [
        { name: 'a', scripts: { preinst: script('one'), postinst: script('ldconfig') } },
        { name: 'b', scripts: { postinst: script('ask && two') } },
        { name: 'a', scripts: { config: script('three') } },
      ],
      TREE,
    );
    expect(installation.effects).toEqual([
      { package: 'a', script: 'preinst', command: 'one', isNeedless: false, why: '' },
      {
        package: 'a',
        script: 'postinst',
        command: 'ldconfig',
        isNeedless: true,
        why: '/etc/ld.so.cache is derived',
      },
      { package: 'a', script: 'config', command: 'three', isNeedless: false, why: '' },
      { package: 'b', script: 'postinst', command: 'ask', isNeedless: false, why: '' },
      { package: 'b', script: 'postinst', command: 'two', isNeedless: false, why: 'only if ask' },
    ]);
  });

  it('is a script that would end with an error', async () => {
    const { made, missing } = await follow(
      [{ scripts: { postinst: script('mkdir /etc/a\nexit 3\nmkdir /etc/b') } }],
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/a']);
    expect(missing).toEqual(['exit 3 (it would end with an error)']);
  });
});
