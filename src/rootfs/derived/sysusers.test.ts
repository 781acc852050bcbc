import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../../testing/tools.ts';
import { deriveAccounts } from '../accounts.ts';
import { AccountBook } from '../scripts/account-book.ts';
import { addSysusers, type SysusersFile } from './sysusers.ts';

const fileOf = (text: string, name = 'app.conf', origin = 'app'): SysusersFile => ({
  name,
  content: Buffer.from(text),
  origin,
});

/** Lines of passwd(5) and group(5) after files were added to an image with root. */
function add(
  files: readonly SysusersFile[],
  accounts = new AccountBook(),
): { passwd: string[]; group: string[]; skipped: string[] } {
  const skipped = addSysusers(files, accounts, (path) =>
    path === '/srv/app' ? { uid: 70, gid: 71 } : undefined,
  );
  const [passwd, group] = deriveAccounts(accounts.users(), accounts.groups()).map(({ content }) =>
    Buffer.from(content).toString().split('\n').slice(0, -1),
  );
  return {
    passwd: passwd ?? [],
    group: group ?? [],
    skipped: skipped.map(({ line, why }) => `${line}: ${why}`),
  };
}

describe('users and groups of sysusers.d', () => {
  it.each([
    ['u app', ['app:x:999:999::/:/usr/sbin/nologin'], ['app:x:999:']],
    ['u app - "An app" /var/lib/app /bin/sh', ['app:x:999:999:An app:/var/lib/app:/bin/sh'], ['app:x:999:']],
    ['u! app 300 - %S/app', ['app:x:300:300::/var/lib/app:/usr/sbin/nologin'], ['app:x:300:']],
    ['u root 0 "Super User" /root', ['root:x:0:0:Super User:/root:/bin/sh'], ['root:x:0:']],
    ['g more 400\nu app 300:400', ['app:x:300:400::/:/usr/sbin/nologin'], ['more:x:400:']],
    ['g more -\nu app -:more', ['app:x:998:999::/:/usr/sbin/nologin'], ['more:x:999:']],
    ['u app -:nogroup', ['app:x:999:65534::/:/usr/sbin/nologin'], []],
    [
      'u app /srv/app\nu other /srv/none',
      ['app:x:70:71::/:/usr/sbin/nologin', 'other:x:999:999::/:/usr/sbin/nologin'],
      ['app:x:71:', 'other:x:999:'],
    ],
    [
      'u b\nu a\ng z',
      ['b:x:998:998::/:/usr/sbin/nologin', 'a:x:997:997::/:/usr/sbin/nologin'],
      ['z:x:999:', 'b:x:998:', 'a:x:997:'],
    ],
    ['m app more', ['app:x:998:998::/:/usr/sbin/nologin'], ['more:x:999:app', 'app:x:998:']],
    [
      'u a 300\nu b 300\nu a 301',
      ['a:x:300:300::/:/usr/sbin/nologin', 'b:x:999:999::/:/usr/sbin/nologin'],
      ['a:x:300:', 'b:x:999:'],
    ],
    [
      'r - 500-501\nr - 300\nu a\nu b\nu c',
      [
        'a:x:501:501::/:/usr/sbin/nologin',
        'b:x:500:500::/:/usr/sbin/nologin',
        'c:x:300:300::/:/usr/sbin/nologin',
      ],
      ['a:x:501:', 'b:x:500:', 'c:x:300:'],
    ],
    ['# u app\n\n   \n', [], []],
  ])('%j', (text, passwd, group) => {
    expect(add([fileOf(text)])).toEqual({ passwd, group, skipped: [] });
  });

  it('are taken in the order of the names of the files, whatever packages they are from', () => {
    const [a, b] = [fileOf('u first', 'b.conf'), fileOf('u second\nu first 5', 'a.conf', 'other')];
    const accounts = new AccountBook();
    expect(add([a, b], accounts).passwd.map((line) => line.split(':').slice(0, 3).join(':'))).toEqual([
      'second:x:999',
      'first:x:5',
    ]);
    expect(accounts.origins()).toEqual(['other']);
    expect(add([b, a])).toEqual(add([a, b]));
  });

  it('give way to those of the definition, whose numbers are not taken', () => {
    const accounts = new AccountBook();
    const app = { name: 'app', uid: 5000, gid: 999, home: '/app', shell: '/sbin/nologin', createHome: false };
    accounts.declare([app], [{ name: 'staff', gid: 998, members: ['root'] }]);
    expect(add([fileOf('u app 300\nu other\nm other staff\ng staff 50')], accounts)).toEqual({
      passwd: ['app:x:5000:999:app:/app:/sbin/nologin', 'other:x:999:999::/:/usr/sbin/nologin'],
      group: ['staff:x:998:other,root', 'other:x:999:'],
      skipped: [],
    });
    accounts.declare([{ ...app, name: 'other', uid: 7 }], []);
    expect(accounts.user('other')?.uid).toBe(7);
    expect(accounts.group('staff')?.members).toEqual(['other', 'root']);
  });

  it.each([
    'u',
    'u bad:name',
    'u ../name',
    'u app - "a:b"',
    'u app - - home',
    'x app',
    'u app - "open',
    'u app - - - - more',
    'r - many',
    'm app',
  ])('that cannot be read are named: %j', (text) => {
    const { passwd, skipped } = add([fileOf(`${text}\nu good`)]);
    expect(passwd).toEqual(['good:x:999:999::/:/usr/sbin/nologin']);
    expect(skipped).toEqual([`${text}: it cannot be read`]);
  });

  it('that depend on the machine or on a group that is not there are named', () => {
    expect(add([fileOf('u app%m\nu app -:none')]).skipped).toEqual([
      'u app%m: it depends on the running machine',
      'u app -:none: the image has no group none',
    ]);
  });

  it('are not more than there are numbers, nor lines without end', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `u app${i}`).join('\n');
    const { passwd, skipped } = add([fileOf(text)]);
    expect(passwd).toHaveLength(999);
    expect(skipped[0]).toBe('u app999: there is no free number');
  });
});

