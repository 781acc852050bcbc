import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeFiles,
  follow,
  installedOf,
  seenEntries,
  startInstallation,
} from '../../testing/installation.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const TREE = {
  etc: 'folder',
  'etc/packaged': 'file',
  'etc/link': '-> folder',
  'etc/folder': 'folder',
  'etc/folder/file': 'file',
  'usr/share/factory/etc/issue': 'file',
  'usr/share/factory/etc/pam.d': 'folder',
  'usr/share/factory/etc/pam.d/other': 'file',
  'usr/share/factory/etc/pam.d/link': '-> other',
  var: 'folder',
};
const FACTORY = { 'usr/share/factory/etc/issue': 'Hello\n', 'usr/share/factory/etc/pam.d/other': 'auth\n' };

const apply = (text: string): ReturnType<typeof follow> =>
  follow(
    [
      {
        captured: {
          'usr/lib/tmpfiles.d/app.conf': text,
          'usr/lib/sysusers.d/app.conf': 'u app 300',
          ...FACTORY,
        },
      },
    ],
    TREE,
  );

describe('lines of tmpfiles.d', () => {
  it.each([
    ['d /run/app', ['d0755 0:0 run/app']],
    ['d /run/app 2750 app root 10d', ['d2750 300:0 run/app']],
    ['D /var/a/b :0700 :app :- -', ['d0700 300:0 var/a/b']],
    ['q /var/a\nv /var/b\nQ /var/c 1777', ['d0755 0:0 var/a', 'd0755 0:0 var/b', 'd1777 0:0 var/c']],
    ['d /etc/folder - app', ['d0755 300:0 etc/folder']],
    ['d /etc/link/a', ['d0755 0:0 etc/folder/a']],
    ['e /etc/folder 0711\ne /etc/none 0711', ['d0711 0:0 etc/folder']],
    ['f /etc/a', ['-0644 0:0 etc/a ""']],
    ['f /etc/a 0640 root app - two words\\x21\\n', ['-0640 0:300 etc/a "two words!\\n"']],
    ['f /etc/packaged - - - - text', []],
    ['f+ /etc/packaged 0600 - - - text', ['-0600 0:0 etc/packaged "text"']],
    ['F /etc/a - - - - "quoted"', ['-0644 0:0 etc/a "\\"quoted\\""']],
    [
      'L /etc/a - - - - ../x\nL /etc/issue',
      ['l etc/a -> ../x', 'l etc/issue -> /usr/share/factory/etc/issue'],
    ],
    ['L /etc/packaged - - - - x\nL+ /etc/link - - - - y', ['l etc/link -> y']],
    ['L? /etc/a - - - - /none\nL? /etc/b - - - - packaged', ['l etc/b -> packaged']],
    [
      'C /etc/issue\nC /etc/packaged - - - - /usr/share/factory/etc/issue',
      ['-0755 0:0 etc/issue "Hello\\n"'],
    ],
    [
      'C /etc/pam.d 0700',
      ['d0700 0:0 etc/pam.d', 'l etc/pam.d/link -> other', '-0755 0:0 etc/pam.d/other "auth\\n"'],
    ],
    ['z /etc/folder 0750 - app', ['d0750 0:300 etc/folder']],
    [
      'd %t/a\nd %S/b%%c\nf %h/d - - - - %C',
      ['-0644 0:0 root/d "/var/cache"', 'd0755 0:0 run/a', 'd0755 0:0 var/lib/b%c'],
    ],
    ['d "/run/a b"\nd /run/\\x63', ['d0755 0:0 run/a b', 'd0755 0:0 run/c']],
    ['d /run/a/b\nd /run/a 0700', ['d0700 0:0 run/a', 'd0755 0:0 run/a/b']],
    ['d /run/a 0700\nd /run/a 0711', ['d0700 0:0 run/a']],
    ['# d /run/a\n\n', []],
  ])('%j', async (text, files) => {
    const { made, missing } = await apply(text);
    expect(made).toEqual(files);
    expect(missing).toEqual([]);
  });

  it.each([
    ['d! /run/a', 'it is for the start of a machine'],
    ['r /run/a', 'it only cleans up'],
    ['x /tmp/*', 'it only cleans up'],
    ['d /dev/net', 'the kernel makes it'],
    ['f^ /etc/hosts - - - - network.hosts', 'it depends on the running machine'],
    ['d /var/%m', 'it depends on the running machine'],
    ['h /var - - - - +C', "attributes of files are the host's"],
    ['C /etc/none', '/usr/share/factory/etc/none is not in the image'],
    ['z /etc/none 0700', 'there is no such file in the image'],
  ])('that an image does not need are named: %s', async (text, why) => {
    const { made, missing, needless } = await apply(text);
    expect([made, missing]).toEqual([[], []]);
    expect(needless).toEqual([`${text} (${why})`]);
  });

  it.each([
    ['d /run/a 0755 nobody', 'the image has no user nobody'],
    ['d /run/a 0755 - nogroup', 'the image has no group nogroup'],
    ['d /etc/packaged', 'a packaged file is in its place'],
    ['f /etc/packaged 0600', 'files of packages keep mode and owner'],
    ['z /etc/packaged 0600', 'files of packages keep mode and owner'],
    ['z /etc/* 0600', ''],
    ['L /etc/a - - - - ../../x', 'it leads out of the root'],
    ['L+ /etc/folder - - - - x', 'a packaged file is in its place'],
    ['p /run/pipe', ''],
    ['w /etc/packaged - - - - text', ''],
    ['d relative', 'it cannot be read'],
    ['d /run/../etc', 'it cannot be read'],
    ['d /run/a 9999', 'it cannot be read'],
    ['dd /run/a', 'it cannot be read'],
    ['d "/run/a', 'it cannot be read'],
    [`d /${'a/'.repeat(100)}`, 'it cannot be read'],
  ])('that are not followed are named: %s', async (text, why) => {
    const { made, missing } = await apply(text);
    expect(made).toEqual([]);
    expect(missing).toHaveLength(1);
    expect(missing[0]?.endsWith(why === '' ? text : `(${why})`)).toBe(true);
  });

  it('count although the contents rules drop their file, but not where these leave their path out', async () => {
    const captured = { 'usr/lib/tmpfiles.d/app.conf': 'd /run/app\nd /var/cache/app' };
    const contents = { drop: ['usr/lib/tmpfiles.d/**', 'var/cache/**'], keep: [] };
    const { made, needless } = await follow([{ captured, contents }], TREE);
    expect(made).toEqual(['d0755 0:0 run/app']);
    expect(needless).toEqual(['d /var/cache/app (the contents rules leave it out)']);
  });

  it('come after what scripts make, and know the users that these add', async () => {
    const { made } = await follow(
      [
        {
          captured: { 'usr/lib/tmpfiles.d/app.conf': 'd /var/app 0750 app app\nf /var/app/x - - - - new' },
          scripts: {
            postinst: '#!/bin/sh\nadduser --system --group app\nmkdir /var/app\necho old > /var/app/x',
          },
        },
      ],
      TREE,
    );
    expect(made).toEqual(['d0750 100:100 var/app', '-0644 0:0 var/app/x "old\\n"']);
  });

  it('of a level above leave alone what a line of a level below made', async () => {
    const installation = await startInstallation();
    const line = (name: string, mode: string): ReturnType<typeof installedOf> =>
      installedOf({ name, captured: { [`usr/lib/tmpfiles.d/${name}.conf`]: `d /run/app ${mode}` } });
    expect(describeFiles(installation.install([line('b', '0700')], seenEntries(TREE)))).toEqual([
      'd0700 0:0 run/app',
    ]);
    const tree = seenEntries({ ...TREE, 'run/app': 'folder' });
    expect(installation.install([line('a', '0711')], tree)).toEqual([]);
  });
});

