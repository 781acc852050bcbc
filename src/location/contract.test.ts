import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import {
  assembleIndex,
  blobOfBytes,
  imagesOf,
  parsePlatform,
  validateArtifact,
  type Artifact,
} from '../oci/index.ts';
import type { TestRegistry } from '../testing/registry.ts';
import {
  context,
  filesBelow,
  imageOf,
  inTemporaryFolder,
  layerOf,
  layerOfBlob,
  smallImage,
} from './fixtures.ts';
import {
  copyArtifact,
  openSink,
  openSource,
  parseLocation,
  type ImageSink,
  type ImageSource,
  type NamedArtifact,
} from './index.ts';
import { contextWith, withRegistry } from '../testing/registry-context.ts';
import { FAKE_ENGINES, withFakeEngine } from './engine/fixtures.ts';

/** What every place that is both written and read keeps to. */

const files = ['oci', 'oci-archive', 'docker-archive'] as const;
const kinds = [...files, 'docker'] as const;

/** Where one test writes and reads: a temporary folder, or a registry of its own. */
interface Place {
  /** The place of a name; with a reference, the place of one image in it. */
  readonly at: (
    name: string,
    reference?: string,
    signal?: AbortSignal,
  ) => { sink: ImageSink; source: ImageSource; path: string };
  /** Everything that is there. */
  readonly content: () => Promise<string[]>;
}

const folderPlace = (kind: (typeof files)[number], folder: string): Place => ({
  at: (name, reference, signal) => {
    const path = join(folder, name);
    const location = parseLocation([kind, path, ...(reference === undefined ? [] : [reference])].join(':'));
    const interruptible = { ...context, ...(signal ? { signal } : {}) };
    return { sink: openSink(location, interruptible), source: openSource(location), path };
  },
  content: () => filesBelow(folder),
});

/** A name without a reference is a folder of repositories. */
const registryPlace = ({ host, protocol }: TestRegistry): Place => ({
  at: (name, reference = '', signal) => {
    const location = parseLocation(`docker://${host}/${name}/${reference}`);
    const own = { ...contextWith({ parallel: 1 }), ...(signal ? { signal } : {}) };
    return { sink: openSink(location, own), source: openSource(location, own), path: host };
  },
  content: () =>
    Promise.resolve([
      ...[...protocol.repositories].flatMap(([name, { tags, manifests }]) => [
        ...[...tags.keys()].map((tag) => `${name}:${tag}`),
        ...[...manifests.keys()].map((digest) => `${name}@${digest}`),
      ]),
      ...[...protocol.uploads.keys()].map((id) => `upload ${id}`),
    ]),
});

const inPlace = (kind: (typeof kinds)[number], work: (place: Place) => Promise<void>): Promise<void> =>
  kind === 'docker'
    ? withRegistry({}, (registry) => work(registryPlace(registry)))
    : inTemporaryFolder((folder) => work(folderPlace(kind, folder)));

const first = await smallImage('first');
const second = await smallImage('second');
const arm64 = await smallImage('first', 'linux/arm64');
const index = assembleIndex([first, arm64]);
const family: NamedArtifact[] = [
  { names: ['cc:latest'], artifact: index },
  { names: ['cc:latest-amd64'], artifact: first },
  { names: ['cc:latest-arm64'], artifact: arm64 },
  { names: ['base:debug', 'base:other'], artifact: second },
];

const fault = (code: string, text = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string });

async function contentOf(artifact: Artifact): Promise<unknown> {
  await validateArtifact(artifact);
  return imagesOf(artifact).map((image) => [
    image.descriptor.digest,
    image.config,
    image.layers.map((layer) => layer.descriptor),
  ]);
}

