import { beforeAll, afterAll, expect, it } from 'vitest';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pithBuild } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { createContainerStorage, type ContainerStorage } from '../../testing/containers.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const IMAGES = ['static', 'base', 'cc'].flatMap((name) => [`${name}-debian12`, `${name}-debian13`]);
const ZONES = [
  ['Europe/Berlin', '2023-11-14 23:13 CET'],
  ['US/Pacific', '2023-11-14 14:13 PST'],
  ['UTC', '2023-11-14 22:13 UTC'],
] as const;

describeWith(
  'images in podman, confined',
  { tools: ['podman', 'runc', 'gcc', 'g++'], unless: unlessRoot() },
  () => {
    let storage: ContainerStorage;
    let layout: string;
    let programs: string;
    const ids = new Map<string, string>();

    /** Runs an image with the programs below /programs. */
    async function output(name: string, command: readonly string[], ...flags: string[]): Promise<string> {
      const id = ids.get(name) ?? (await storage.pull(layout, name));
      ids.set(name, id);
      const mount = `${programs}:/programs:ro`;
      const { code, stdout, stderr } = await storage.runImage(id, {
        flags: ['-v', mount, ...flags],
        command,
      });
      return code === 0 ? stdout : `exit code ${code}\n${stdout}${stderr}`;
    }

    beforeAll(async () => {
      storage = await createContainerStorage();
      layout = join(storage.folder, 'images');
      programs = join(storage.folder, 'programs');
      await mkdir(programs);
      await Promise.all([
        pithBuild([...IMAGES, '--platform', 'linux/amd64', '-o', `oci:${layout}`]),
        compile('hello.c', programs, 'hello-static', ['-static']),
        compile('hello.c', programs, 'hello'),
        compile('names.c', programs, 'names'),
        compile('sums.cpp', programs, 'sums', ['-fopenmp']),
      ]);
    });
    afterAll(() => storage.remove());

    it.each(IMAGES)('%s runs a static program', async (image) => {
      expect(await output(`${image}:latest`, ['/programs/hello-static'])).toBe(
        'uid 65532 gid 65532\ntime 2023-11-14 22:13 UTC\nwrite Read-only file system\n',
      );
    });

    it.each(IMAGES.flatMap((image) => ZONES.map(([zone, time]) => [image, zone, time] as const)))(
      '%s knows the time in %s',
      async (image, zone, time) => {
        const text = await output(`${image}:latest`, ['/programs/hello-static'], '--env', `TZ=${zone}`);
        expect(text).toContain(`time ${time}\n`);
      },
    );

    const withGlibc = IMAGES.filter((image) => !image.startsWith('static'));
    it.each(withGlibc)('%s runs a dynamic program', async (image) => {
      expect(await output(`${image}:latest`, ['/programs/hello'], '--env', 'TZ=Europe/Berlin')).toBe(
        'uid 65532 gid 65532\ntime 2023-11-14 23:13 CET\nwrite Read-only file system\n',
      );
    });

    it.each(withGlibc)('%s resolves localhost, accounts, services and protocols', async (image) => {
      expect(await output(`${image}:latest`, ['/programs/names'])).toBe(
        'localhost 127.0.0.1 port 443\nuser nonroot home /home/nonroot shell /sbin/nologin\nudp 17\n',
      );
    });

    it.each(IMAGES.filter((image) => image.startsWith('static')))(
      '%s has no loader for a dynamic program',
      async (image) => {
        expect(await output(`${image}:latest`, ['/programs/hello'])).toMatch(/no such file or directory/);
      },
    );

    it.each(['cc-debian12', 'cc-debian13'])('%s runs C++ with OpenMP', async (image) => {
      expect(await output(`${image}:latest`, ['/programs/sums'])).toBe(
        'sum 500000500000 by 4 threads, as expected\n',
      );
    });

    it.each(['base-debian12', 'base-debian13'])('%s has no C++ runtime', async (image) => {
      expect(await output(`${image}:latest`, ['/programs/sums'])).toMatch(/libgomp|libstdc\+\+/);
    });

    it.each(IMAGES)('%s:nonroot is nonroot by itself, in its home folder', async (image) => {
      const command = ['--entrypoint', '/programs/hello-static'];
      expect(await output(`${image}:nonroot`, [], '--user', '', ...command)).toContain(
        'uid 65532 gid 65532\n',
      );
      expect(await output(`${image}:latest`, [], '--user', '', ...command)).toContain('uid 0 gid 0\n');
      expect(
        await output(
          `${image}:debug-nonroot`,
          ['-c', 'id -u; pwd; echo $HOME; touch file && ls; touch /file'],
          '--user',
          '',
          '--read-only=false',
        ),
      ).toBe('exit code 1\n65532\n/home/nonroot\n/home/nonroot\nfile\ntouch: /file: Permission denied\n');
    });

    it.each(IMAGES)('%s has no shell', async (image) => {
      for (const shell of ['/bin/sh', '/bin/bash', '/busybox/sh'])
        expect(await output(`${image}:latest`, [shell, '-c', 'true'])).toMatch(/no such file or directory/);
    });

    it.each(IMAGES.flatMap((image) => [`${image}:debug`, `${image}:debug-nonroot`]))(
      '%s has BusyBox and its applets',
      async (image) => {
        const script =
          'busybox | head -n 1; printf "b\\na\\n" | sort | sed s/a/x/; id -un; ls /busybox | wc -l';
        const [version, ...rest] = (await output(image, ['-c', script])).trim().split('\n');
        expect(version).toMatch(/^BusyBox v1\.37\.\d+ \(Debian /);
        expect(rest.slice(0, 3)).toEqual(['x', 'b', 'nonroot']);
        expect(Number(rest[3])).toBeGreaterThan(200);
      },
    );

    it.each(IMAGES)('%s:debug has a link for each applet', async (image) => {
      const script = 'for applet in $(busybox --list); do test -x /busybox/$applet || echo $applet; done';
      expect(await output(`${image}:debug`, ['-c', script])).toBe('');
    });
  },
);
