import type { Server } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../../testing/certificates.ts';
import { pithBuild, succeed, temporaryFolder } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { ARM64_TOOLS, unpackForArm64 } from '../../testing/emulated.ts';
import { createImageBench, type ImageBench } from '../../testing/own-images.ts';
import { portOf, serveSecret } from '../../testing/secret-server.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

interface PythonImage {
  readonly image: string;
  readonly version: string;
  readonly codename: string;
  /** Packages that pip is made of, which an environment of one's own takes it from. */
  readonly pip: string;
}

const IMAGES: readonly PythonImage[] = [
  {
    image: 'python3-debian12',
    version: '3.11',
    codename: 'bookworm',
    pip: 'python3-pip-whl, python3-setuptools-whl',
  },
  { image: 'python3-debian13', version: '3.13', codename: 'trixie', pip: 'python3-pip-whl' },
];

/** Modules that Debian has in packages of their own, with the libraries of Tk and GDBM. */
const IN_OTHER_PACKAGES = ['_gdbm', '_tkinter', 'dbm.gnu', 'idlelib', 'tkinter', 'turtle'];
/** Modules that Debian's full Python does not import either: they are for other systems, for examples and for tests. */
const OF_NO_DEBIAN = [
  ...['_ios_support', '_msi', '_overlapped', '_pyrepl.windows_console', '_scproxy', '_winapi', '_wmi'],
  ...['asyncio.windows_events', 'asyncio.windows_utils', 'distutils._msvccompiler'],
  ...['distutils.msvc9compiler', 'encodings.mbcs', 'encodings.oem', 'lib2to3.pgen2.conv', 'msilib', 'msvcrt'],
  ...['multiprocessing.popen_spawn_win32', 'nt', 'turtledemo', 'winreg', 'winsound'],
];

