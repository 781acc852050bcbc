import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDeb } from '../../distro/index.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';
import type { Group, User } from '../accounts.ts';
import { deriveMergedUsr } from '../derived/merged-usr.ts';
import { type ImageFile, writeFiles } from '../files.ts';
import { type ListedFile, SegmentWriter } from '../segment.ts';
import { FileTree } from '../tree.ts';
import { Installation, type InstalledPackage } from './installation.ts';
import { loadShellParser } from './parse-shell.ts';

/** Packages with alternatives, users of both kinds, tmpfiles.d, triggers, and scripts that do more than is followed. */
const PACKAGES = [
  ...['libopenblas0-pthread', 'libblas3', 'liblapack3', 'openjdk-21-jre-headless', 'python3-minimal'],
  ...['dbus', 'polkitd', 'cron', 'redis-server'],
];
const CONTENTS = { drop: [], keep: [] };

/** Where the machine's apt gets packages of Debian from; mmdebstrap's own choice if it does not say. */
function findMirror(): string[] {
  const asked = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian'];
  const { stdout } = spawnSync('apt-get', asked, { encoding: 'utf8' });
  const [mirror] = stdout.split('\n').filter((line) => line.endsWith('/debian/'));
  return mirror === undefined ? [] : [mirror];
}

async function readPackage(
  path: string,
): Promise<{ files: readonly ListedFile[]; installed: InstalledPackage; what: string }> {
  const { metadata, data } = await openDeb(path, path);
  const writer = new SegmentWriter(path, { contents: CONTENTS, mergeUsr: true, move: {} }, () => undefined);
  for await (const piece of data) writer.write(piece);
  const { files, captured, scripts, newest } = writer.finish(metadata);
  const control = Buffer.from(metadata.get('control') ?? '').toString();
  const [, name = ''] = /^Package: (.*)$/m.exec(control) ?? [];
  const [, architecture = ''] = /^Architecture: (.*)$/m.exec(control) ?? [];
  const own = files.filter((file) => !file.path.startsWith('var/lib/dpkg'));
  const installed = {
    ...{ name, architecture, newest, contents: CONTENTS, files: own },
    scripts: new Map(Object.entries(scripts)),
    captured: new Map(Object.entries(captured)),
  };
  return { files: own, installed, what: path };
}

/** Debian's own users and groups, which base-passwd adds by a program of its own. */
function readMasters(root: string): { users: User[]; groups: Group[] } {
  const read = (name: string): string[][] =>
    readFileSync(join(root, `usr/share/base-passwd/${name}.master`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':'));
  return {
    users: read('passwd').map(([name = '', , uid, gid, comment = '', home = '', shell = '']) => ({
      ...{ name, uid: Number(uid), gid: Number(gid), comment, home, shell, createHome: false },
    })),
    groups: read('group').map(([name = '', , gid]) => ({ name, gid: Number(gid), members: [] })),
  };
}

