import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Image } from '../../oci/index.ts';
import { pithBuild, temporaryFolder } from '../../testing/commands.ts';
import { openImage, readImageFiles, type ImageFile } from '../../testing/image-files.ts';

/** What the structure tests of the images that these replace look at, and the rest of what users rely on. */

const CATALOGUE = fileURLToPath(new URL('../../../catalogue/', import.meta.url));
const NAMES = readdirSync(CATALOGUE)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => parse(readFileSync(`${CATALOGUE}${file}`, 'utf8')) as { name: string; abstract?: boolean })
  .flatMap(({ name, abstract }) => (abstract ? [] : [name]));
const VARIANTS = ['latest', 'nonroot', 'debug', 'debug-nonroot'] as const;
const TAGS = NAMES.flatMap((name) => VARIANTS.map((variant) => [name, variant] as const));

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;
const GROUP = 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n';
const RELEASES: Readonly<Record<string, string>> = { debian12: '12 (bookworm)', debian13: '13 (trixie)' };
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'static-debian12': ['base-files', 'netbase', 'tzdata', 'media-types'],
  'static-debian13': ['base-files', 'netbase', 'tzdata', 'tzdata-legacy', 'media-types'],
  'base-nossl': ['libc6'],
  'base-debian12': ['libc6', 'libssl3'],
  'base-debian13': ['libc6', 'libssl3t64', 'libzstd1', 'zlib1g'],
  'cc-debian12': ['libc6', 'libssl3', 'libgomp1', 'libstdc++6', 'libgcc-s1', 'gcc-12-base'],
  'cc-debian13': [
    ...['libc6', 'libssl3t64', 'libzstd1', 'zlib1g'],
    ...['libgomp1', 'libstdc++6', 'libgcc-s1', 'gcc-14-base'],
  ],
};
const JAVA_BASE = [
  ...['zlib1g', 'libjpeg62-turbo', 'liblcms2-2', 'libfreetype6', 'fonts-dejavu-core', 'fontconfig-config'],
  ...['libexpat1', 'libfontconfig1', 'libuuid1', 'libbrotli1', 'libcrypt1', 'libstdc++6', 'libgcc-s1'],
  ...['libbz2-1.0', 'libharfbuzz0b', 'libgraphite2-3', 'libpcre2-8-0', 'libc-bin', 'libc6'],
];
const JAVA: Readonly<Record<string, readonly string[]>> = {
  debian12: [...JAVA_BASE, 'gcc-12-base', 'libpng16-16', 'libglib2.0-0'],
  debian13: [
    ...JAVA_BASE,
    ...['fonts-dejavu-mono', 'gcc-14-base', 'libpng16-16t64', 'libglib2.0-0t64', 'libatomic1'],
  ],
};
const PYTHON = [
  ...[
    'libbz2-1.0',
    'libexpat1',
    'liblzma5',
    'libsqlite3-0',
    'libuuid1',
    'libncursesw6',
    'libtinfo6',
    'ncurses-base',
    'zlib1g',
  ],
  ...[
    'libcom-err2',
    'libcrypt1',
    'libc-bin',
    'libgssapi-krb5-2',
    'libk5crypto3',
    'libkeyutils1',
    'libkrb5-3',
  ],
  ...['libkrb5support0', 'libnsl2', 'libffi8'],
];

/** What a runtime adds to the image that it extends. */
interface Runtime {
  readonly packages: readonly string[];
  /** Of the debug variants. */
  readonly debug?: readonly string[];
  /** Layers of packages that have no entry in the package database. */
  readonly tarballs?: number;
  readonly env?: readonly (string | RegExp)[];
  readonly entrypoint?: readonly string[];
  /** Programs besides libraries and the loader. */
  readonly programs: RegExp;
}

