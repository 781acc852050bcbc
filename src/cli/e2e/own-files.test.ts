import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { chmod, cp, link, mkdir, rm, symlink, truncate, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUTHORITY } from '../../testing/authority.ts';
import type { CliResult } from '../../testing/cli.ts';
import { makeElf } from '../../testing/elf.ts';
import { expectHarmless } from '../../testing/failure.ts';
import { type ImageFile, openImage, readImageFiles } from '../../testing/image-files.ts';
import { readKeystore } from '../../testing/java-keystore.ts';
import { createSandbox, digestIn, packageOf, type Sandbox } from '../../testing/sandbox.ts';

const JRE = packageOf('jre', [
  { path: 'usr/lib/jvm/java/lib/security/cacerts', type: 'symlink', linkName: '/etc/ssl/certs/java/cacerts' },
]);
const BASE = packageOf('base', [
  { path: 'usr/lib', type: 'directory' },
  { path: 'lib', type: 'symlink', linkName: 'usr/lib' },
  { path: 'etc', type: 'directory', mode: 0o700 },
  { path: 'usr/share/ca-certificates/mozilla/Root.crt', content: AUTHORITY },
]);

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox({ packages: [BASE, JRE] });
});
afterEach(() => sandbox.close());

/** Writes a definition with these files, a line each. */
async function define(files: readonly string[], packages = '[base]'): Promise<void> {
  const list = files.map((file) => `  - ${file}\n`).join('');
  await sandbox.write(
    'pith.yaml',
    `name: app
suites: [{archive: debian, suite: trixie}]
platforms: [linux/amd64]
packages: ${packages}
users: [{name: app, uid: 1000, home: /home/app}]
files:
${list}`,
  );
}

async function build(more: readonly string[] = []): Promise<string> {
  return digestIn(await sandbox.build(['--json', ...more]));
}

async function filesOf(name = 'images'): Promise<Map<string, ImageFile>> {
  return readImageFiles(await openImage(sandbox.path(name), 'app:latest'));
}

/** `type mode owner time`, and the target of a link. */
function facts(files: ReadonlyMap<string, ImageFile>, path: string): string {
  const file = files.get(path);
  if (!file) return 'absent';
  const { type, mode, uid, gid, mtime, linkName } = file;
  return `${type} ${mode.toString(8)} ${uid}:${gid} ${mtime}${linkName === '' ? '' : ` ${linkName}`}`;
}

async function writeFolder(): Promise<void> {
  await sandbox.write('conf/app.conf', 'level=info\n');
  await sandbox.write('conf/bin/run', '#!/bin/app\n');
  await chmod(sandbox.path('conf/bin/run'), 0o700);
  await link(sandbox.path('conf/app.conf'), sandbox.path('conf/bin/zz'));
  await symlink('../app.conf', sandbox.path('conf/bin/link'));
  await mkdir(sandbox.path('conf/empty'));
  await sandbox.write('conf/.git/config', 'a secret');
}

