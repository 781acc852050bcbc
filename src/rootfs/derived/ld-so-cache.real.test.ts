import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeElf } from '../../testing/elf.ts';
import { readConfiguration, readRoot } from '../../testing/root-files.ts';
import { describeWith, isInstalled } from '../../testing/tools.ts';
import { TreeLookup } from '../tree-lookup.ts';
import { encodeCache } from './ld-so-cache.ts';
import { readLibraryFolders } from './ld-so-conf.ts';
import { libraryAbi } from './library-abi.ts';
import { findLibraries, type SharedLibraries } from './shared-libraries.ts';

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const unlessAmd64 = arch() === 'x64' ? undefined : 'the ldconfig of the machine is not for amd64';

interface Comparison {
  readonly real: Buffer;
  readonly ours: Buffer;
  readonly found: SharedLibraries;
}

/** Lets a real ldconfig write the cache of a folder, and writes ours of the same files. */
function compare(root: string, architecture: string, ldconfig: readonly string[] = ['ldconfig']): Comparison {
  const abi = libraryAbi(architecture);
  if (!abi) throw new Error(`no ABI of ${architecture}`);
  const configured = readLibraryFolders(readConfiguration(root));
  const found = findLibraries(new TreeLookup(readRoot(root)), abi, configured);
  mkdirSync(join(root, 'etc'), { recursive: true });
  if (!existsSync(join(root, 'etc/ld.so.conf')))
    writeFileSync(join(root, 'etc/ld.so.conf'), 'include /etc/ld.so.conf.d/*.conf\n');
  const [program = '', ...words] = ldconfig;
  const done = spawnSync(program, [...words, '-r', root, '-C', '/etc/test.cache'], {
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`${program}: ${done.stderr}`);
  const real = readFileSync(join(root, 'etc/test.cache'));
  const generator = /ldconfig \([^\0]*$/.exec(real.toString('latin1'))?.[0] ?? '';
  return { real, ours: Buffer.from(encodeCache(found, abi.endianness, generator)), found };
}

describeWith(
  'the cache of made-up libraries, and that of ldconfig',
  { tools: ['ldconfig'], unless: unlessAmd64 },
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pith-ldconfig-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const place = fc.constantFrom(
      'lib/x86_64-linux-gnu',
      'usr/lib/x86_64-linux-gnu',
      'usr/lib',
      'opt/lib',
      'usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2',
      'usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3',
      'opt/lib/glibc-hwcaps/x86-64-v3',
      'usr/lib/other',
    );
    const stem = fc.constantFrom('liba', 'libb', 'liba1', 'ld-x', 'plugin');
    const suffix = fc.constantFrom('.so', '.so.1', '.so.1.2', '.so.10', '.so.9', '-2.so', '.so.1.10');
    const name = fc.tuple(stem, suffix).map((parts) => parts.join(''));
    const file = fc.record({
      path: fc.tuple(place, name).map((parts) => parts.join('/')),
      soname: fc.option(name, { nil: undefined }),
      isaNeeded: fc.constantFrom(undefined, 0, 1, 2, 5),
      type: fc.constantFrom(3, 3, 3, 3, 2),
      isStatic: fc.constantFrom(false, false, false, true),
    });
    const link = fc.record({ path: fc.tuple(place, name).map((parts) => parts.join('/')), to: fc.nat() });

    it('are the same bytes, and the same links are made', () => {
      fc.assert(
        fc.property(
          fc.array(file, { minLength: 1, maxLength: 14 }),
          fc.array(link, { maxLength: 8 }),
          fc.boolean(),
          fc.constantFrom(undefined, '/opt/lib\n', '/usr/lib/\n/opt/lib # two\n'),
          (files, links, isMerged, configuration) => {
            const root = mkdtempSync(join(folder, 'root-'));
            const put = (path: string, make: (full: string) => void): void => {
              const full = join(root, path);
              mkdirSync(dirname(full), { recursive: true });
              if (!lstatSync(full, { throwIfNoEntry: false })) make(full);
            };
            mkdirSync(join(root, 'usr/lib'), { recursive: true });
            if (isMerged) symlinkSync('usr/lib', join(root, 'lib'));
            for (const { path, soname, isaNeeded, ...rest } of files) {
              const bytes = makeElf({
                ...rest,
                // A folder of libraries of another kind: of one folder with two kinds, ldconfig's choice is by chance.
                // Before glibc 2.37 it gives i386 libraries that do not need libc a kind of their own, which means the same.
                ...(path.startsWith('opt/') ? { class: 32, machine: 3, needed: ['libc.so.6'] } : {}),
                ...(soname === undefined ? {} : { soname }),
                ...(isaNeeded === undefined ? {} : { isaNeeded }),
              });
              put(path, (full) => {
                writeFileSync(full, bytes);
              });
            }
            for (const { path, to } of links) {
              const target = files[to % files.length]?.path ?? '';
              if (target.startsWith('opt/') !== path.startsWith('opt/')) continue;
              put(path, (full) => {
                symlinkSync(`/${target}`, full);
              });
            }
            if (configuration !== undefined)
              put('etc/ld.so.conf.d/x.conf', (full) => {
                writeFileSync(full, configuration);
              });
            const before = readRoot(root);
            const { real, ours, found } = compare(root, 'amd64');
            expect(ours.toString('hex')).toBe(real.toString('hex'));
            const made = [...readRoot(root)]
              .filter(
                ([path, { file: now }]) =>
                  now.type === 'symlink' && before.get(path)?.file.linkName !== now.linkName,
              )
              .map(([path, { file: now }]) => `${path} → ${now.linkName}`);
            expect(found.links.map(({ path, target }) => `${path} → ${target}`).sort()).toEqual(made.sort());
            rmSync(root, { recursive: true });
          },
        ),
        { numRuns: 100 },
      );
    });

    it('is read by ldconfig -p, and find_library of Python finds libraries in it', () => {
      const library = (soname: string, kind = 0x303): SharedLibraries['libraries'][number] => ({
        ...{ name: soname, path: `/usr/lib/x86_64-linux-gnu/${soname}`, kind },
        ...{ hwcaps: undefined, isaLevel: 0, mtime: 0 },
      });
      const libraries = [library('libz.so.1'), library('libssl.so.3'), library('libssl.so.2', 0x3)];
      const v3 = { ...library('libz.so.1'), path: '/v3/libz.so.1.3', hwcaps: 'x86-64-v3', isaLevel: 2 };
      const cache = join(folder, 'printed');
      writeFileSync(cache, encodeCache({ libraries: [...libraries, v3], hwcaps: ['x86-64-v3'] }, 'little'));
      const printed = execFileSync('ldconfig', ['-p', '-C', cache], {
        env: { ...ENVIRONMENT, LC_ALL: 'C' },
        encoding: 'utf8',
      });
      expect(printed.split('\n').map((line) => line.trim())).toEqual([
        `4 libs found in cache \`${cache}'`,
        'libz.so.1 (libc6,x86-64, hwcap: "x86-64-v3") => /v3/libz.so.1.3',
        'libz.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libz.so.1',
        'libssl.so.3 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libssl.so.3',
        'libssl.so.2 (libc6) => /usr/lib/x86_64-linux-gnu/libssl.so.2',
        'Cache generated by: pith',
        '',
      ]);
      if (!isInstalled('python3')) return;
      const script = [
        'import subprocess, sys, ctypes.util',
        'popen = subprocess.Popen',
        'subprocess.Popen = lambda args, **more: popen([*args, "-C", sys.argv[1]], **more)',
        'print([ctypes.util._findSoname_ldconfig(name) for name in ("z", "ssl", "none")])',
      ].join('\n');
      const python = execFileSync('python3', ['-c', script, cache], { env: ENVIRONMENT, encoding: 'utf8' });
      expect(python.trim()).toBe("['libz.so.1', 'libssl.so.3', None]");
    });
  },
);

/** Programs that run the others' ldconfig, by Debian's name of the architecture; this machine's own needs none. */
const EMULATORS: Readonly<Record<string, string | undefined>> = {
  amd64: undefined,
  i386: undefined,
  arm64: 'qemu-aarch64-static',
  armhf: 'qemu-arm-static',
  ppc64el: 'qemu-ppc64le-static',
  riscv64: 'qemu-riscv64-static',
  s390x: 'qemu-s390x-static',
};
const PACKAGES = ['libc6', 'libc-bin', 'libstdc++6', 'libgcc-s1', 'zlib1g', 'libjemalloc2', 'libexpat1'];
/** Folders of packages (`NAME=FOLDER`, separated by commas; the name is an architecture); without it, apt downloads some. */
const given = Object.fromEntries(
  (process.env['PITH_TEST_DEBS'] ?? '')
    .split(',')
    .filter((each) => each !== '')
    .map((each) => each.split('=')),
) as Record<string, string>;

describe.each(Object.keys(given).length > 0 ? Object.entries(given) : [['amd64', '']])(
  'the cache of packages of %s',
  (architecture, packages) => {
    let folder = '';
    let debs = packages;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pith-ldconfig-'));
      if (debs !== '') return;
      debs = join(folder, 'debs');
      mkdirSync(debs);
      spawnSync(
        'apt-get',
        ['download', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=0', ...PACKAGES],
        { cwd: debs },
      );
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it.for([false, true])('is that of their own ldconfig, with /usr merged: %s', (isMerged, { skip }) => {
      const emulator = EMULATORS[architecture];
      const files = readdirSync(debs).filter((file) => file.endsWith('.deb'));
      if (architecture === 'amd64' && unlessAmd64 !== undefined) skip(unlessAmd64);
      if (!isInstalled('dpkg-deb') || (emulator !== undefined && !isInstalled(emulator)))
        skip(`dpkg-deb or ${emulator ?? ''} not installed`);
      if (files.length < PACKAGES.length) skip('apt-get could not download the packages');
      const root = join(folder, isMerged ? 'merged' : 'plain');
      mkdirSync(join(root, 'usr'), { recursive: true });
      for (const name of isMerged ? ['bin', 'sbin', 'lib', 'lib64'] : []) {
        mkdirSync(join(root, 'usr', name));
        symlinkSync(`usr/${name}`, join(root, name));
      }
      for (const file of files) {
        const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', join(debs, file)], { maxBuffer: 2 ** 30 });
        execFileSync('tar', ['-x', '--keep-directory-symlink', '-C', root], { input: tar });
      }
      rmSync(join(root, 'etc/ld.so.conf'), { force: true });
      const ldconfig =
        ['sbin/ldconfig', 'usr/sbin/ldconfig'].map((path) => join(root, path)).find(existsSync) ?? '';
      const { real, ours, found } = compare(root, architecture, [
        ...(emulator === undefined ? [] : [emulator]),
        ldconfig,
      ]);
      expect(found.libraries.length).toBeGreaterThan(10);
      expect(ours.toString('hex')).toBe(real.toString('hex'));
    });
  },
);
