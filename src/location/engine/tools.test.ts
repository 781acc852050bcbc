import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { assembleIndex, imagesOf, parsePlatform, validateArtifact, type Image } from '../../oci/index.ts';
import { startContainerd, type ContainerdEngine } from '../../testing/containerd.ts';
import { createContainerStorage, type ContainerStorage } from '../../testing/containers.ts';
import { run, succeed } from '../../testing/commands.ts';
import { startDocker, type DockerEngine } from '../../testing/docker.ts';
import { describeWith, SEARCH_PATH, unlessRoot } from '../../testing/tools.ts';
import { collect, context, imageOf, inTemporaryFolder, layerOf, smallImage } from '../fixtures.ts';
import { openSink, openSource, parseLocation, type ImageSource, type WriteReport } from '../index.ts';

/** What the engines of the machine give back of what they were given, or made themselves. */

type Environment = Readonly<Record<string, string>>;
const environmentOf = (env: Environment): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: SEARCH_PATH,
  ...env,
});
const write = async (location: string, artifact: Image, env: Environment): Promise<WriteReport> => {
  const own = { ...context, environment: environmentOf(env) };
  return await openSink(parseLocation(location), own).write([{ names: [], artifact }]);
};
const sourceOf = (location: string, env: Environment): ImageSource =>
  openSource(parseLocation(location), { environment: environmentOf(env) });
/** The image of a location, which is read to its end, twice, and is the same both times. */
async function read(location: string, env: Environment): Promise<Image> {
  const artifacts = await Promise.all([sourceOf(location, env).open(), sourceOf(location, env).open()]);
  const [first, second, ...others] = artifacts.flatMap(imagesOf);
  if (!first || others.length > 0) throw new Error(`${location} is not one image`);
  await validateArtifact(first);
  expect(second?.manifestBytes).toEqual(first.manifestBytes);
  return first;
}
const contentOf = ({ configBytes, layers }: Image): unknown => ({
  config: Buffer.from(configBytes).toString(),
  diffIds: layers.map(({ diffId }) => diffId),
});
const plain = await smallImage('x');
const mixed = imageOf([
  await layerOf({ a: '1' }, 'none'),
  await layerOf({ b: '2' }, 'zstd'),
  await layerOf({ c: '3' }, 'gzip'),
]);
const foreign = await smallImage('y', 'linux/arm64');
/** Images with the same lowest layer, and the blobs that an engine is given that has the one before. */
const lower = { a: '1', b: Buffer.alloc(100_000, 'b') };
const sharing: readonly (readonly [Image, number])[] = [
  [imageOf([await layerOf(lower), await layerOf({ c: '1' })]), 4],
  [imageOf([await layerOf(lower), await layerOf({ c: '2' })]), 3],
];
/** The same layer in another form. */
const reshaped = imageOf([await layerOf(lower, 'zstd'), await layerOf({ c: '3' }, 'zstd')]);
const IMAGES = [
  ['gzip layers', 'plain', plain],
  ['layers of all kinds', 'mixed', mixed],
  ['another platform', 'foreign', foreign],
] as const;

