import { describe, expect, it } from 'vitest';
import {
  follow,
  followScript,
  installedOf,
  seenEntries,
  startInstallation,
} from '../../../testing/installation.ts';

const TREE = {
  etc: 'folder',
  'etc/packaged': 'file',
  'etc/folder': 'folder',
  'etc/folder/inner': 'folder',
  'etc/folder/file': 'file',
  'etc/link': '-> folder',
  'var/lib': 'folder',
  'var/run': 'folder',
  run: 'folder',
  tmp: 'folder',
  bin: '-> usr/bin',
  'usr/bin': 'folder',
};

describe('files that scripts make', () => {
  it.each([
    ['mkdir -p /etc/a/b /var/lib/c', ['d0755 0:0 etc/a', 'd0755 0:0 etc/a/b', 'd0755 0:0 var/lib/c']],
    ['mkdir -m 2750 /etc/a', ['d2750 0:0 etc/a']],
    ['umask 027; mkdir -p /etc/a; touch /etc/b', ['d0750 0:0 etc/a', '-0640 0:0 etc/b ""']],
    ['mkdir /etc/link/a', ['d0755 0:0 etc/folder/a']],
    ['cd /etc/folder && mkdir a ../b', ['d0755 0:0 etc/b', 'd0755 0:0 etc/folder/a']],
    ['mkdir /none/a || mkdir /etc/folder || mkdir -p /etc/packaged || mkdir -p /etc/folder', []],
    ['install -d -m 1777 -o 5 -g 6 /etc/a/b', ['d0755 0:0 etc/a', 'd1777 5:6 etc/a/b']],
    ['install -d -m 700 /etc/folder', ['d0700 0:0 etc/folder']],
    ['install -m 600 /dev/null /etc/a', ['-0600 0:0 etc/a ""']],
    ['touch /etc/packaged /etc/a', ['-0644 0:0 etc/a ""']],
    ['touch -c /etc/a', []],
    ['echo a > /etc/a; echo b >> /etc/a; chmod u=rw,go= /etc/a', ['-0600 0:0 etc/a "a\\nb\\n"']],
    ['printf "%s=%d\\n" x 1 > /etc/packaged', ['-0755 0:0 etc/packaged "x=1\\n"']],
    [': > /etc/a; > /etc/b', ['-0644 0:0 etc/a ""', '-0644 0:0 etc/b ""']],
    ['cat > /etc/a <<EOF\n$1\nEOF', ['-0644 0:0 etc/a "configure\\n"']],
    ['ln -s ../x /etc/a; ln -sf y /etc/a', ['l etc/a -> y']],
    ['ln -s x /etc/packaged || ln -s x /etc/link/packaged', ['l etc/folder/packaged -> x']],
    ['ln -s ../x /etc/folder', ['l etc/folder/x -> ../x']],
    ['ln -snf other /etc/link', ['l etc/link -> other']],
    ['ln -sf x /etc/link', ['l etc/folder/x -> x']],
    ['rmdir /var/run; ln -s /run /var/run; mkdir /var/run/app', ['d0755 0:0 run/app', 'l var/run -> /run']],
    ['touch /etc/a; mv /etc/a /etc/b; cp -p /etc/b /etc/c; rm /etc/b', ['-0644 0:0 etc/c ""']],
    ['touch /etc/a; mv /etc/a /etc/folder', ['-0644 0:0 etc/folder/a ""']],
    ['mkdir /etc/a; chmod g+ws,o-rx /etc/a; chown 7:8 /etc/a', ['d2770 7:8 etc/a']],
    ['chown -R 5 /etc/folder/inner; chgrp 6 /etc/folder/inner', ['d0755 5:6 etc/folder/inner']],
    ['chmod 755 /etc/folder; chown root:root /etc/packaged', []],
    ['x=$(mktemp); echo a > $x; mv $x /etc/a; mktemp -d; touch /tmp/b', ['-0644 0:0 etc/a "a\\n"']],
    ['dpkg-statoverride --update --add root root 0700 /etc/folder', ['d0700 0:0 etc/folder']],
    ['dpkg-statoverride --list /etc/folder || mkdir /etc/a', ['d0755 0:0 etc/a']],
  ])('%s', async (script, files) => {
    const { made, missing } = await followScript(script, TREE);
    expect(made).toEqual(files);
    expect(missing).toEqual([]);
  });

  it('have the newest time of the package, and say where they come from', async () => {
    const installation = await startInstallation();
    const made = installation.install(
      [installedOf({ newest: 77, scripts: { preinst: 'mkdir /etc/a', postinst: 'chmod 700 /etc/folder' } })],
      seenEntries(TREE),
    );
    expect(made.map(({ path, mtime, origin }) => [path, mtime, origin])).toEqual([
      ['etc/a', 77, 'preinst of app'],
      ['etc/folder', 7, 'postinst of app'],
    ]);
  });

  it.each([
    ['cp /etc/packaged /etc/a', 'the content of a packaged file would be needed'],
    ['chmod u+s /etc/packaged', 'files of packages keep mode and owner'],
    ['chown -R 5 /etc/folder', 'files of packages keep mode and owner'],
    ['echo more >> /etc/packaged', ''],
    ['rm /etc/packaged', 'packaged files stay'],
    ['mv /etc/packaged /etc/a', 'it would move what a package brings'],
    ['dpkg-divert --add --rename --divert /etc/b /etc/packaged', 'a packaged file would be moved'],
    ['ln -s ../../../x /etc/a', 'it leads out of the root'],
    ['ln /etc/packaged /etc/a', ''],
    ['mkdir --unknown /etc/a', ''],
    ['mkdir $(ask)', ''],
    ['chmod bad /etc/folder', ''],
  ])('are not made by %s, which is reported', async (script, why) => {
    const { made, missing } = await followScript(script, TREE);
    expect(made.filter((line) => !line.includes('etc/folder'))).toEqual([]);
    expect(missing.at(-1)).toBe(why === '' ? missing.at(-1) : `${script} (${why})`);
    expect(missing).not.toEqual([]);
  });

  it('are not made where they should belong to somebody who is not in the image', async () => {
    const { made, missing } = await followScript(
      'mkdir /etc/a; chown app:app /etc/a; chmod 700 /etc/a\ntouch /etc/b; chgrp mail /etc/b\ninstall -d -o app /etc/c\nmkdir /etc/d',
      TREE,
    );
    expect(made).toEqual(['d0755 0:0 etc/d']);
    expect(missing).toEqual([
      'chown app:app /etc/a (the image has no user app)',
      'chgrp mail /etc/b (the image has no group mail)',
      'install -d -o app /etc/c (the image has no user app)',
    ]);
  });

  it('that lay in the image and are taken away stay, which is said', async () => {
    const { made, missing } = await followScript('rmdir /etc/folder/inner', TREE);
    expect(made).toEqual([]);
    expect(missing).toEqual(['rm /etc/folder/inner (what lies in layers below stays)']);
  });

  it('are not made where the contents rules of the package leave them out', async () => {
    const scripts = {
      postinst: '#!/bin/sh\nmkdir -p /etc/a /var/lib/b\ncp /etc/packaged /var/lib/c\necho x > /var/lib/d',
    };
    const contents = { drop: ['var/**'], keep: ['var/lib/keep'] };
    const { made, missing, needless } = await follow([{ scripts, contents }], TREE);
    expect(made).toEqual(['d0755 0:0 etc/a']);
    expect(missing).toEqual([]);
    expect(needless).toEqual([
      'mkdir -p /etc/a /var/lib/b (the contents rules leave it out)',
      'cp /etc/packaged /var/lib/c (the contents rules leave it out)',
      'echo x > /var/lib/d (the contents rules leave it out)',
    ]);
  });
});