describeWith(
  'users and groups of any lines, and those of the real systemd-sysusers',
  { tools: ['systemd-sysusers'] },
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pith-sysusers-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const name = fc.constantFrom('a', 'b', 'c', 'd', 'long-name_1');
    const id = fc.constantFrom(
      '-',
      '-',
      '',
      '100',
      '999',
      '998',
      '100:101',
      '-:100',
      '300:a',
      '-:b',
      '70000',
    );
    const line = fc.oneof(
      fc
        .tuple(name, id, fc.constantFrom('', ' "x y"', ' - /home/x', ' x / /bin/sh'))
        .map(([own, number, rest]) => `u ${own} ${number === '' ? '' : `${number}${rest}`}`),
      fc.tuple(name, fc.constantFrom('-', '100', '999', '50')).map(([own, number]) => `g ${own} ${number}`),
      fc.tuple(name, name).map((words) => `m ${words.join(' ')}`),
      fc.constantFrom('r - 900-950', 'r - 101', '# comment'),
    );

    it('are the same', () => {
      fc.assert(
        fc.property(fc.array(fc.array(line, { maxLength: 5 }), { minLength: 1, maxLength: 3 }), (files) => {
          const root = mkdtempSync(join(folder, 'root-'));
          mkdirSync(join(root, 'etc'));
          mkdirSync(join(root, 'usr/lib/sysusers.d'), { recursive: true });
          const texts = files.map((lines) => lines.map((text) => text.trim()).join('\n'));
          for (const [index, text] of texts.entries())
            writeFileSync(join(root, `usr/lib/sysusers.d/${index}.conf`), `${text}\n`);
          const done = spawnSync('systemd-sysusers', ['--root', root], { encoding: 'utf8' });
          // It stops at a group that is not there; we leave that user out.
          fc.pre(done.status === 0);
          const read = (file: string): string[] => {
            try {
              return readFileSync(join(root, 'etc', file), 'utf8')
                .split('\n')
                .slice(0, -1);
            } catch {
              return [];
            }
          };
          const { passwd, group } = add(texts.map((text, index) => fileOf(text, `${index}.conf`)));
          expect({ passwd: passwd.sort(), group: group.sort() }).toEqual({
            passwd: read('passwd').sort(),
            group: read('group').sort(),
          });
          rmSync(root, { recursive: true });
        }),
        { numRuns: 100 },
      );
    });
  },
);