function javaRuntime(major: number, distribution: string): Runtime {
  return {
    packages: [...(JAVA[distribution] ?? []), `openjdk-${major}-jre-headless`],
    debug: [`openjdk-${major}-jdk-headless`],
    env: ['LANG=C.UTF-8', new RegExp(`^JAVA_VERSION=${major}\\.[0-9.]+$`)],
    entrypoint: ['/usr/bin/java', '-jar'],
    programs: /^usr\/lib\/jvm\//,
  };
}

function nodeRuntime(more: readonly string[] = []): Runtime {
  return {
    packages: [...(PACKAGES['cc-debian13'] ?? []), ...more],
    tarballs: 1,
    entrypoint: ['/nodejs/bin/node'],
    programs: /^nodejs\/bin\/node$/,
  };
}

function pythonRuntime(version: string, cc: string, more: readonly string[]): Runtime {
  const own = [`libpython${version}-minimal`, `libpython${version}-stdlib`, `python${version}-minimal`];
  return {
    packages: [...(PACKAGES[cc] ?? []), ...PYTHON, ...own, `python${version}-venv`, ...more],
    env: ['LANG=C.UTF-8'],
    entrypoint: [`/usr/bin/python${version}`],
    programs: new RegExp(`^usr/bin/python${version}$|sbin/ldconfig$`),
  };
}

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  'java-base-debian12': { packages: JAVA['debian12'] ?? [], env: ['LANG=C.UTF-8'], programs: /^$/ },
  'java-base-debian13': { packages: JAVA['debian13'] ?? [], env: ['LANG=C.UTF-8'], programs: /^$/ },
  'java17-debian12': javaRuntime(17, 'debian12'),
  'java21-debian13': javaRuntime(21, 'debian13'),
  'java25-debian13': javaRuntime(25, 'debian13'),
  'nodejs22-debian13': nodeRuntime(),
  'nodejs24-debian13': nodeRuntime(),
  'nodejs26-debian13': nodeRuntime(['libatomic1']),
  'python3-debian12': pythonRuntime('3.11', 'cc-debian12', [
    ...['libdb5.3', 'libreadline8', 'libtirpc3', 'python3-distutils', 'python3-lib2to3'],
  ]),
  'python3-debian13': pythonRuntime('3.13', 'cc-debian13', [
    'libdb5.3t64',
    'libreadline8t64',
    'libtirpc3t64',
  ]),
};

/** Programs that an image without a shell and a package manager cannot hold under any path. */
const FORBIDDEN =
  /(^|\/)(sh|bash|dash|ash|zsh|rbash|busybox|env|perl|python3?|apt|apt-get|dpkg|dpkg-deb|debconf|sudo|su|login|mount|curl|wget)$/;

function packagesOf(name: string): readonly string[] {
  const distribution = /debian\d+$/.exec(name)?.[0] ?? '';
  const own = RUNTIMES[name]?.packages ?? PACKAGES[name] ?? PACKAGES[name.replace(/-debian\d+$/, '')] ?? [];
  return [...new Set([...(PACKAGES[`static-${distribution}`] ?? []), ...own])];
}