describe('update-alternatives --query', () => {
  const install = (path: string, priority: number, more = ''): string =>
    `update-alternatives --install /etc/x x /etc/${path} ${priority}${more}\n`;

  it('answers in the form that update-alternatives(1) describes', async () => {
    const script =
      install('packaged', 5, ' --slave /etc/y y /etc/folder/y') +
      install('folder/packaged', 7) +
      'update-alternatives --query x > /etc/a';
    const tree = { ...TREE, 'etc/folder/packaged': 'file' };
    const { made } = await followScript(script, tree);
    const answer = `Name: x
Link: /etc/x
Slaves:
 y /etc/y
Status: auto
Best: /etc/folder/packaged
Value: /etc/folder/packaged

Alternative: /etc/folder/packaged
Priority: 7
Slaves:

Alternative: /etc/packaged
Priority: 5
Slaves:
 y /etc/folder/y
`;
    expect(made).toContain(`-0644 0:0 etc/a ${JSON.stringify(answer)}`);
  });

  it.each([
    ['/etc/packaged', []],
    ['/etc/other.cnf', ['d0755 0:0 etc/a']],
  ])('tells a script that looks for %s what it needs to know', async (path, files) => {
    const query = `update-alternatives --query x | grep --quiet "Value: ${path}"`;
    const { made, missing } = await followScript(
      `${install('packaged', 5)}if ! ${query}; then mkdir /etc/a; fi`,
      TREE,
    );
    expect(made.filter((line) => line.endsWith('etc/a'))).toEqual(files);
    expect(missing).toEqual([]);
  });
});