describe.each(kinds)('%s', (kind) => {
  const inOne = (work: (place: Place) => Promise<void>) => (): Promise<void> => inPlace(kind, work);

  it(
    'gives back what was written, under every name',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      await sink.write(family);
      for (const [name, expected] of [
        ['cc:latest-amd64', first],
        ['cc:latest-arm64', arm64],
        ['base:debug', second],
        ['base:other', second],
        ['cc:latest', kind === 'docker-archive' ? first : index],
      ] as const) {
        const artifact = await source.open(name);
        expect(artifact.descriptor.digest, name).toBe(expected.descriptor.digest);
        expect(await contentOf(artifact), name).toEqual(await contentOf(expected));
        expect((await source.resolve(name)).digest, name).toBe(expected.descriptor.digest);
      }
    }),
  );

  it(
    'lists its names with their digests',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      const report = await sink.write(family);
      const listed = (await source.list()).flatMap(({ names, digest }) =>
        names.map((name) => `${name} ${digest}`),
      );
      expect(listed.sort()).toEqual(report.names.map(({ name, digest }) => `${name} ${digest}`).sort());
      expect(listed).toHaveLength(5);
    }),
  );

  it(
    'opens the only image without a name',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      await sink.write([{ names: ['x:1'], artifact: second }]);
      expect((await source.open()).descriptor.digest).toBe(second.descriptor.digest);
    }),
  );

  it(
    'takes the name from the location, for the one image that there is',
    inOne(async ({ at, content }) => {
      const { sink, source } = at('out', 'mine:1');
      const report = await sink.write([{ names: ['other:x', 'other:y'], artifact: first }]);
      const name = kind === 'docker' ? '1' : 'mine:1';
      expect(report.names).toEqual([{ name, digest: first.descriptor.digest }]);
      expect((await source.open()).descriptor.digest).toBe(first.descriptor.digest);
      await expect(source.open('other:x')).rejects.toThrow(fault('UNKNOWN_IMAGE'));
      await expect(at('more', 'mine:1').sink.write(family)).rejects.toThrow(fault('USAGE', '2 images'));
      expect((await content()).filter((one) => one.includes('more'))).toEqual([]);
    }),
  );

  it(
    'asks which where there are several, and suggests the nearest name',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      await sink.write([
        { names: ['cc:debug'], artifact: first },
        { names: ['base:latest'], artifact: second },
      ]);
      await expect(source.open()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'holds 2 images; say which'));
      for (const read of ['open', 'resolve'] as const)
        await expect(source[read]('cc:debgu')).rejects.toMatchObject({
          code: 'UNKNOWN_IMAGE',
          hint: 'Did you mean cc:debug?',
        });
    }),
  );

  it(
    'says so where there is nothing',
    inOne(async ({ at }) => {
      for (const { source } of [at('out'), at('out', 'x:1')]) {
        await expect(source.open()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'does not exist'));
        await expect(source.resolve()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'does not exist'));
      }
      await expect(at('out').source.list()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'does not exist'));
    }),
  );

  it(
    'opens the image of a platform, and says which there are',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      await sink.write([{ names: ['cc:latest'], artifact: index }]);
      const open = (...platforms: string[]): Promise<Artifact> =>
        source.open('cc:latest', { platforms: platforms.map(parsePlatform) });
      if (kind !== 'docker-archive') {
        expect((await open('linux/arm64')).descriptor.digest).toBe(arm64.descriptor.digest);
        expect(imagesOf(await open('linux/arm64', 'linux/amd64'))).toHaveLength(2);
      }
      expect((await open('linux/amd64')).descriptor.digest).toBe(first.descriptor.digest);
      await expect(open('linux/amd64', 'linux/s390x')).rejects.toMatchObject({
        code: 'UNKNOWN_PLATFORM',
        message: expect.stringContaining('linux/s390x') as string,
        hint: expect.stringContaining('linux/amd64') as string,
      });
    }),
  );

  it(
    'replaces a name, and is the same when written twice',
    inOne(async ({ at, content }) => {
      const { sink, source, path } = at('out');
      await sink.write([{ names: ['x:1'], artifact: first }]);
      await sink.write([{ names: ['x:1'], artifact: second }]);
      expect((await source.open('x:1')).descriptor.digest).toBe(second.descriptor.digest);
      const state = async (): Promise<unknown> => [
        await content(),
        kind === 'docker' ? '' : await readFile(kind === 'oci' ? join(path, 'index.json') : path),
      ];
      const before = await state();
      await sink.write([{ names: ['x:1'], artifact: second }]);
      expect(await state()).toEqual(before);
    }),
  );

  it(
    'takes layers without compression, with zstd, and none at all',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      const layers = [
        await layerOf({ a: '1' }, 'none'),
        await layerOf({ b: '2' }, 'zstd'),
        await layerOf({ c: '3' }, 'gzip'),
      ];
      const artifacts = [
        { names: ['x:1'], artifact: imageOf(layers) },
        { names: ['empty:1'], artifact: imageOf([]) },
      ];
      await sink.write(artifacts);
      for (const { names, artifact } of artifacts)
        expect(await contentOf(await source.open(names[0]))).toEqual(await contentOf(artifact));
    }),
  );

  it(
    'takes a layer that repeats',
    inOne(async ({ at }) => {
      const { sink, source } = at('out');
      const layer = await layerOf({ a: '1' });
      await sink.write([{ names: ['x:1'], artifact: imageOf([layer, layer]) }]);
      expect((await contentOf(await source.open())) as unknown[]).toHaveLength(1);
    }),
  );

  const lying = async (): Promise<NamedArtifact[]> => {
    const { blob, diffId } = await layerOf({ a: '1' });
    const wrong = (await layerOf({ a: '2' })).blob;
    return [
      {
        names: ['x:1'],
        artifact: imageOf([layerOfBlob({ ...blob, open: () => wrong.open() }, diffId, 'gzip')]),
      },
    ];
  };

  it(
    'stores no blob with wrong bytes, and leaves nothing behind',
    inOne(async ({ at, content }) => {
      await expect(at('a/b').sink.write(await lying())).rejects.toThrow(fault('IMAGE_INVALID', 'has'));
      expect(await content()).toEqual([]);
      await at('out').sink.write(family);
      const before = await content();
      await expect(at('out').sink.write(await lying())).rejects.toThrow(fault('IMAGE_INVALID'));
      expect(await content()).toEqual(before);
      await at('out').source.open('cc:latest');
    }),
  );

  it(
    'says that a cached file is damaged',
    inOne(({ at, content }) =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 'cached');
        const bytes = Buffer.from('what it should be');
        await writeFile(path, 'what it is not');
        const blob = {
          digest: digestOf(bytes),
          size: bytes.length,
          path,
          open: () => blobOfBytes(Buffer.from('what it is not')).open(),
        };
        const artifact = imageOf([layerOfBlob(blob, blob.digest, 'none')]);
        await expect(at('out').sink.write([{ names: ['x:1'], artifact }])).rejects.toMatchObject({
          code: 'CACHE_CORRUPT',
          path,
        });
        expect(await content()).toEqual([]);
      }),
    ),
  );

  it(
    'says that the disk is full, and leaves nothing behind',
    inOne(async ({ at, content }) => {
      const { blob, diffId } = await layerOf({ a: 'x'.repeat(5000) }, 'none');
      const open = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of blob.open()) yield piece.subarray(0, 1000);
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
          code: 'ENOSPC',
          path: 'out',
        });
      };
      const artifact = imageOf([layerOfBlob({ ...blob, open }, diffId, 'none'), await layerOf({ b: '' })]);
      await expect(at('out').sink.write([{ names: ['x:1'], artifact }])).rejects.toThrow(
        fault('DISK_FULL', 'out'),
      );
      expect(await content()).toEqual([]);
    }),
  );

  it(
    'ends when it is told to, and leaves nothing behind',
    inOne(async ({ at, content }) => {
      const ending = new AbortController();
      const { blob, diffId } = await layerOf({ a: 'x'.repeat(5000) }, 'none');
      const open = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of blob.open()) {
          ending.abort();
          yield piece;
        }
      };
      const artifact = imageOf([layerOfBlob({ ...blob, open }, diffId, 'none'), await layerOf({ b: '' })]);
      const { sink } = at('out', undefined, ending.signal);
      await expect(sink.write([{ names: ['x:1'], artifact }])).rejects.toThrow(fault('INTERRUPTED'));
      expect(await content()).toEqual([]);
    }),
  );

  it(
    'refuses names that it cannot hold',
    inOne(async ({ at, content }) => {
      await expect(at('out').sink.write([{ names: ['not a name'], artifact: first }])).rejects.toThrow(
        fault('USAGE', '"not a name"'),
      );
      await expect(at('out').sink.write([])).rejects.toThrow(fault('USAGE', 'no image'));
      expect(await content()).toEqual([]);
    }),
  );
});

