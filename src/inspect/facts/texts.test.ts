import { describe, expect, it } from 'vitest';
import { accountsReader } from './accounts.ts';
import { readFacts } from './fixtures.ts';
import { loaderReader } from './loader.ts';
import { osReleaseReader } from './os-release.ts';
import { scriptReader } from './script.ts';

describe('accounts', () => {
  it('are the sound lines of etc/passwd', async () => {
    const passwd =
      'root:x:0:0:root:/root:/bin/bash\n# no\n+nis\nopen::1000:1000::/home/open:\nbad:x:x:0:::\nshort\n';
    expect(await readFacts(accountsReader, 'etc/passwd', passwd, { pieces: 7 })).toEqual([
      {
        kind: 'accounts',
        accounts: [
          { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash', emptyPassword: false },
          { name: 'open', uid: 1000, gid: 1000, home: '/home/open', shell: '', emptyPassword: true },
        ],
      },
    ]);
  });

  it('and groups with their members', async () => {
    expect(await readFacts(accountsReader, 'etc/group', 'root:x:0:\nadm:x:4:a,b\nbad:x::\n')).toEqual([
      {
        kind: 'groups',
        groups: [
          { name: 'root', gid: 0, members: [] },
          { name: 'adm', gid: 4, members: ['a', 'b'] },
        ],
      },
    ]);
  });

  it.each([
    ['', 'empty'],
    ['*', 'locked'],
    ['!', 'locked'],
    ['!!', 'locked'],
    ['!$6$salt$hash', 'locked'],
    ['x', 'locked'],
    ['$y$j9T$aaaaaaaaaaaaaaaa$bbbbbbbbbbbbbbbbbbbbbbbb', 'set'],
  ])('have a state of their password, never the hash: %j is %s', async (hash, state) => {
    const facts = await readFacts(accountsReader, 'etc/shadow', `root:${hash}:19000:0:99999:7:::\n`);
    expect(facts).toEqual([{ kind: 'passwords', passwords: [{ name: 'root', state }] }]);
  });

  it('are not looked for elsewhere', async () => {
    expect(await readFacts(accountsReader, 'usr/share/etc/passwd', 'root:x:0:0::/:\n')).toEqual([]);
  });
});

describe('os-release', () => {
  it('is its assignments without quotes', async () => {
    const text = `# comment\nID=debian\nNAME="Debian \\"GNU\\" \\$x"\nHOME_URL='https://x/'\nbroken\n lower=1\nID=other\n`;
    expect(await readFacts(osReleaseReader, 'usr/lib/os-release', text)).toEqual([
      { kind: 'os-release', values: { ID: 'other', NAME: 'Debian "GNU" $x', HOME_URL: 'https://x/' } },
    ]);
  });
});

describe('a script', () => {
  it.each([
    ['#!/bin/sh\nx', '/bin/sh'],
    ['#! /usr/bin/env -S node --x \n', '/usr/bin/env -S node --x'],
    ['#!/bin/sh', '/bin/sh'],
    ['#!\t/bin/sh \t\n', '/bin/sh'],
    ['#!/bin/sh\r\n', '/bin/sh\r'],
  ])('%j is for %s', async (text, interpreter) => {
    expect(await readFacts(scriptReader, 'x', text)).toEqual([{ kind: 'script', interpreter }]);
  });

  it.each(['#![allow(x)]\n', '# !/bin/sh\n', '', '#!', '#!\n/bin/sh'])('%j is none', async (text) => {
    expect(await readFacts(scriptReader, 'x', text)).toEqual([]);
  });

  it.each([
    ['usr/bin/dnf-3', '#!/usr/bin/python3\nfrom dnf.cli import main\n', 'package-manager', 'dnf'],
    [
      'usr/bin/pip3.11',
      '#!/usr/bin/python3\nfrom pip._internal.cli.main import main\n',
      'language-package-manager',
      'pip',
    ],
    [
      'opt/npm/bin/npm-cli.js',
      "#!/usr/bin/env node\nrequire('../lib/cli.js')(process)\n",
      'language-package-manager',
      'npm',
    ],
  ])('may be a package manager: %s', async (path, text, category, tool) => {
    expect(await readFacts(scriptReader, path, text)).toContainEqual({ kind: 'tool', category, tool });
  });

  it('with the name of one alone is none', async () => {
    const facts = await readFacts(scriptReader, 'usr/bin/dnf', '#!/usr/bin/python3\nprint("no")\n');
    expect(facts.map(({ kind }) => kind)).toEqual(['script']);
  });
});

describe("the loader's configuration", () => {
  it('is kept as it stands', async () => {
    expect(await readFacts(loaderReader, 'etc/ld.so.conf.d/x.conf', '/opt/lib\n')).toEqual([
      { kind: 'library-folders', text: '/opt/lib\n' },
    ]);
    expect(await readFacts(loaderReader, 'etc/ld.so.conf.d/x', '/opt/lib\n')).toEqual([]);
  });
});
