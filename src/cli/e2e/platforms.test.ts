import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagesOf } from '../../oci/index.ts';
import { openSource, parseLocation } from '../../location/index.ts';
import { ALL_PLATFORMS, pithBuild, run, succeed, temporaryFolder } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** Tag, Debian's name, and the machine of ELF files (System V ABI, `e_machine`). */
const PLATFORMS = {
  'linux/amd64': { tag: 'amd64', debian: 'amd64', machine: 62 },
  'linux/arm64/v8': { tag: 'arm64', debian: 'arm64', machine: 183 },
  'linux/arm/v7': { tag: 'arm', debian: 'armhf', machine: 40 },
  'linux/ppc64le': { tag: 'ppc64le', debian: 'ppc64el', machine: 21 },
  'linux/riscv64': { tag: 'riscv64', debian: 'riscv64', machine: 243 },
  'linux/s390x': { tag: 's390x', debian: 's390x', machine: 22 },
} as const;
type PlatformName = keyof typeof PLATFORMS;
const EVERYWHERE = Object.keys(PLATFORMS) as PlatformName[];
const OF: Readonly<Record<string, readonly PlatformName[]>> = {
  debian12: EVERYWHERE.filter((platform) => platform !== 'linux/riscv64'),
  debian13: EVERYWHERE,
};

const IMAGES = ['static', 'base-nossl', 'base', 'cc'].flatMap((name) =>
  Object.keys(OF).map((distribution) => [`${name}-${distribution}`, distribution] as const),
);
const VARIANTS = ['latest', 'nonroot', 'debug', 'debug-nonroot'];

const { folder, remove } = temporaryFolder();
const layout = join(folder, 'images');
beforeAll(async () => {
  await pithBuild([...IMAGES.map(([name]) => name), ...ALL_PLATFORMS, '-o', `oci:${layout}`]);
});
afterAll(remove);

describe('the base images for all platforms in one layout', () => {
  it.each(IMAGES)('%s is an index of its platforms in every variant', async (name, distribution) => {
    const source = openSource(parseLocation(`oci:${layout}`));
    const names = (await source.list()).flatMap((listed) => listed.names);
    const platforms = OF[distribution] ?? [];
    for (const variant of VARIANTS) {
      const index = await source.open(`${name}:${variant}`);
      const found = imagesOf(index).map(({ descriptor: { platform } }) =>
        [platform?.os, platform?.architecture, platform?.variant].filter(Boolean).join('/'),
      );
      expect(found.sort()).toEqual([...platforms].sort());
      for (const platform of platforms) {
        const own = `${name}:${variant}-${PLATFORMS[platform].tag}`;
        expect(names).toContain(own);
        const image = await source.open(own);
        expect(imagesOf(index).map((one) => one.descriptor.digest)).toContain(image.descriptor.digest);
      }
    }
  });

  const one = IMAGES.filter(([name]) => !name.startsWith('base')).flatMap(([name, distribution]) =>
    (OF[distribution] ?? []).map((platform) => [name, platform] as const),
  );
  it.each(one)('%s holds nothing but files for %s', async (name, platform) => {
    const { tag, debian, machine } = PLATFORMS[platform];
    const image = await openImage(layout, `${name}:debug-${tag}`, platform.replace('/v8', ''));
    const files = [...(await readImageFiles(image))];
    const machines = files
      .filter(([, { content }]) => content.subarray(0, 4).toString('latin1') === '\x7fELF')
      .map(([path, { content }]) => {
        const isLittleEndian = content[5] === 1;
        return [path, isLittleEndian ? content.readUInt16LE(18) : content.readUInt16BE(18)];
      });
    expect(machines.length).toBeGreaterThan(name.startsWith('static') ? 0 : 100);
    expect(machines.filter(([, found]) => found !== machine)).toEqual([]);
    const architectures = files
      .filter(([path]) => path.startsWith('var/lib/dpkg/status.d/') && !path.endsWith('.md5sums'))
      .map(([, { content }]) => /^Architecture: (.*)$/m.exec(content.toString())?.[1]);
    expect(new Set(architectures)).toEqual(new Set([debian, 'all']));
  });
});