describe('a folder of the disk', () => {
  it('is in the image, whole, with links, modes and owner', async () => {
    await writeFolder();
    await define([
      '{from: ./conf, to: /etc/app, ignore: [.git]}',
      '{from: ./conf, to: /srv, ignore: [.git], owner: app, mode: "0640", time: "2026-01-31T00:00:00Z"}',
    ]);
    await build();
    const files = await filesOf();
    expect(facts(files, 'etc')).toBe('directory 700 0:0 1700000000');
    expect(facts(files, 'etc/app')).toBe('directory 755 0:0 0');
    expect(facts(files, 'etc/app/empty')).toBe('directory 755 0:0 0');
    expect(facts(files, 'etc/app/app.conf')).toBe('file 644 0:0 0');
    expect(facts(files, 'etc/app/bin/run')).toBe('file 755 0:0 0');
    expect(facts(files, 'etc/app/bin/link')).toBe('symlink 777 0:0 0 ../app.conf');
    expect(files.get('etc/app/bin/zz')).toBe(files.get('etc/app/app.conf'));
    expect(files.get('etc/app/app.conf')?.content.toString()).toBe('level=info\n');
    expect([...files.keys()].filter((path) => path.includes('.git'))).toEqual([]);
    const time = Date.UTC(2026, 0, 31) / 1000;
    expect(facts(files, 'srv')).toBe(`directory 750 1000:1000 ${time}`);
    expect(facts(files, 'srv/bin/run')).toBe(`file 640 1000:1000 ${time}`);
    expect(facts(files, 'srv/bin/link')).toBe(`symlink 777 1000:1000 ${time} ../app.conf`);
  });

  it('is the same on another machine: in another folder, with other times and masks', async () => {
    await writeFolder();
    await define(['{from: ./conf, to: /etc/app}']);
    const digest = await build();
    await cp(sandbox.path('conf'), sandbox.path('other/conf'), { recursive: true, verbatimSymlinks: true });
    await rm(sandbox.path('other/conf/bin/zz'));
    await link(sandbox.path('other/conf/app.conf'), sandbox.path('other/conf/bin/zz'));
    execFileSync('chmod', ['-R', 'g=,o=', sandbox.path('other/conf')]);
    await utimes(sandbox.path('other/conf/app.conf'), 1, 1);
    await cp(sandbox.path('pith.yaml'), sandbox.path('other/pith.yaml'));
    const args = ['build', './other/pith.yaml', '--platform', 'linux/amd64', '--json', '-o', 'oci:others'];
    const again = await sandbox.run([...args, ...sandbox.flags(sandbox.path('cache-2'))]);
    expect(digestIn(again)).toBe(digest);
  });

  it('is another image when something in it changes, and none that is made again when nothing does', async () => {
    await writeFolder();
    await define(['{from: ./conf, to: /etc/app}']);
    const digest = await build();
    await utimes(sandbox.path('conf/app.conf'), 5, 5);
    expect(await build()).toBe(digest);
    await sandbox.write('conf/app.conf', 'level=warn\n');
    const changed = await build();
    expect(changed).not.toBe(digest);
    await define(['{from: ./conf, to: /etc/app, time: source}']);
    const dated = await build();
    await utimes(sandbox.path('conf/app.conf'), 6, 6);
    expect(await build()).not.toBe(dated);
  });

  it('gives way to what stands behind it, and takes the place of what stands before', async () => {
    await writeFolder();
    await define([
      '{to: /etc/app/app.conf, content: first}',
      '{from: ./conf, to: /etc/app}',
      '{to: /etc/app/bin/run, content: last, mode: "0555"}',
    ]);
    await build();
    const files = await filesOf();
    expect(files.get('etc/app/app.conf')?.content.toString()).toBe('level=info\n');
    expect(files.get('etc/app/bin/run')?.content.toString()).toBe('last');
    expect(facts(files, 'etc/app/bin/run')).toBe('file 555 0:0 0');
    const { stdout } = await sandbox.run(['show', './pith.yaml', ...sandbox.flags()]);
    expect(stdout).toMatch(/\/etc\/app\/app\.conf +\.\/conf\/app\.conf of the definition app$/m);
  });

  it('stays in the place of what is derived, also below another level', async () => {
    await define([
      '{to: /etc/passwd, content: "me:x:7:7::/:/x\\n"}',
      '{to: /home/app, folder: true, mode: "0755", owner: app}',
    ]);
    const below = readFileSync(sandbox.path('pith.yaml'), 'utf8');
    await sandbox.write('base.yaml', below.replace('name: app', 'name: base'));
    const above = 'name: app\nextends: ./base.yaml\nuser: me\nfiles: [{to: /etc/x, content: x}]\n';
    await sandbox.write('pith.yaml', above);
    await build();
    const files = await filesOf();
    expect(files.get('etc/passwd')?.content.toString()).toBe('me:x:7:7::/:/x\n');
    expect(facts(files, 'home/app')).toBe('directory 755 1000:1000 0');
  });

  it('with libraries is known to the loader, and what these lack is said', async () => {
    const needed = ['libnowhere.so.2', 'libelsewhere.so.3'];
    await sandbox.write('lib/libown.so.1', makeElf({ soname: 'libown.so.1', needed }));
    await sandbox.write('lib/own/libelsewhere.so.3', makeElf({ soname: 'libelsewhere.so.3' }));
    await define(['{from: ./lib, to: /usr/lib}']);
    for (const [what, run] of [
      ['at first', () => sandbox.build()],
      ['when nothing has changed', () => sandbox.build()],
      ['by show', () => sandbox.run(['show', '--platform', 'linux/amd64', ...sandbox.flags()])],
    ] as const) {
      const { stderr } = await run();
      expect(stderr, what).toContain(
        '/usr/lib/libown.so.1 needs libnowhere.so.2, which is not in the image\n',
      );
      expect(stderr, what).toContain(
        '/usr/lib/libown.so.1 needs libelsewhere.so.3, which is at /usr/lib/own/libelsewhere.so.3, where the loader does not look for it\n',
      );
    }
    expect((await filesOf()).get('etc/ld.so.cache')?.content.toString('latin1')).toContain(
      '/lib/libown.so.1',
    );
  });

  it.each([
    ['a file of the disk', '{from: ./own.conf, to: /etc/ld.so.conf.d/}'],
    ['a text', '{to: /etc/ld.so.conf.d/own.conf, content: "/opt/own/lib\\n"}'],
    ['a text in place of the main file', '{to: /etc/ld.so.conf, content: "/opt/own/lib"}'],
  ])('with libraries in a folder of their own: the loader knows them by %s', async (_, file) => {
    await sandbox.write('lib/libown.so.1', makeElf({ soname: 'libown.so.1' }));
    await sandbox.write('own.conf', '/opt/own/lib\n');
    await define(['{from: ./lib, to: /opt/own/lib}']);
    await sandbox.build();
    expect((await filesOf()).has('etc/ld.so.cache')).toBe(false);
    await sandbox.write('more.yaml', `name: more\nextends: ./pith.yaml\nfiles:\n  - ${file}\n`);
    await sandbox.build(['more.yaml']);
    const files = await readImageFiles(await openImage(sandbox.path('images'), 'more:latest'));
    expect(files.get('etc/ld.so.cache')?.content.toString('latin1')).toContain('/opt/own/lib/libown.so.1');
  });

  it('of 20,000 files is built', async () => {
    for (let folder = 0; folder < 200; folder++) {
      await mkdir(sandbox.path(`many/${folder}`), { recursive: true });
      for (let file = 0; file < 100; file++)
        appendFileSync(sandbox.path(`many/${folder}/${file}.js`), `module.exports = ${folder * file};\n`);
    }
    await define(['{from: ./many, to: /srv}']);
    const digest = await build();
    const files = await filesOf();
    expect([...files.keys()].filter((path) => /^srv\/\d+\/\d+\.js$/.test(path))).toHaveLength(20_000);
    expect(files.get('srv/199/99.js')?.content.toString()).toBe(`module.exports = ${199 * 99};\n`);
    expect(await build()).toBe(digest);
  });

  it('with one large file takes no more memory than without', async () => {
    const peakOf = async (): Promise<number> => {
      const { child, result } = sandbox.start();
      let peak = 0;
      const timer = setInterval(() => {
        peak = Math.max(peak, peakMemory(child.pid ?? 0));
      }, 10);
      expect(await result).toMatchObject({ code: 0 });
      clearInterval(timer);
      return peak;
    };
    const size = 300 << 20;
    await sandbox.write('large/disk', 'x');
    await define(['{from: ./large, to: /srv}']);
    const small = await peakOf();
    await truncate(sandbox.path('large/disk'), size);
    const large = await peakOf();
    expect(small).toBeGreaterThan(10 << 20);
    expect(large).toBeLessThan(small + (160 << 20));
    expect((await filesOf()).get('srv/disk')?.size).toBe(size);
  });
});