describeWith(
  'lines of any kind, and the real systemd-tmpfiles',
  { tools: ['systemd-tmpfiles'], unless: unlessRoot() },
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pith-tmpfiles-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const path = fc.constantFrom(
      '/etc/a',
      '/etc/a/b',
      '/etc/a/b/c',
      '/var/x',
      '/var/x/y',
      '/etc/folder',
      '/etc/folder/new',
      '/etc/link/new',
      '/etc/issue',
      '/run/r',
    );
    const attributes = fc
      .tuple(
        fc.constantFrom('-', '0700', '2755', '1777', '640'),
        fc.constantFrom('-', '7', 'root'),
        fc.constantFrom('-', '8', 'root'),
      )
      .map((words) => words.join(' '));
    const line = fc.oneof(
      fc.tuple(fc.constantFrom('d', 'd', 'D'), path, attributes).map((words) => words.join(' ')),
      fc
        .tuple(
          fc.constantFrom('f', 'f+'),
          path,
          attributes,
          fc.constantFrom('', 'text', 'two words', 'a\\tb'),
        )
        .map(([type, at, more, text]) => `${type} ${at} ${more} - ${text}`.trim()),
      fc.tuple(path, fc.constantFrom('/x', '../y', 'z')).map(([at, target]) => `L ${at} - - - - ${target}`),
      fc.constantFrom(
        'C /etc/issue',
        'C /etc/pam.d 0711',
        'C /var/copy - - - - /usr/share/factory/etc',
        'e /etc/folder 0711 7',
      ),
    );

    const walk = (root: string, at: string): string[] =>
      readdirSync(join(root, at)).flatMap((name) => {
        const own = `${at}/${name}`;
        return [own, ...(lstatSync(join(root, own)).isDirectory() ? walk(root, own) : [])];
      });
    const describeRoot = (root: string): string[] =>
      walk(root, '')
        .map((own) => {
          const full = join(root, own);
          const stat = lstatSync(full);
          if (stat.isSymbolicLink()) return `l ${own.slice(1)} -> ${readlinkSync(full)}`;
          const owner = `${(stat.mode & 0o7777).toString(8).padStart(4, '0')} ${stat.uid}:${stat.gid} ${own.slice(1)}`;
          return stat.isDirectory() ? `d${owner}` : `-${owner} ${JSON.stringify(readFileSync(full, 'utf8'))}`;
        })
        .sort();

    it('make the same files', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(line, { selector: (text) => text.split(' ')[1], minLength: 1, maxLength: 6 }),
          async (lines) => {
            const root = mkdtempSync(join(folder, 'root-'));
            const contents = new Map(Object.entries(FACTORY));
            for (const [own, what] of Object.entries(TREE)) {
              if (what === 'folder') mkdirSync(join(root, own), { recursive: true });
              else if (what.startsWith('-> ')) symlinkSync(what.slice(3), join(root, own));
              else {
                mkdirSync(join(root, own, '..'), { recursive: true });
                writeFileSync(join(root, own), contents.get(own) ?? '');
                chmodSync(join(root, own), 0o755);
              }
            }
            writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
            writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
            chmodSync(root, 0o755);
            const before = describeRoot(root);
            writeFileSync(join(folder, 'app.conf'), `${lines.join('\n')}\n`);
            // Files below folders of others are unsafe to it; a line that it refuses is no test of ours.
            const done = spawnSync(
              'systemd-tmpfiles',
              ['--create', '--root', root, join(folder, 'app.conf')],
              { encoding: 'utf8' },
            );
            fc.pre(done.stderr === '');
            const { made } = await apply(lines.join('\n'));
            const pathOf = (text: string): string =>
              / (\S+)(?: ->.*| ".*)?$/.exec(text.replace(/^\S+ (?=\d+:)/, ''))?.[1] ?? text;
            const after = new Map(before.map((text) => [pathOf(text), text]));
            for (const text of made) after.set(pathOf(text), text);
            const folders = describeRoot(root).filter(
              (text) => text.startsWith('d0755 0:0 ') && !after.has(pathOf(text)),
            );
            expect([...after.values(), ...folders].sort()).toEqual(describeRoot(root));
            rmSync(root, { recursive: true });
          },
        ),
        { numRuns: 60 },
      );
    });
  },
);
