import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RunConfig } from '../../oci/index.ts';
import { pith, pithBuild, run, temporaryFolder } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { type ContainerStorage, createContainerStorage } from '../../testing/containers.ts';
import { type DockerEngine, startDocker } from '../../testing/docker.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const TIMES = ['--health-interval', '1s', '--health-timeout', '2s', '--health-retries', '1'];
const WELL = 'http://:8080/health';
const UNWELL = 'http://:8080/elsewhere';
const COMMAND = '["/app/server", "--health"]';
const { folder, remove } = temporaryFolder();
let server: string;

/** Packs the server with a health check. @param output a location */
async function pack(check: string, output: string, more: readonly string[] = TIMES): Promise<void> {
  const { code, stderr } = await pith([
    ...['pack', server, '-t', 'server:1', '--platform', 'linux/amd64', '--quiet'],
    ...['--healthcheck', check, ...more, '-o', output],
  ]);
  expect(code, stderr).toBe(0);
}

describeWith('a health check', { tools: ['gcc'] }, () => {
  beforeAll(async () => {
    server = await compile('server.c', folder, 'server', ['-static']);
  });
  afterAll(remove);

  it('stands in the configuration; its probe is in the image', async () => {
    await pack('http://localhost:8080/health', `oci:${folder}/layout`);
    const image = await openImage(`${folder}/layout`, 'server:1');
    expect(image.config.config?.Healthcheck).toEqual({
      Test: ['CMD', '/usr/local/bin/pith-probe', 'http://:8080/health', '2000'],
      Interval: 1e9,
      Timeout: 2e9,
      Retries: 1,
    } satisfies RunConfig['Healthcheck']);
    const probe = (await readImageFiles(image)).get('usr/local/bin/pith-probe');
    expect(probe).toMatchObject({ type: 'file', mode: 0o755, uid: 0 });
    expect(probe?.content.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
  });

  it('of a definition brings the probe of each platform; another one in its place, and none, are inherited', async () => {
    const write = async (name: string, lines: string): Promise<string> => {
      const path = join(folder, `${name}.yaml`);
      await writeFile(path, `name: ${name}\n${lines}\n`);
      return path;
    };
    const checked = await write(
      'checked',
      'extends: static-debian13\nhealthcheck: {url: "tcp://:80", interval: 5s}',
    );
    const heir = await write('heir', 'extends: ./checked.yaml\nenv: {A: b}');
    const without = await write('without', 'extends: ./checked.yaml\nhealthcheck: false');
    const platforms = ['--platform', 'linux/amd64,linux/s390x'];
    const names = [checked, heir, without].map((path) => `${path}:latest`);
    await pithBuild([...names, ...platforms, '--skip-unavailable', '-o', `oci:${folder}/own`]);
    const checkOf = async (name: string): Promise<unknown> =>
      (await openImage(`${folder}/own`, name)).config.config?.Healthcheck;
    const expected = { Test: ['CMD', '/usr/local/bin/pith-probe', 'tcp://:80', '30000'], Interval: 5e9 };
    expect(await checkOf('checked:latest')).toEqual(expected);
    expect(await checkOf('heir:latest')).toEqual(expected);
    expect(await checkOf('without:latest')).toEqual({ Test: ['NONE'] });
    for (const [platform, machine] of [
      ['linux/amd64', '3e00'],
      ['linux/s390x', '0016'],
    ] as const) {
      const files = await readImageFiles(await openImage(`${folder}/own`, 'checked:latest', platform));
      expect(files.get('usr/local/bin/pith-probe')?.content.subarray(18, 20).toString('hex')).toBe(machine);
    }
  });

  it('that is a command brings no probe', async () => {
    await pack(COMMAND, `oci:${folder}/command`, []);
    const image = await openImage(`${folder}/command`, 'server:1');
    expect(image.config.config?.Healthcheck).toEqual({ Test: ['CMD', '/app/server', '--health'] });
    expect((await readImageFiles(image)).has('usr/local/bin/pith-probe')).toBe(false);
  });

  it.each([
    [
      ['--healthcheck', 'http://example.org/'],
      '--healthcheck http://example.org/ is no address in the container',
    ],
    [['--healthcheck', 'tcp://:1', '--health-interval', '5'], '"5" is no time'],
    [['--format', 'docker'], 'is for images in the format of OCI'],
    [['--health-timeout', '5s'], 'there is no health check that these times are for'],
  ])('is refused: %j', async (flags, message) => {
    const { code, stderr } = await pith(['pack', server, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  describeWith(
    'in Docker',
    { tools: ['dockerd', 'containerd', 'runc', 'docker'], unless: unlessRoot() },
    () => {
      let engine: DockerEngine | string;
      beforeAll(async () => {
        engine = await startDocker();
      });
      beforeEach(({ skip }) => {
        if (typeof engine === 'string') skip(engine);
      });
      afterAll(async () => {
        if (typeof engine !== 'string') await engine.stop();
      });

      it.each([
        [WELL, 'healthy', 'HTTP/1.1 200\n'],
        [UNWELL, 'unhealthy', 'HTTP/1.1 503\n'],
        ['tcp://:8080', 'healthy', 'connected\n'],
        ['tcp://:9', 'unhealthy', 'no connection: nothing listens there\n'],
        [COMMAND, 'healthy', ''],
      ])('%s makes a container %s', async (check, status, said) => {
        if (typeof engine === 'string') throw new Error(engine);
        const running = engine;
        await pack(check, `docker-archive:${running.folder}/server.tar`);
        await running.docker('load', '--input', join(running.folder, 'server.tar'));
        const confined = ['--network', 'none', '--read-only', '--cap-drop', 'ALL'];
        const id = (await running.docker('run', '--detach', ...confined, 'server:1')).trim();
        try {
          const health = async (format: string): Promise<string> =>
            running.docker('inspect', '--format', `{{${format}}}`, id);
          while ((await health('.State.Health.Status')) === 'starting\n') await sleep(100);
          expect(await health('.State.Health.Status')).toBe(`${status}\n`);
          expect(await health('(index .State.Health.Log 0).Output')).toBe(`${said}\n`);
        } finally {
          await running.docker('rm', '--force', id);
        }
      });
    },
  );

  describeWith('in podman', { tools: ['podman', 'runc'], unless: unlessRoot() }, () => {
    let storage: ContainerStorage;
    beforeAll(async () => {
      storage = await createContainerStorage();
    });
    afterAll(() => storage.remove());

    it.each([
      [WELL, 0],
      [UNWELL, 1],
      [COMMAND, 0],
    ])('%s ends with %d, if the image is in the format of Docker', async (check, code) => {
      const archive = join(storage.folder, `${code}-${check.length}.tar`);
      await pack(check, `docker-archive:${archive}`, [...TIMES, '--format', 'docker']);
      await storage.podman('load', '--quiet', '--input', archive);
      const image = 'server:1';
      const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '--network', 'none'];
      const args = ['--runtime', 'runc', 'run', '--detach', '--read-only', ...limits, image];
      const id = (await storage.podman(...args)).trim();
      const { env } = storage;
      let result = await run('podman', ['--runtime', 'runc', 'healthcheck', 'run', id], { env });
      for (let tries = 0; tries < 20 && result.code !== code; tries++) {
        await sleep(100);
        result = await run('podman', ['--runtime', 'runc', 'healthcheck', 'run', id], { env });
      }
      await storage.podman('--runtime', 'runc', 'rm', '--force', id);
      expect(result.code, result.stderr).toBe(code);
    });
  });
});