/** The most memory that a process has had, in bytes; 0 once it is gone. */
function peakMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

describe('own certificates', () => {
  it('are in the CA bundle behind those of the packages, and in the keystore of Java', async () => {
    await sandbox.write('ca/team.pem', AUTHORITY);
    await define(['{from: ./ca/team.pem, certificate: true}'], '[base, jre]');
    await build();
    const files = await filesOf();
    const own = files.get('usr/local/share/ca-certificates/team.crt');
    expect(own?.content.toString()).toBe(AUTHORITY);
    expect(files.get('etc/ssl/certs/ca-certificates.crt')?.content.toString()).toBe(AUTHORITY + AUTHORITY);
    const keystore = files.get('etc/ssl/certs/java/cacerts')?.content ?? Buffer.alloc(0);
    expect(readKeystore(keystore, 'changeit').map(({ alias }) => alias)).toEqual([
      'debian:root.pem',
      'debian:team.pem',
    ]);
  });

  it('of all that an image extends are in its bundle', async () => {
    await define([`{content: ${JSON.stringify(AUTHORITY)}, to: /etc/below.crt, certificate: true}`]);
    await sandbox.write('above/ca.crt', AUTHORITY);
    await sandbox.write(
      'above/pith.yaml',
      'name: above\nextends: ../pith.yaml\nfiles: [{from: ca.crt, certificate: true}]\n',
    );
    const args = ['build', './above/pith.yaml', '--platform', 'linux/amd64', '-o', 'oci:images'];
    expect(await sandbox.run([...args, ...sandbox.flags()])).toMatchObject({ code: 0 });
    const files = await readImageFiles(await openImage(sandbox.path('images'), 'above:latest'));
    expect(files.get('etc/ssl/certs/ca-certificates.crt')?.content.toString()).toBe(AUTHORITY.repeat(3));
  });
});