/** Tag, emulator, cross compiler. */
const EMULATED = [
  ['arm64', 'qemu-aarch64-static', 'aarch64-linux-gnu-gcc'],
  ['arm', 'qemu-arm-static', 'arm-linux-gnueabihf-gcc'],
  ['ppc64le', 'qemu-ppc64le-static', 'powerpc64le-linux-gnu-gcc'],
  ['riscv64', 'qemu-riscv64-static', 'riscv64-linux-gnu-gcc'],
  ['s390x', 'qemu-s390x-static', 's390x-linux-gnu-gcc'],
] as const;

describe.each(EMULATED)('%s', (tag, emulator, compiler) => {
  const tools = [
    emulator,
    compiler,
    'umoci',
    'chroot',
    ...(tag === 'arm64' ? ['aarch64-linux-gnu-g++'] : []),
  ];
  const distributions = Object.keys(OF).filter((distribution) =>
    OF[distribution]?.some((platform) => PLATFORMS[platform].tag === tag),
  );
  describeWith(`cc under ${emulator}`, { tools, unless: unlessRoot() }, () => {
    const rootOf = (distribution: string): string => join(folder, `${distribution}-${tag}`, 'rootfs');

    beforeAll(async () => {
      const program = await compile('hello.c', folder, `hello-${tag}`, [], compiler);
      for (const distribution of distributions) {
        const image = `${layout}:cc-${distribution}:debug-${tag}`;
        await succeed('umoci', ['unpack', '--image', image, join(rootOf(distribution), '..')]);
        const path = (await succeed('sh', ['-c', `command -v ${emulator}`])).trim();
        await copyFile(path, join(rootOf(distribution), 'emulator'));
        await copyFile(program, join(rootOf(distribution), 'hello'));
      }
    });

    /** Runs a program as nonroot with the image's file system as its root. */
    async function output(distribution: string, ...command: readonly string[]): Promise<string> {
      const args = ['--userspec=65532:65532', rootOf(distribution), '/emulator', ...command];
      const { code, stdout, stderr } = await run('chroot', args, { env: { TZ: 'Europe/Berlin' } });
      return code === 0 ? stdout : `exit code ${code}\n${stdout}${stderr}`;
    }

    it.each(distributions)(
      '%s: a cross-compiled program finds loader, libc and time zones',
      async (distribution) => {
        expect(await output(distribution, '/hello')).toBe(
          'uid 65532 gid 65532\ntime 2023-11-14 23:13 CET\nwrite Permission denied\n',
        );
      },
    );

    it.each(distributions)('%s: the loader says which glibc it belongs to', async (distribution) => {
      const loaders = ['/lib/ld-linux-aarch64.so.1', '/lib/ld-linux-armhf.so.3', '/lib64/ld64.so.2'];
      const more = ['/lib/ld-linux-riscv64-lp64d.so.1', '/lib/ld64.so.1'];
      const loader = [...loaders, ...more][EMULATED.findIndex(([each]) => each === tag)] ?? '';
      const version = { debian12: '2.36', debian13: '2.41' }[distribution] ?? '';
      expect(await output(distribution, loader, '--version')).toContain(`release version ${version}.`);
    });

    it.each(distributions)('%s: the shell of the debug variant runs', async (distribution) => {
      expect(await output(distribution, '/busybox/sh', '-c', 'echo $((6 * 7))')).toBe('42\n');
    });

    const withCpp = tag === 'arm64' ? distributions : [];
    it.each(withCpp)('%s: a C++ program with OpenMP runs', async (distribution) => {
      await compile('sums.cpp', rootOf(distribution), 'sums', ['-fopenmp'], 'aarch64-linux-gnu-g++');
      expect(await output(distribution, '/sums')).toBe('sum 500000500000 by 4 threads, as expected\n');
    });
  });
});
