import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageOf, layerOf } from '../../location/fixtures.ts';
import { openSink, openSource, parseLocation } from '../../location/index.ts';
import { assembleIndex, imagesOf, type Image } from '../../oci/index.ts';
import type { CliResult } from '../../testing/cli.ts';
import { pith, pithBuild, temporaryFolder } from '../../testing/commands.ts';
import { createContainerStorage } from '../../testing/containers.ts';
import { startDockerRegistry } from '../../testing/docker-registry.ts';
import { expectFailure } from '../../testing/failure.ts';
import { contextWith } from '../../testing/registry-context.ts';
import { startRegistry, type TestRegistry } from '../../testing/registry.ts';
import { contentOf, createSandbox, digestIn, noise, packageOf, type Sandbox } from '../../testing/sandbox.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const SUITES = 'suites: [{archive: debian, suite: trixie}]\nplatforms: [linux/amd64]\n';

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

describe('an image on one of a registry', () => {
  let sandbox: Sandbox;
  let registry: TestRegistry;
  /** Digest of the image that others build on. */
  let base: string;

  const build = (...args: string[]): Promise<CliResult> =>
    sandbox.run(['build', ...sandbox.flags(), '--platform', 'linux/amd64', '--json', ...args], {
      XDG_RUNTIME_DIR: sandbox.path('session'),
    });
  const define = (extended: string, more = ''): Promise<string> =>
    sandbox.write('app.yaml', `name: app\nextends: ${extended}\npackages: [gamma]\n${SUITES}${more}`);
  const pushBase = async (packages: string): Promise<string> => {
    await sandbox.write('base.yaml', `name: os\npackages: ${packages}\n${SUITES}`);
    // By somebody else: with another cache.
    const cache = ['--cache-dir', sandbox.path('theirs')];
    return digestIn(await build('./base.yaml', '-o', `docker://${registry.host}/base/os:1`, ...cache));
  };
  const manifestOf = (repository: string, tag: string): Manifest => {
    const { tags, manifests } = registry.protocol.repository(repository);
    return JSON.parse(String(manifests.get(tags.get(tag) ?? '')?.bytes)) as Manifest;
  };
  const asked = (kind: RegExp): string[] =>
    registry.requests.map(({ line }) => decodeURIComponent(line)).filter((line) => kind.test(line));

  beforeEach(async () => {
    registry = await startRegistry();
    sandbox = await createSandbox({
      packages: [
        packageOf('alpha', [{ path: 'usr/share/alpha', content: noise(300_000, 1) }]),
        packageOf('beta', [{ path: 'usr/share/beta', content: noise(400_000, 2) }]),
        packageOf('gamma', [{ path: 'usr/share/gamma', content: noise(500_000, 3) }]),
      ],
    });
    base = await pushBase('[alpha, beta]');
    registry.requests.length = 0;
  });
  afterEach(async () => {
    await registry.close();
    await sandbox.close();
  });

  it('is pushed without a byte of its layers, which are looked at once and mounted', async () => {
    await define(`docker://${registry.host}/base/os@${base}`);
    const layers = manifestOf('base/os', '1').layers.map(({ digest }) => digest);
    const first = await build('./app.yaml', '-o', `docker://${registry.host}/team/app:1`);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(layers.length).toBeGreaterThanOrEqual(2);
    for (const digest of layers) {
      expect(asked(new RegExp(`^GET .*/blobs/${digest}`))).toHaveLength(1);
      expect(asked(new RegExp(`^POST .*mount=${digest}&from=base/os`))).toHaveLength(1);
      expect(asked(new RegExp(`^(?:PUT|PATCH) .*digest=${digest}`))).toEqual([]);
    }
    const own = manifestOf('team/app', '1').layers.map(({ digest }) => digest);
    expect(own.slice(0, layers.length)).toEqual(layers);
    expect(own.length).toBeGreaterThan(layers.length);

    // Another image on the same one fetches nothing of it any more.
    registry.requests.length = 0;
    await define(`docker://${registry.host}/base/os@${base}`, 'labels: {a: b}\n');
    expect(await build('./app.yaml', '-o', `docker://${registry.host}/team/other:1`)).toMatchObject({
      code: 0,
    });
    expect(asked(new RegExp(`^GET .*/blobs/(?:${layers.join('|')})`))).toEqual([]);
    expect(asked(/^POST .*mount=/).length).toBeGreaterThanOrEqual(layers.length);
    // Nothing of the layers is in the cache either.
    const cached = [...contentOf(sandbox.cacheDir).values()];
    for (const digest of layers) expect(cached).not.toContain(digest);
  });

  it('is the same wherever it is written', async () => {
    await define(`docker://${registry.host}/base/os:1`);
    const local = await build('./app.yaml', '-o', 'oci:images');
    const remote = await build('./app.yaml', '-o', `docker://${registry.host}/team/`);
    expect(digestIn(remote)).toBe(digestIn(local));
    expect([...registry.protocol.repository('team/app').tags]).toEqual([['latest', digestIn(local)]]);
    const again = await build('./app.yaml', '-o', `docker://${registry.host}/team/app:latest`);
    expect(again).toMatchObject({ code: 0 });
  });

  it('takes what there is for Linux where there is more', async () => {
    const base = parseLocation(`docker://${registry.host}/base/os:1`);
    const [linux] = imagesOf(await openSource(base).open());
    const windows = imageOf([await layerOf({ 'Files/a': 'a' })], 'windows/amd64');
    if (!linux) throw new Error('there is an image');
    const write = (name: string, ...images: Image[]): Promise<unknown> =>
      openSink(parseLocation(`docker://${registry.host}/${name}`), contextWith()).write([
        { names: [], artifact: assembleIndex(images) },
      ]);
    await write('base/mixed:1', windows, linux);
    await write('base/windows:1', windows);
    const defineOn = (name: string): Promise<string> =>
      sandbox.write(
        'app.yaml',
        `name: app\nextends: docker://${registry.host}/${name}\npackages: [gamma]\nsuites: [{archive: debian, suite: trixie}]\n`,
      );
    await defineOn('base/mixed:1');
    const built = await build('./app.yaml', '-o', 'oci:mine');
    expect(built, built.stderr).toMatchObject({ code: 0 });
    await defineOn('base/windows:1');
    const refused = await build('./app.yaml', '-o', 'oci:mine');
    expect(refused.code).toBe(6);
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: {
        code: 'IMAGE_INVALID',
        message: expect.stringContaining('base/windows:1 holds no image to build on') as string,
        hint: expect.stringContaining('it has windows/amd64') as string,
      },
    });
  });

  it('is pinned by the lockfile: the tag may move, and what is locked is built', async () => {
    await define(`docker://${registry.host}/base/os:1`);
    const flags = [...sandbox.flags(), '--lockfile', 'app.lock'];
    const run = (...args: string[]): Promise<CliResult> => sandbox.run([...args, ...flags]);
    expect(await run('lock', './app.yaml', '--platform', 'linux/amd64')).toMatchObject({ code: 0 });
    const locked = ['--locked', '--lockfile', 'app.lock'];
    const before = digestIn(await build('./app.yaml', ...locked, '-o', 'oci:images'));

    expect(await pushBase('[alpha]')).not.toBe(base);
    expect(digestIn(await build('./app.yaml', ...locked, '-o', 'oci:images'))).toBe(before);
    const checked = await run('update', '--check');
    expect(checked.code, checked.stderr).toBe(8);
    expect(checked.stdout).toMatch(new RegExp(`^app: built on docker://\\S+/base/os:1, ${base} → sha256:`));
    expect(digestIn(await build('./app.yaml', '-o', 'oci:images'))).not.toBe(before);
  });

  it('whose image was removed is not built, and that is said', async () => {
    await define(`docker://${registry.host}/base/os@${base}`);
    registry.protocol.repositories.clear();
    const failed = await build('./app.yaml', '-o', 'oci:images');
    expect(JSON.parse(failed.stderr)).toMatchObject({ error: { code: 'UNKNOWN_IMAGE' } });
    await define(`docker://${registry.host}/base/os@sha256:12`);
    const wrong = await sandbox.run(['show', './app.yaml', ...sandbox.flags()]);
    expect(wrong).toMatchObject({ code: expect.any(Number) as number, stdout: '' });
    expect(wrong.stderr).toMatch(/"sha256:12" is not a digest/);
  });

  it('is not read from its registry with --offline', async () => {
    await define(`docker://${registry.host}/base/os@${base}`);
    const args = ['build', './app.yaml', '--platform', 'linux/amd64', '--offline', ...sandbox.flags()];
    expectFailure(await sandbox.run(args), { code: 'OFFLINE', message: /base\/os/, hint: /oci:DIR/ });
    expect(registry.requests).toEqual([]);
  });
});

describeWith(
  '`pith run` of an image in a registry',
  { tools: ['docker-registry', 'podman', 'runc'], unless: unlessRoot() },
  () => {
    it('pulls it into podman and runs it, and does not pull it again', async () => {
      const registry = await startDockerRegistry();
      const storage = await createContainerStorage();
      const { folder: home, remove } = temporaryFolder();
      try {
        const name = `docker://${registry.host}/static:debug`;
        await pithBuild(['static-debian13:debug', '-o', name]);
        const env = {
          ...storage.env,
          HOME: home,
          PITH_ENGINE_ARGS:
            '--runtime runc --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024',
        };
        const run = (): ReturnType<typeof pith> =>
          pith(['run', '--engine', 'podman', name, '--', '-c', 'echo from a registry'], { env });
        const first = await run();
        expect(first, first.stderr).toMatchObject({ code: 0, stdout: 'from a registry\n' });
        const images = await storage.podman('images', '--quiet', '--no-trunc');
        expect(await run()).toMatchObject({ code: 0, stdout: 'from a registry\n' });
        expect(await storage.podman('images', '--quiet', '--no-trunc')).toBe(images);
      } finally {
        await storage.remove();
        await registry.close();
        await remove();
      }
    });
  },
);