describe.each(files)('%s', (kind) => {
  const at = (path: string): { sink: ImageSink; source: ImageSource } => {
    const location = parseLocation(`${kind}:${path}`);
    return { sink: openSink(location, context), source: openSource(location) };
  };
  const inFolder = inTemporaryFolder;

  it('gives an image without a name back', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
      await sink.write([{ names: [], artifact: second }]);
      expect((await source.open()).descriptor.digest).toBe(second.descriptor.digest);
    }));

  it('makes the folders above it', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'a/b/out'));
      await sink.write(family);
      await source.open('cc:latest');
    }));

  it('touches nothing that is something else', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'text'), 'precious');
      await writeFile(join(folder, 'nothing'), '');
      await mkdir(join(folder, 'full/sub'), { recursive: true });
      await writeFile(join(folder, 'full/sub/precious'), 'precious');
      for (const name of ['text', 'nothing', 'full'])
        await expect(at(join(folder, name)).sink.write(family), name).rejects.toMatchObject({
          code: 'OUTPUT_EXISTS',
          path: join(folder, name),
        });
      expect(await filesBelow(folder)).toEqual(['full/sub/precious', 'nothing', 'text']);
      expect(await readFile(join(folder, 'text'), 'utf8')).toBe('precious');
    }));

  it('says where it cannot write', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      await expect(at(join(folder, 'file/out')).sink.write(family)).rejects.toThrow(
        fault('OUTPUT_FAILED', 'file/out'),
      );
      await expect(at('/proc/self/out').sink.write(family)).rejects.toMatchObject({ exitCode: 7 });
    }));

  it.skipIf(process.getuid?.() === 0)('says that permission is denied', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'locked'), { mode: 0o500 });
      await expect(at(join(folder, 'locked/out')).sink.write(family)).rejects.toThrow(
        fault('OUTPUT_FAILED', 'permission denied'),
      );
      await chmod(join(folder, 'locked'), 0o700);
    }),
  );

  it('writes through a link to the place that it means', () =>
    inFolder(async (folder) => {
      const { sink } = at(join(folder, 'real'));
      await sink.write([{ names: ['x:1'], artifact: first }]);
      await symlink('real', join(folder, 'link'));
      await at(join(folder, 'link')).sink.write([{ names: ['x:1'], artifact: second }]);
      expect((await at(join(folder, 'real')).source.open('x:1')).descriptor.digest).toBe(
        second.descriptor.digest,
      );
    }));
});