describeWith(
  'packages of Debian 13 in a chroot, where their scripts ran, and what is derived of them',
  {
    tools: ['mmdebstrap'],
    unless: unlessRoot() ?? (arch() === 'x64' ? undefined : 'the machine is not amd64'),
  },
  () => {
    let folder = '';
    let root = '';
    let installation: Installation;
    let made: ImageFile[] = [];
    let packaged = new FileTree();
    let failure: string | undefined;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'pith-chroot-'));
      root = join(folder, 'root');
      const debs = join(folder, 'debs');
      mkdirSync(debs);
      const { status, stderr } = spawnSync(
        'mmdebstrap',
        [
          ...['--quiet', '--variant=minbase', '--aptopt=APT::Install-Recommends "false"'],
          '--skip=cleanup/apt,cleanup/run,cleanup/reproducible,essential/unlink',
          `--customize-hook=cp "$1"/var/cache/apt/archives/*.deb "$1"/var/log/dpkg.log ${debs}`,
          ...[`--include=${PACKAGES.join(',')}`, 'trixie', root, ...findMirror()],
        ],
        { encoding: 'utf8' },
      );
      if (status !== 0) {
        failure = `mmdebstrap could not make the chroot: ${stderr.slice(-300)}`;
        return;
      }
      const files = readdirSync(debs).filter((file) => file.endsWith('.deb'));
      const packages = await Promise.all(files.map((file) => readPackage(join(debs, file))));
      packaged = new FileTree();
      for (const { files: listed, what } of packages) packaged.addPackage(listed, what);
      const links = writeFiles(deriveMergedUsr(packaged), packaged).listing;
      const log = readFileSync(join(debs, 'dpkg.log'), 'utf8');
      const order = [...log.matchAll(/ configure ([^ :]+):/g)].map(([, name = '']) => name);
      installation = new Installation('amd64', await loadShellParser());
      const { users, groups } = readMasters(root);
      installation.accounts.declare(users, groups);
      made = installation.install(
        packages
          .map(({ installed }) => installed)
          .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
        [...packaged.entries(), ...links.map((file) => [file.path, { file }] as const)],
      );
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const linesOf = (file: string): string[] =>
      readFileSync(join(root, 'etc', file), 'utf8')
        .trim()
        .split('\n');
    /** Numbers that systemd-sysusers allots depend on when dpkg calls it for which package. */
    const withoutAllotted = (line: string): string => line.replace(/:9[0-9]{2}(?=:)/g, ':system');

    it('have the same alternatives', ({ skip }) => {
      if (failure !== undefined) skip(failure);
      const names = readdirSync(join(root, 'etc/alternatives')).filter((name) => name !== 'README');
      const real = names.map((name) => `${name} -> ${readlinkSync(join(root, 'etc/alternatives', name))}`);
      const ours = made.filter(({ path }) => path.startsWith('etc/alternatives/'));
      expect(
        ours.map(({ path, target }) => `${path.slice('etc/alternatives/'.length)} -> ${target}`).sort(),
      ).toEqual(real.sort());
      expect(real).toContain('java -> /usr/lib/jvm/java-21-openjdk-amd64/bin/java');
      expect(real).toContain(
        'libblas.so.3-x86_64-linux-gnu -> /usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3',
      );
      const links = made.filter(({ target }) => target.startsWith('/etc/alternatives/'));
      expect(links.length).toBeGreaterThan(10);
      for (const { path, target } of links) expect(readlinkSync(join(root, path)), path).toBe(target);
    });

    it('have the same users and groups', ({ skip }) => {
      if (failure !== undefined) skip(failure);
      const { accounts } = installation;
      const users = accounts
        .users()
        .map(({ name, uid, gid, comment = '', home, shell }) =>
          [name, 'x', uid, gid, comment, home, shell].join(':'),
        );
      const groups = accounts
        .groups()
        .map(({ name, gid, members }) => [name, 'x', gid, members.join(',')].join(':'));
      expect(users.map(withoutAllotted).sort()).toEqual(linesOf('passwd').map(withoutAllotted).sort());
      expect(groups.map(withoutAllotted).sort()).toEqual(linesOf('group').map(withoutAllotted).sort());
      expect(users.join('\n')).toMatch(/^redis:x:100:/m);
      expect(users.join('\n')).toMatch(/^messagebus:x:9/m);
    });

    it('have the same files, with the same mode and owner, that no package brings', ({ skip }) => {
      if (failure !== undefined) skip(failure);
      const nameIn = (lines: readonly string[], id: number): string =>
        lines.map((line) => line.split(':')).find((fields) => Number(fields[2]) === id)?.[0] ?? String(id);
      const { accounts } = installation;
      const describeOurs = ({ path, kind, mode, uid, gid, target, content }: ImageFile): string => {
        if (kind === 'symlink') return `${path} -> ${target}`;
        const user = accounts.users().find((one) => one.uid === uid)?.name ?? String(uid);
        const group = accounts.groups().find((one) => one.gid === gid)?.name ?? String(gid);
        return `${path} ${kind} ${mode.toString(8)} ${user}:${group} ${Buffer.from(content).toString()}`;
      };
      const describeReal = (path: string): string => {
        const full = join(root, path);
        const stat = lstatSync(full, { throwIfNoEntry: false });
        if (!stat) return `${path} is not there`;
        if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(full)}`;
        const owner = `${nameIn(linesOf('passwd'), stat.uid)}:${nameIn(linesOf('group'), stat.gid)}`;
        const content = stat.isFile() ? readFileSync(full, 'utf8') : '';
        return `${path} ${stat.isFile() ? 'file' : 'directory'} ${(stat.mode & 0o7777).toString(8)} ${owner} ${content}`;
      };
      // Logs are written to, the machine's ID goes when a chroot is finished, and one line waits for the first start.
      const isLeftOut = (path: string): boolean =>
        /^var\/log\/|^var\/lib\/dbus\/machine-id$|^run\/setrans$/.test(path);
      const compared = made.filter(({ path }) => !isLeftOut(path));
      expect(compared.length).toBeGreaterThan(60);
      expect(compared.map(describeOurs).sort()).toEqual(
        compared.map(({ path }) => describeReal(path)).sort(),
      );
      const paths = compared.map(({ path }) => path);
      for (const path of [
        'etc/.java/.systemPrefs/.system.lock',
        'usr/local/lib/python3.13/dist-packages',
        'var/run',
        'var/mail',
      ])
        expect(paths).toContain(path);
    });

    it('do more than that, which is named', ({ skip }) => {
      if (failure !== undefined) skip(failure);
      const rows = installation.effects.map(
        (effect) => `${effect.package} ${effect.isNeedless ? 'needless' : 'missing'} ${effect.command}`,
      );
      for (const row of [
        'libc6 needless activate ldconfig',
        'dbus missing dpkg-statoverride --update --add root messagebus 4754 /usr/lib/dbus-1.0/dbus-daemon-launch-helper',
        'polkitd needless systemd-sysusers',
        'redis-server needless update-rc.d',
      ])
        expect(rows).toContain(row);
      expect(rows.filter((row) => row.includes('cannot be read'))).toEqual([]);
    });
  },
);