describe("a CA bundle of one's own", () => {
  it('stays in the place of what is derived, also below another level', async () => {
    await define(['{to: /etc/ssl/certs/ca-certificates.crt, content: "own\\n"}'], '[base]');
    const below = readFileSync(sandbox.path('pith.yaml'), 'utf8');
    await sandbox.write('base.yaml', below.replace('name: app', 'name: base'));
    const above = 'name: app\nextends: ./base.yaml\nfiles: [{to: /etc/x, content: x}]\n';
    await sandbox.write('pith.yaml', above);
    await build();
    const bundle = (await filesOf()).get('etc/ssl/certs/ca-certificates.crt');
    expect(bundle?.content.toString()).toBe('own\n');
  });
});

describe('files that cannot be taken', () => {
  it.each<[string, string, () => Promise<unknown>, RegExp, RegExp]>([
    [
      'are missing',
      '{from: ./cnof, to: /x}',
      () => writeFolder(),
      /there is no file or folder \.\/cnof/,
      /conf\?/,
    ],
    [
      'lie outside the project',
      '{from: ../conf, to: /x}',
      () => Promise.resolve(),
      /\.\.\/conf lies outside the project/,
      /copy them there/,
    ],
    [
      'lie outside by a link',
      '{from: ./out, to: /x}',
      () => symlink('/etc', sandbox.path('out')),
      /\.\/out leads outside the project .*, to \/etc/,
      /link/,
    ],
    [
      'hold a link out of the image',
      '{from: ./conf, to: /x}',
      () => mkdir(sandbox.path('conf')).then(() => symlink('../../y', sandbox.path('conf/l'))),
      /\.\/conf\/l is a link out of the image's root/,
      /ignore/,
    ],
    [
      'hold a named pipe',
      '{from: ./conf, to: /x}',
      async () => {
        await mkdir(sandbox.path('conf'));
        execFileSync('mkfifo', [sandbox.path('conf/pipe')]);
      },
      /\.\/conf\/pipe is a named pipe, which images do not hold/,
      /ignore/,
    ],
    [
      'would lie below a link',
      '{from: ./conf, to: /lib/x}',
      () => writeFolder(),
      /\/lib\/x .* lies below \/lib .*, which is no folder/,
      /path that it leads to/,
    ],
    [
      'would replace a folder',
      '{from: ./conf/app.conf, to: /usr}',
      () => writeFolder(),
      /\/usr .* would replace a folder that holds \/usr\/lib/,
      /slash at its end/,
    ],
    [
      'are a folder in the place of a link',
      '{from: ./conf, to: /lib}',
      () => writeFolder(),
      /the folder \/lib cannot be put into the image: there, it is a link to usr\/lib/,
      /leads to/,
    ],
    [
      'belong to nobody',
      '{from: ./conf, to: /x, owner: nobody}',
      () => writeFolder(),
      /belongs to nobody, but there is no such user/,
      /The users are app/,
    ],
    [
      'are no certificate',
      '{from: ./conf/app.conf, certificate: true}',
      () => writeFolder(),
      /\.\/conf\/app\.conf is not a certificate/,
      /X\.509/,
    ],
  ])('because they %s', async (_what, file, prepare, message, hint) => {
    await define([file]);
    await prepare();
    await expectHarmless(sandbox, () => sandbox.build(), { code: 'DEFINITION_INVALID', message, hint });
  });

  it('because they are a socket', async () => {
    await mkdir(sandbox.path('run'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(sandbox.path('run/socket'), resolve));
    await define(['{from: ./run, to: /run}']);
    await expectHarmless(sandbox, () => sandbox.build(), {
      code: 'DEFINITION_INVALID',
      message: /\.\/run\/socket is a socket/,
      hint: /ignore/,
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it('because they change all the time', async () => {
    await sandbox.write('log/app.log', 'x');
    await truncate(sandbox.path('log/app.log'), 200 << 20);
    await define(['{from: ./log, to: /log}']);
    const { result } = sandbox.start();
    const timer = setInterval(() => {
      appendFileSync(sandbox.path('log/app.log'), 'line\n');
    }, 1);
    const ended: CliResult = await result;
    clearInterval(timer);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/\.\/log\/app\.log changed while it was read/);
    expect(ended.stderr).toMatch(/hint: Run the command again when nothing writes it/);
  });
});