describeWith('podman', { tools: ['podman', 'buildah'], unless: unlessRoot() }, () => {
  let storage: ContainerStorage;
  beforeAll(async () => {
    storage = await createContainerStorage();
  });
  afterAll(() => storage.remove());

  it.each(IMAGES)('gives back an image with %s', async (_what, name, image) => {
    const location = `containers-storage:localhost/${name}:1`;
    await write(location, image, storage.env);
    expect(contentOf(await read(location, storage.env))).toEqual(contentOf(image));
  });

  it('gives back images that share layers, under one name', async () => {
    const location = 'containers-storage:localhost/sharing:1';
    for (const [image, blobsWritten] of sharing) {
      expect(await write(location, image, storage.env)).toMatchObject({ blobsWritten });
      expect(contentOf(await read(location, storage.env))).toEqual(contentOf(image));
    }
    await write(location, reshaped, storage.env);
    expect(contentOf(await read(location, storage.env))).toEqual(contentOf(reshaped));
  });

  it('finds it by its names, its digest and its ID', async () => {
    const { env } = storage;
    await write('containers-storage:localhost/short', plain, env);
    await write('containers-storage:hub', mixed, env);
    const { digest } = plain.descriptor;
    const id = plain.manifest.config.digest.slice('sha256:'.length);
    for (const name of ['short', 'localhost/short:latest', `localhost/short@${digest}`, id, id.slice(0, 12)])
      expect(contentOf(await read(`containers-storage:${name}`, env)), name).toEqual(contentOf(plain));
    await storage.podman('tag', 'localhost/short', 'localhost/hub');
    for (const name of ['hub', 'docker.io/library/hub'])
      expect(contentOf(await read(`containers-storage:${name}`, env)), name).toEqual(contentOf(mixed));
    await expect(
      sourceOf(`containers-storage:short@sha256:${'0'.repeat(64)}`, env).open(),
    ).rejects.toMatchObject({ code: 'UNKNOWN_IMAGE' });
  });

  it('gives back what podman and buildah made of it', async () => {
    const { env, folder } = storage;
    await write('containers-storage:localhost/base:1', plain, env);
    await writeFile(join(folder, 'added'), 'more');
    const container = (await storage.podman('create', 'localhost/base:1')).trim();
    await storage.podman('cp', join(folder, 'added'), `${container}:/added`);
    for (const format of ['oci', 'docker']) {
      await storage.podman('commit', '--quiet', '--format', format, container, `localhost/${format}:1`);
      await expectAdded(await read(`containers-storage:localhost/${format}:1`, env));
    }
    const buildah = async (...args: readonly string[]): Promise<string> =>
      (await succeed('buildah', args, { env })).trim();
    const working = await buildah('from', '--pull-never', 'localhost/base:1');
    await buildah('copy', '--quiet', working, join(folder, 'added'), '/added');
    await buildah('commit', '--quiet', '--rm', working, 'localhost/built:1');
    await expectAdded(await read('containers-storage:localhost/built:1', env));
  });

  async function expectAdded({ layers }: Image): Promise<void> {
    const [added, ...base] = layers.toReversed();
    expect(base.reverse().map(({ diffId }) => diffId)).toEqual(plain.layers.map(({ diffId }) => diffId));
    if (added) expect((await collect(added.blob.open())).toString()).toContain('more');
  }

  it('that cannot work is told', async () => {
    const env = { ...storage.env, CONTAINER_HOST: 'unix:///nowhere/sock', CONTAINERS_CONF: '/nowhere' };
    await expect(sourceOf('containers-storage:localhost/x:1', env).open()).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
    });
  });

  it('leaves nothing behind where it is interrupted', () =>
    inTemporaryFolder(async (folder) => {
      const location = 'containers-storage:localhost/ended:1';
      await write(location, plain, storage.env);
      const ending = new AbortController();
      const source = openSource(parseLocation(location), {
        environment: environmentOf({ ...storage.env, TMPDIR: folder }),
        signal: ending.signal,
        temporaryPath: () => {
          setTimeout(() => {
            ending.abort();
          }, 20);
          return join(folder, 'file');
        },
      });
      await expect(source.open()).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(await readdir(folder)).not.toContain('file');
    }));
});