describe.each(FAKE_ENGINES)('$kind by $program', ({ kind, program }) => {
  /** Runs with what writes and reads the one image of the engine, each reading by a source of its own. */
  const inEngine = (
    work: (engine: { write: ImageSink['write']; source: () => ImageSource }) => Promise<void>,
  ): Promise<void> =>
    withFakeEngine(program, '', async ({ environment }) => {
      const location = parseLocation(`${kind}:mine:1`);
      await work({
        write: (...args) => openSink(location, { ...context, environment }).write(...args),
        source: () => openSource(location, { environment }),
      });
    });

  it('gives back what was written', () =>
    inEngine(async ({ write, source }) => {
      const report = await write([{ names: ['other:x'], artifact: first }]);
      const { digest } = first.descriptor;
      expect(report.names).toEqual([{ name: 'mine:1', digest }]);
      expect(await source().list()).toEqual([{ names: ['mine:1'], digest }]);
      for (const name of [undefined, 'mine:1']) {
        expect((await source().resolve(name)).digest).toBe(digest);
        expect(await contentOf(await source().open(name))).toEqual(await contentOf(first));
        expect((await source().openAny(name)).descriptor.digest).toBe(digest);
      }
      expect(await source().referrers(digest)).toEqual([]);
    }));

  it('holds the one image that the location names', () =>
    inEngine(async ({ write, source }) => {
      await write([{ names: [], artifact: first }]);
      for (const read of ['open', 'openAny', 'resolve'] as const)
        await expect(source()[read]('mine:2')).rejects.toMatchObject({
          code: 'UNKNOWN_IMAGE',
          hint: 'Did you mean mine:1?',
        });
    }));

  it('says so where there is nothing', () =>
    inEngine(async ({ source }) => {
      await expect(source().open()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'does not exist'));
      await expect(source().resolve()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'does not exist'));
      await expect(source().list()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'does not exist'));
    }));

  it('opens the image of its platform, and says which that is', () =>
    inEngine(async ({ write, source }) => {
      await write([{ names: [], artifact: arm64 }]);
      const open = (platform: string): Promise<Artifact> =>
        source().open(undefined, { platforms: [parsePlatform(platform)] });
      expect((await open('linux/arm64')).descriptor.digest).toBe(arm64.descriptor.digest);
      await expect(open('linux/amd64')).rejects.toMatchObject({
        code: 'UNKNOWN_PLATFORM',
        hint: 'It has linux/arm64.',
      });
    }));

  it('takes layers without compression, with zstd, one that repeats, and none at all', () =>
    inEngine(async ({ write, source }) => {
      const repeated = await layerOf({ c: '3' });
      const layers = [
        await layerOf({ a: '1' }, 'none'),
        await layerOf({ b: '2' }, 'zstd'),
        repeated,
        repeated,
      ];
      for (const artifact of [imageOf(layers), imageOf([])]) {
        await write([{ names: [], artifact }]);
        expect(await contentOf(await source().open())).toEqual(await contentOf(artifact));
      }
    }));

  it('is copied from and to', () =>
    inEngine(({ write, source }) =>
      inTemporaryFolder(async (folder) => {
        await write([{ names: [], artifact: first }]);
        const layout = parseLocation(`oci:${folder}/out:copy`);
        await copyArtifact(source(), openSink(layout, context));
        expect((await openSource(layout).open()).descriptor.digest).toBe(first.descriptor.digest);
      }),
    ));
});