describe('users and groups that scripts add', () => {
  const lines = async (script: string): Promise<string[]> => {
    const { installation } = await followScript(script, TREE);
    const { accounts } = installation;
    return [
      ...accounts
        .users()
        .map(({ name, uid, gid, comment = '', home, shell }) =>
          [name, uid, gid, comment, home, shell].join(':'),
        ),
      ...accounts.groups().map(({ name, gid, members }) => [name, gid, members.join(',')].join(':')),
    ].filter((line) => !line.startsWith('root:'));
  };

  it.each([
    [
      'adduser --system --group --quiet --home /var/lib/app --no-create-home --gecos "App, it" app',
      ['app:100:100:App, it:/var/lib/app:/usr/sbin/nologin', 'app:100:'],
    ],
    ['adduser --system app', ['app:100:65534::/nonexistent:/usr/sbin/nologin']],
    [
      'addgroup --system app; adduser --system --ingroup app --shell /bin/false app; adduser --system other',
      ['app:100:100::/nonexistent:/bin/false', 'other:101:65534::/nonexistent:/usr/sbin/nologin', 'app:100:'],
    ],
    [
      'addgroup --system --gid 300 app; groupadd -r other; groupadd --system -f other',
      ['app:300:', 'other:299:'],
    ],
    [
      'adduser --system --group app; addgroup --system more; adduser app more; usermod -a -G root app; gpasswd -a app more',
      ['app:100:100::/nonexistent:/usr/sbin/nologin', 'app:100:', 'more:101:app'],
    ],
    [
      'useradd -r a; addgroup --system --gid 101 c; useradd -r -m -d /var/lib/b b; groupadd -r d',
      ['a:999:999::/home/a:/bin/sh', 'b:998:998::/var/lib/b:/bin/sh', 'a:999:', 'c:101:', 'b:998:', 'd:997:'],
    ],
    [
      'useradd --system --home-dir /var/lib/app --shell /usr/sbin/nologin --comment App app',
      ['app:999:999:App:/var/lib/app:/usr/sbin/nologin', 'app:999:'],
    ],
    [
      'groupadd -r app; useradd -r -g app -M -d / app; usermod -d /var/lib/app app',
      ['app:999:999::/var/lib/app:/bin/sh', 'app:999:'],
    ],
    [
      'getent passwd app || adduser --system app; getent passwd app && adduser --system again',
      ['app:100:65534::/nonexistent:/usr/sbin/nologin', 'again:101:65534::/nonexistent:/usr/sbin/nologin'],
    ],
  ])('%s', async (script, accounts) => {
    expect(await lines(script)).toEqual(accounts);
  });

  it('own the folders that are made for them', async () => {
    const { made } = await followScript(
      'adduser --system --group --home /var/lib/app app\nmkdir /etc/a\nchown app: /etc/a\ninstall -d -o app -g root -m 750 /etc/b',
      TREE,
    );
    expect(made).toEqual(['d0755 100:100 etc/a', 'd0750 100:0 etc/b', 'd0755 100:100 var/lib/app']);
  });

  it.each([
    'adduser person',
    'adduser --system "bad:name"',
    'adduser --system --home "/x:0:0" app',
    'useradd person',
    'adduser app nobody',
    'usermod -a -G none root',
    'adduser --system --ingroup none app',
  ])('are not added by %s, which is reported', async (script) => {
    expect(await lines(script)).toEqual([]);
    expect((await followScript(script, TREE)).missing).toHaveLength(1);
  });
});