describeWith('Docker', { tools: ['dockerd', 'containerd', 'runc', 'docker'], unless: unlessRoot() }, () => {
  let engine: DockerEngine | string;
  const daemon = (): DockerEngine => {
    if (typeof engine === 'string') throw new Error(engine);
    return engine;
  };
  beforeAll(async () => {
    engine = await startDocker();
  });
  beforeEach(({ skip }) => {
    if (typeof engine === 'string') skip(engine);
  });
  afterAll(() => (typeof engine === 'string' ? undefined : engine.stop()));

  it.each(IMAGES.filter(([, name]) => name !== 'mixed'))(
    'gives back an image with %s',
    async (_what, name, image) => {
      await write(`docker-daemon:${name}:1`, image, daemon().env);
      expect(contentOf(await read(`docker-daemon:${name}:1`, daemon().env))).toEqual(contentOf(image));
    },
  );

  it('gives back images that share layers, under one name', async () => {
    for (const [image, blobsWritten] of sharing) {
      expect(await write('docker-daemon:sharing:1', image, daemon().env)).toMatchObject({ blobsWritten });
      expect(contentOf(await read('docker-daemon:sharing:1', daemon().env))).toEqual(contentOf(image));
    }
  });

  it('finds it by its names and its ID', async () => {
    const { env } = daemon();
    await write('docker-daemon:ours', plain, env);
    const id = plain.manifest.config.digest;
    for (const name of ['ours', 'docker.io/library/ours:latest', id, id.slice(7), id.slice(7, 19)])
      expect(contentOf(await read(`docker-daemon:${name}`, env)), name).toEqual(contentOf(plain));
    await expect(sourceOf('docker-daemon:theirs', env).open()).rejects.toMatchObject({
      code: 'UNKNOWN_IMAGE',
      hint: '`docker images` lists the images that are there.',
    });
  });

  it('that does not run is told', async () => {
    await expect(
      sourceOf('docker-daemon:ours', { DOCKER_HOST: 'unix:///nowhere/sock' }).open(),
    ).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  });
});

describeWith('containerd', { tools: ['containerd', 'ctr'], unless: unlessRoot() }, () => {
  let engine: ContainerdEngine | string;
  const daemon = (): ContainerdEngine => {
    if (typeof engine === 'string') throw new Error(engine);
    return engine;
  };
  beforeAll(async () => {
    engine = await startContainerd();
  });
  beforeEach(({ skip }) => {
    if (typeof engine === 'string') skip(engine);
  });
  afterAll(() => (typeof engine === 'string' ? undefined : engine.stop()));

  it.each(IMAGES)('gives back an image with %s, and its digest', async (_what, name, image) => {
    await write(`containerd:${name}:1`, image, daemon().env);
    const got = await read(`containerd:${name}:1`, daemon().env);
    expect([got.descriptor.digest, contentOf(got)]).toEqual([image.descriptor.digest, contentOf(image)]);
  });

  const index = assembleIndex([plain, foreign]);
  /** Imports the index into a namespace of its own, and removes some blobs there. */
  const importIndex = (namespace: string, ...removed: readonly string[]): Promise<Environment> =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'index.tar');
      const location = parseLocation(`oci-archive:${file}:example.com/x:1`);
      await openSink(location, context).write([{ names: [], artifact: index }]);
      const ctr = (...args: readonly string[]): Promise<string> =>
        daemon().ctr('--namespace', namespace, ...args);
      await ctr('image', 'import', '--no-unpack', '--all-platforms', file);
      if (removed.length > 0) await ctr('content', 'rm', ...removed);
      return { ...daemon().env, CONTAINERD_NAMESPACE: namespace };
    });

  it('gives back an index that is whole', async () => {
    const env = await importIndex('whole');
    const source = sourceOf('containerd:example.com/x:1', env);
    expect((await source.open()).descriptor.digest).toBe(index.descriptor.digest);
  });

  it('gives back the one image of an index that is there', async () => {
    const env = await importIndex('part', foreign.descriptor.digest);
    const source = sourceOf('containerd:example.com/x:1', env);
    expect((await source.open()).descriptor.digest).toBe(plain.descriptor.digest);
    await validateArtifact(await source.open());
    await expect(source.open(undefined, { platforms: [parsePlatform('linux/arm64')] })).rejects.toMatchObject(
      { code: 'UNKNOWN_PLATFORM', hint: 'It has linux/amd64.' },
    );
  });

  it('says what it lacks', async () => {
    const { env } = daemon();
    await expect(sourceOf('containerd:nothing:1', env).open()).rejects.toMatchObject({
      code: 'UNKNOWN_IMAGE',
    });
    await write('containerd:discarded:1', mixed, { ...env, CONTAINERD_NAMESPACE: 'discarded' });
    const own = { ...env, CONTAINERD_NAMESPACE: 'discarded' };
    const [layer] = mixed.manifest.layers;
    await run('ctr', ['content', 'rm', layer?.digest ?? ''], { env: own });
    await expect(sourceOf('containerd:discarded:1', own).open()).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('layer 1 of') as string,
      hint: expect.stringContaining('discard') as string,
    });
  });
});