describe.each(TAGS)('%s:%s', (name, variant) => {
  const isDebug = variant.startsWith('debug');
  const isNonroot = variant.endsWith('nonroot');
  const distribution = /debian\d+$/.exec(name)?.[0] ?? '';
  const runtime = RUNTIMES[name];
  const debugPackages = isDebug ? ['busybox-static', ...(runtime?.debug ?? [])] : [];
  let image: Image;
  let files: Map<string, ImageFile>;
  const file = (path: string): ImageFile => {
    const found = files.get(path);
    if (!found) throw new Error(`${name}:${variant} has no /${path}`);
    return found;
  };
  const text = (path: string): string => file(path).content.toString();
  const owned = (path: string): object => {
    const { type, mode, uid, gid } = file(path);
    return { type, mode: mode.toString(8), uid, gid };
  };

  beforeAll(async () => {
    image = await openImage(await layout(), `${name}:${variant}`);
    files = await readImageFiles(image);
  });

  it('has the accounts', () => {
    expect(text('etc/passwd')).toBe(PASSWD);
    expect(text('etc/group')).toBe(GROUP);
    expect(text('etc/nsswitch.conf')).toMatch(/^hosts: +files dns$/m);
  });

  it('has folders with the right owners and modes', () => {
    expect(owned('')).toEqual({ type: 'directory', mode: '755', uid: 0, gid: 0 });
    expect(owned('tmp')).toEqual({ type: 'directory', mode: '1777', uid: 0, gid: 0 });
    expect(owned('root')).toEqual({ type: 'directory', mode: '700', uid: 0, gid: 0 });
    expect(owned('home')).toEqual({ type: 'directory', mode: '755', uid: 0, gid: 0 });
    expect(owned('home/nonroot')).toEqual({ type: 'directory', mode: '700', uid: 65532, gid: 65532 });
  });

  it('says what it is', () => {
    const release = RELEASES[distribution] ?? '';
    const lines = text('usr/lib/os-release').split('\n');
    for (const line of [
      'PRETTY_NAME="Distroless"',
      'NAME="Debian GNU/Linux"',
      'ID="debian"',
      `VERSION_ID="${release.slice(0, 2)}"`,
      `VERSION="Debian GNU/Linux ${release}"`,
    ])
      expect(lines).toContain(line);
    expect(file('etc/os-release')).toMatchObject({ type: 'symlink', linkName: '../usr/lib/os-release' });
  });

  it('has certificates, time zones and names of services', () => {
    const bundle = text('etc/ssl/certs/ca-certificates.crt');
    expect(bundle.match(/-----BEGIN CERTIFICATE-----\n/g)?.length).toBeGreaterThan(100);
    expect(bundle.match(/-----END CERTIFICATE-----\n/g)?.length).toBe(
      bundle.match(/-----BEGIN CERTIFICATE-----\n/g)?.length,
    );
    expect(text('usr/share/zoneinfo/Europe/Berlin')).toMatch(/^TZif/);
    expect(files.has('usr/share/zoneinfo/US/Pacific')).toBe(true);
    expect(text('etc/services')).toMatch(/^https\s+443\/tcp/m);
    expect(text('etc/mime.types')).toMatch(/^text\/html\s/m);
  });

  it('holds exactly its packages, as scanners look for them', () => {
    const folder = 'var/lib/dpkg/status.d/';
    const found = [...files.keys()]
      .filter((path) => path.startsWith(folder))
      .map((path) => path.slice(folder.length));
    const expected = [...packagesOf(name), 'ca-certificates', ...debugPackages];
    expect(found.filter((path) => !path.endsWith('.md5sums')).sort()).toEqual(expected.sort());
    for (const one of expected) {
      expect(text(`${folder}${one}`)).toMatch(new RegExp(`^Package: ${one.replaceAll('+', '\\+')}\n`));
      expect(text(`${folder}${one}`)).toMatch(/^Version: \S+$/m);
      expect(text(`${folder}${one}`)).toMatch(/^Architecture: (amd64|all)$/m);
      expect(found).toContain(`${one}.md5sums`);
    }
    expect(files.has('var/lib/dpkg/status')).toBe(false);
    expect(files.has('var/lib/dpkg/info')).toBe(false);
  });

  it('holds the copyright of every package', () => {
    // Debian keeps that of python3.N-venv in python3.N, which is not in the image; its text is libpython's.
    for (const one of packagesOf(name).filter((each) => !/^python3\.\d+-venv$/.test(each))) {
      let folder = one;
      for (let hops = 0; hops < 5 && file(`usr/share/doc/${folder}`).type === 'symlink'; hops++)
        folder = file(`usr/share/doc/${folder}`).linkName;
      expect(file(`usr/share/doc/${folder}/copyright`).size, one).toBeGreaterThan(100);
    }
  });

  it(
    isDebug ? 'has BusyBox as its only shell' : 'has no shell, no interpreter and no package manager',
    () => {
      const forbidden = [...files].filter(([path, { type }]) => type !== 'directory' && FORBIDDEN.test(path));
      const own = name.startsWith('python3') ? ['usr/bin/python', 'usr/bin/python3'] : [];
      const outside = forbidden.filter(([path]) => !path.startsWith('busybox/')).map(([path]) => path);
      expect(outside.sort()).toEqual(own);
      expect(forbidden.length > own.length).toBe(isDebug);
      expect(files.has('busybox/sh')).toBe(isDebug);
      expect(files.has('busybox/busybox')).toBe(isDebug);
    },
  );

  it('holds no program but the loader, libraries, its runtime and BusyBox', () => {
    const programs = [...files].filter(
      ([path, { type, mode, content }]) =>
        type === 'file' &&
        (mode & 0o111) !== 0 &&
        content.subarray(0, 4).toString('latin1') === '\x7fELF' &&
        !/\.so(\.[0-9.]+)?$/.test(path),
    );
    const others = programs.map(([path]) => path).filter((path) => !runtime?.programs.test(path));
    expect(others).toEqual(isDebug ? ['busybox/busybox'] : []);
    expect(programs.length > others.length).toBe(runtime !== undefined && !name.startsWith('java-base'));
  });

  it('lets nobody become somebody else', () => {
    const special = [...files].filter(([, { type, mode }]) => type === 'file' && (mode & 0o6000) !== 0);
    const writable = [...files].filter(
      ([, { type, mode }]) => type !== 'symlink' && (mode & 0o1002) === 0o002,
    );
    const devices = [...files].filter(([, { type }]) => ['character', 'block', 'fifo'].includes(type));
    expect([...special, ...writable, ...devices].map(([path]) => path)).toEqual([]);
  });

  it(`${distribution === 'debian13' ? 'has' : 'does not have'} its top-level folders merged into /usr`, () => {
    const types = ['bin', 'lib', 'sbin'].map((path) => files.get(path)?.type ?? 'absent');
    expect(new Set(types)).toEqual(new Set([distribution === 'debian13' ? 'symlink' : 'directory']));
  });

  it('has no libc if it is static', () => {
    const libraries = [...files.keys()].filter((path) => /libc\.so\.6$|ld-linux/.test(path));
    expect(libraries.length > 0).toBe(!name.startsWith('static'));
  });

  it('is configured as it should be', () => {
    const { config = {}, os, architecture } = image.config;
    expect({ os, architecture }).toEqual({ os: 'linux', architecture: 'amd64' });
    expect(config.Env).toEqual([
      isDebug ? `${PATH}:/busybox` : PATH,
      'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
      ...(runtime?.env ?? []).map((value): unknown =>
        typeof value === 'string' ? value : expect.stringMatching(value),
      ),
    ]);
    expect(config.User).toBe(isNonroot ? '65532' : '0');
    expect(config.WorkingDir).toBe(isNonroot ? '/home/nonroot' : '/');
    expect(config.Entrypoint).toEqual(isDebug ? ['/busybox/sh'] : runtime?.entrypoint);
    expect(config.Cmd).toBeUndefined();
  });

  it('has a layer a package, and one a level for its files', () => {
    const packages = packagesOf(name).length + 1 + debugPackages.length + (runtime?.tarballs ?? 0);
    expect(image.layers.length).toBeGreaterThan(packages);
    expect(image.layers.length).toBeLessThanOrEqual(packages + 5);
    expect(image.config.history?.length).toBe(image.layers.length);
  });
});

const temporary = temporaryFolder();
let built: Promise<string> | undefined;
function layout(): Promise<string> {
  built ??= pithBuild([...NAMES, '--platform', 'linux/amd64', '-o', `oci:${temporary.folder}/images`]).then(
    () => `${temporary.folder}/images`,
  );
  return built;
}
afterAll(temporary.remove);