describeWith(
  'Python in podman, confined',
  { tools: ['podman', 'runc', 'umoci', 'gcc', 'openssl'], unless: unlessRoot() },
  () => {
    let bench: ImageBench;
    let server: Server;

    beforeAll(async () => {
      bench = await createImageBench();
      const certificates = await makeCertificates(bench.storage.folder);
      server = await serveSecret(certificates.server);
      await bench.write('authority.crt', certificates.authority);
      const own = await Promise.all(
        IMAGES.map(({ image, pip }) =>
          bench.write(`${image}.yaml`, definitionOf(`own-${image}`, image, pip)),
        ),
      );
      const headers = await Promise.all(
        IMAGES.map(({ image, version }) =>
          bench.write(`headers-${image}.yaml`, headersOf(`headers-${image}`, image, version)),
        ),
      );
      const targets = [...IMAGES.map(({ image }) => image), ...own, ...headers];
      const { notes } = await bench.build(...targets.map((target) => `${target}:latest`));
      expect(notes).toEqual([]);
    });
    afterAll(async () => {
      await new Promise((resolve) => server.close(resolve));
      await bench.remove();
    });

    it.each(IMAGES)('$image imports all that Debian has of the standard library', async ({ image }) => {
      const text = await bench.output(`${image}:latest`, ['/programs/python/imports.py']);
      const { imported, failed } = JSON.parse(text) as { imported: number; failed: Record<string, string> };
      const names = Object.keys(failed);
      expect(names.filter((name) => !OF_NO_DEBIAN.includes(name)).sort()).toEqual(IN_OTHER_PACKAGES);
      expect(imported).toBeGreaterThan(600);
    });

    it.each(IMAGES)(
      '$image has what Python needs of libraries, data and the system',
      async ({ image, version, codename }) => {
        const text = await bench.output(`${image}:latest`, ['/programs/python/runtime.py']);
        expect(JSON.parse(text)).toEqual({
          version,
          machine: 'x86_64',
          distribution: codename,
          user: [65532, 'nonroot', '/home/nonroot', 'root'],
          libraries: [
            ...['libc.so.6', 'libm.so.6', 'libcrypto.so.3', 'libssl.so.3', 'libsqlite3.so.0', 'libz.so.1'],
            ...['liblzma.so.5', 'libbz2.so.1.0', 'libexpat.so.1', 'libffi.so.8', 'libuuid.so.1'],
            ...['libreadline.so.8', 'libstdc++.so.6', 'libgomp.so.1'],
          ],
          nothing: null,
          call: 4,
          sqlite: '{"found":"distroless images"}',
          time: '2024-07-01T12:00:00+02:00',
          zones: true,
          locale: ['C.UTF-8', 'utf-8', 'utf-8'],
          compression: [true, true, true, true],
          hashes: ['2d71', '741e', '0909', '9dd4'],
          scrypt: '6d3b',
          processes: [285, 285, 285],
          threads: 285,
          asyncio: 'echo',
          venv: '/tmp/environment True',
          xml: 'text',
          uuid: 1,
          bundle: '/etc/ssl/certs/ca-certificates.crt',
          names: ['127.0.0.1', 443, 17],
          decimal: '1.4142',
        });
      },
    );

    it.each(IMAGES)('$image is started as python and python3 too', async ({ image, version }) => {
      const code = 'import sys; print(sys.executable, "%d.%d" % sys.version_info[:2])';
      for (const name of ['python', 'python3', `python${version}`]) {
        const flags = ['--entrypoint', name];
        expect(await bench.output(`${image}:latest`, ['-c', code], { flags })).toBe(
          `/usr/bin/${name} ${version}\n`,
        );
      }
    });

    it.each(IMAGES)('$image knows terminals', async ({ image }) => {
      const names = ['xterm-256color', 'screen', 'tmux-256color', 'linux', 'vt100', 'dumb'];
      const code = `import curses; print(all(curses.setupterm(name) is None for name in ${JSON.stringify(names)}))`;
      expect(await bench.output(`${image}:latest`, ['-c', code])).toBe('True\n');
    });

    it.each(IMAGES)('$image prints letters of all scripts', async ({ image }) => {
      expect(await bench.output(`${image}:latest`, ['-c', 'print("Grüße, 世界")'])).toBe('Grüße, 世界\n');
    });

    it.each(IMAGES)('$image trusts an authority of a definition', async ({ image }) => {
      const command = ['/programs/python/request.py', portOf(server)];
      expect(await bench.output(`own-${image}:latest`, command, { network: 'host' })).toBe(
        'a secret TLSv1.3\n',
      );
    });

    it.each(IMAGES)('$image trusts no one else', async ({ image }) => {
      const command = ['/programs/python/request.py', portOf(server)];
      expect(await bench.output(`${image}:latest`, command, { network: 'host' })).toBe(
        'unable to get local issuer certificate\n',
      );
    });

    it.each(IMAGES)('$image installs and uses a compiled wheel', async ({ image, version }) => {
      const { folder } = bench.storage;
      const headers = join(folder, `headers-${image}`);
      await succeed('umoci', ['unpack', '--image', `${bench.layout}:headers-${image}:latest`, headers]);
      const include = join(headers, 'rootfs', 'usr', 'include');
      const flags = ['-shared', '-fPIC', `-I${join(include, `python${version}`)}`, `-I${include}`];
      const library = await compile('python/extension.c', folder, `compiled-${version}.so`, flags);
      const output = await bench.output(
        `own-${image}:latest`,
        ['/programs/python/wheel.py', '/compiled.so'],
        { flags: ['-v', `${library}:/compiled.so:ro`] },
      );
      expect(output).toBe('1.0 3.5\n');
    });
  },
);

describeWith('Python for arm64', { tools: ARM64_TOOLS, unless: unlessRoot() }, () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  it('says its version and finds its libraries', async () => {
    const layout = join(folder, 'images');
    const targets = IMAGES.map(({ image }) => `${image}:latest`);
    await pithBuild([...targets, '--platform', 'linux/arm64', '-o', `oci:${layout}`]);
    for (const { image, version } of IMAGES) {
      const output = await unpackForArm64(layout, `${image}:latest`, join(folder, image));
      expect(await output('/usr/bin/python3', '--version')).toMatch(
        new RegExp(`^Python ${version.replace('.', '\\.')}\\.\\d+\n$`),
      );
      const code = 'import ctypes.util, platform, ssl; print(platform.machine(), ssl.HAS_TLSv1_3)';
      expect(await output('/usr/bin/python3', '-c', code)).toBe('aarch64 True\n');
    }
  });
});

/** The image with an authority and with pip's packages. */
function definitionOf(name: string, base: string, pip: string): string {
  return `name: ${name}
extends: ${base}
packages: [${pip}]
files: [{from: authority.crt, certificate: true}]
`;
}

/** Nothing but the headers that extension modules are compiled with. */
function headersOf(name: string, image: string, version: string): string {
  return `name: ${name}
extends: ${image.replace('python3-', '')}
dependencies: false
packages: [{name: libpython${version}-dev, contents: {only: ['usr/include/**']}}]
`;
}
