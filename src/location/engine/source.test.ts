import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  assembleIndex,
  blobOfBytes,
  imagesOf,
  layerTypeOf,
  MANIFEST_TYPE,
  parsePlatform,
  validateArtifact,
  type Image,
} from '../../oci/index.ts';
import { composeDocker, composeLayout, encodeArchive, type ArchiveContent } from '../archive/compose.ts';
import {
  canMount,
  collect,
  context,
  imageOf,
  inTemporaryFolder,
  layerOf,
  layerOfBlob,
  onSmallDisk,
  smallImage,
} from '../fixtures.ts';
import { openSink, openSource, parseLocation, type ImageSource } from '../index.ts';
import { FAKE_ENGINES, withFakeEngine, type FakeEngine, type Program } from './fixtures.ts';

const amd64 = await smallImage('x');
const arm64 = await smallImage('x', 'linux/arm64');
const s390x = await smallImage('x', 'linux/s390x');
const index = assembleIndex([amd64, arm64, s390x]);
const NAME = 'docker.io/library/cc:1';

/** The source of an engine, whose temporary files go to a folder of their own. */
function sourceOf(
  kind: string,
  { folder, environment }: FakeEngine,
  { reference = 'cc:1', signal }: { reference?: string; signal?: AbortSignal } = {},
): ImageSource {
  let count = 0;
  return openSource(parseLocation(`${kind}:${reference}`), {
    environment,
    temporaryPath: () => join(folder, 'tmp', `file-${count++}`),
    ...(signal ? { signal } : {}),
  });
}

/** Makes an engine hold an image, or anything that is in an archive. */
async function hold({ folder }: FakeEngine, content: ArchiveContent): Promise<void> {
  await writeFile(join(folder, 'got.tar'), await collect(encodeArchive(content)));
}
const contentOf = (artifact: Image | typeof index = amd64, name = 'cc:1'): ArchiveContent =>
  composeLayout([{ names: [name], artifact }]);

/** What a content lacks when the blobs of images that share no layers are taken from it. */
function without(content: ArchiveContent, ...images: readonly Image[]): ArchiveContent {
  const gone = new Set(
    images.flatMap(({ descriptor, layers }) => [descriptor.digest, layers[1]?.blob.digest]),
  );
  return { ...content, blobs: content.blobs.filter(({ digest }) => !gone.has(digest)) };
}

const withEngine = (
  program: Program,
  before: string | undefined,
  work: (engine: FakeEngine) => Promise<void>,
): Promise<void> =>
  withFakeEngine(program, before, async (engine) => {
    await mkdir(join(engine.folder, 'tmp'));
    await hold(engine, contentOf());
    await work(engine);
    expect(await readdir(join(engine.folder, 'tmp'))).toEqual([]);
  });

const FAILURES: readonly (readonly [string, string, object])[] = [
  [
    'cannot be asked',
    'echo "Cannot connect to https://me:secret@example.com" >&2; exit 125',
    {
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(
        / failed \(125\): Cannot connect to https:\/\/\*\*\*@example\.com$/,
      ) as string,
    },
  ],
  [
    'fails while it saves',
    'case "$1 $2" in save*|"content get") echo half; echo "broken pipe of mine" >&2; exit 3;; esac',
    {
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(/(save|content get).* failed \(3\): broken pipe of mine$/) as string,
    },
  ],
  [
    'is killed while it saves',
    'case "$1 $2" in save*|"content get") kill -9 $$;; esac',
    { code: 'ENGINE_FAILED', message: expect.stringContaining('failed (SIGKILL)') as string },
  ],
  [
    'has no room to save',
    'case "$1 $2" in save*|"content get") echo "write /dev/stdout: no space left on device" >&2; exit 1;; esac',
    { code: 'DISK_FULL', message: expect.stringContaining('no space left on device') as string },
  ],
  [
    'saves nothing',
    'case "$1 $2" in save*|"content get") exit 0;; esac',
    { code: 'IMAGE_INVALID', message: expect.anything() as string },
  ],
  [
    'saves something else',
    'case "$1 $2" in save*|"content get") seq 1 1000; exit 0;; esac',
    { code: 'IMAGE_INVALID', message: expect.anything() as string },
  ],
];

describe.each(FAKE_ENGINES)('$kind by $program', ({ kind, program, list }) => {
  it('is asked for nothing before the first question, and for the image once', () =>
    withEngine(program, '', async (engine) => {
      const source = sourceOf(kind, engine);
      expect(await readdir(engine.folder)).not.toContain('asked');
      const opened = await Promise.all([source.resolve(), source.open(), source.openAny('cc:1')]);
      expect(opened).toHaveLength(3);
      const asked = (await readFile(join(engine.folder, 'asked'), 'utf8')).split('\n');
      expect(asked.filter((line) => /^(save|content ls)/.test(line))).toHaveLength(1);
    }));

  it('says that there is no such image, and what lists those that are there', () =>
    withEngine(program, '', async (engine) => {
      const source = sourceOf(kind, engine, { reference: 'cc:2' });
      for (const question of [
        source.list(),
        source.resolve(),
        source.open(),
        source.referrers(index.descriptor.digest),
      ])
        await expect(question).rejects.toMatchObject({
          code: 'UNKNOWN_IMAGE',
          message: `${kind}:cc:2 does not exist`,
          hint: `\`${list}\` lists the images that are there.`,
        });
    }));

  it('says that it is not installed', () =>
    withEngine(program, undefined, async (engine) => {
      await expect(sourceOf(kind, engine).open()).rejects.toMatchObject({
        code: 'ENGINE_MISSING',
        hint: expect.stringContaining('archive:') as string,
      });
    }));

  it.each(FAILURES)('says so when it %s', (_what, script, error) =>
    withEngine(program, script, async (engine) => {
      await expect(sourceOf(kind, engine).open()).rejects.toMatchObject(error);
    }),
  );

  it('is asked again after a failure', () =>
    withEngine(program, 'test -f "$FOLDER/works" || exit 1', async (engine) => {
      const source = sourceOf(kind, engine);
      await expect(source.open()).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
      await writeFile(join(engine.folder, 'works'), '');
      expect((await source.open()).descriptor.digest).toBe(amd64.descriptor.digest);
    }));

  it('is ended by an interruption', () =>
    withEngine(
      program,
      'case "$1 $2" in save*|"content get") echo > "$FOLDER/saving"; exec sleep 1000;; esac',
      async (engine) => {
        const ending = new AbortController();
        const opening = sourceOf(kind, engine, { signal: ending.signal }).open();
        const ended = opening.then(
          () => true,
          () => true,
        );
        const saves = async (): Promise<boolean> => (await readdir(engine.folder)).includes('saving');
        while (!(await saves())) expect(await Promise.race([ended, sleep(10)])).toBeUndefined();
        expect(await readdir(join(engine.folder, 'tmp'))).toEqual([]);
        ending.abort();
        await expect(opening).rejects.toMatchObject({ code: 'INTERRUPTED' });
        await expect(sourceOf(kind, engine, { signal: ending.signal }).open()).rejects.toMatchObject({
          code: 'INTERRUPTED',
        });
      },
    ));

  it('gets the name as it was said where it knows no other: short names, IDs, digests', () =>
    withEngine(program, '', async (engine) => {
      const { digest } = amd64.descriptor;
      for (const reference of ['app', `cc@${digest}`, `example.com/cc:1@${digest}`]) {
        await hold(engine, contentOf(amd64, reference));
        expect((await sourceOf(kind, engine, { reference }).open()).descriptor.digest).toBe(digest);
      }
    }));

  it('notices a layer with other bytes when it is read', () =>
    withEngine(program, '', async (engine) => {
      const { blob, diffId } = await layerOf({ a: '1' }, 'none');
      const wrong = Buffer.alloc(blob.size, 'x');
      const content = contentOf(imageOf([layerOfBlob(blob, diffId, 'none')]));
      const blobs = content.blobs.map((one) =>
        one.digest === blob.digest
          ? { ...one, isVerified: true, open: () => blobOfBytes(wrong).open() }
          : one,
      );
      await hold(engine, { ...content, blobs });
      const [image] = imagesOf(await sourceOf(kind, engine).open());
      const reading = collect(image?.layers[0]?.blob.open() ?? blobOfBytes(wrong).open());
      await expect(reading).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
    }));

  describe('with an index', () => {
    const opened = (content: ArchiveContent, work: (source: ImageSource) => Promise<void>): Promise<void> =>
      withEngine(program, '', async (engine) => {
        await hold(engine, content);
        await work(sourceOf(kind, engine));
      });

    it('that is whole, gives it byte for byte', () =>
      opened(contentOf(index), async (source) => {
        expect(await source.resolve()).toMatchObject({ digest: index.descriptor.digest });
        const artifact = await source.open();
        expect([artifact.descriptor.digest, imagesOf(artifact).length]).toEqual([index.descriptor.digest, 3]);
      }));

    it('of which one image is there, gives that', () =>
      opened(without(contentOf(index), amd64, s390x), async (source) => {
        const { digest } = arm64.descriptor;
        expect((await source.resolve()).digest).toBe(digest);
        expect(await source.list()).toEqual([{ names: ['cc:1'], digest }]);
        for (const platforms of [[], [parsePlatform('linux/arm64')]])
          expect((await source.open(undefined, { platforms })).descriptor.digest).toBe(digest);
        await expect(
          source.open(undefined, { platforms: [parsePlatform('linux/amd64')] }),
        ).rejects.toMatchObject({ code: 'UNKNOWN_PLATFORM', hint: 'It has linux/arm64.' });
      }));

    it('of which some are there, gives an index of these', () =>
      opened(without(contentOf(index), arm64), async (source) => {
        const artifact = await source.open();
        expect(imagesOf(artifact).map(({ descriptor }) => descriptor.digest)).toEqual(
          [amd64, s390x].map(({ descriptor }) => descriptor.digest),
        );
        expect((await source.resolve()).digest).toBe(artifact.descriptor.digest);
        const some = await source.open(undefined, { platforms: [parsePlatform('linux/s390x')] });
        expect(some.descriptor.digest).toBe(s390x.descriptor.digest);
        await expect(
          source.open(undefined, { platforms: [parsePlatform('linux/arm64')] }),
        ).rejects.toMatchObject({ code: 'UNKNOWN_PLATFORM', hint: 'It has linux/amd64, linux/s390x.' });
      }));

    it('of which nothing is there, says so', () =>
      opened(without(contentOf(index), amd64, arm64, s390x), async (source) => {
        await expect(source.open()).rejects.toMatchObject({
          code: 'IMAGE_INVALID',
          message: expect.stringContaining('is there as a whole') as string,
        });
      }));
  });
});

describe('what an engine is told', () => {
  it('nerdctl saves the platforms that are there, and pulls no others', () =>
    withEngine('nerdctl', '', async (engine) => {
      await writeFile(join(engine.folder, 'platforms'), 'linux/arm64\nlinux/amd64\nlinux/arm64\n');
      await sourceOf('containerd', engine).open();
      expect(await readFile(join(engine.folder, 'asked'), 'utf8')).toBe(
        `images --format {{.Platform}} ${NAME}\nsave --platform linux/arm64,linux/amd64 ${NAME}\n`,
      );
    }));

  it('podman is asked for the name that images are written under, before short names', () =>
    withEngine('podman', '', async (engine) => {
      await sourceOf('containers-storage', engine).open();
      expect(await readFile(join(engine.folder, 'asked'), 'utf8')).toBe(
        `image inspect ${NAME}\nsave --quiet --format docker-archive ${NAME}\n`,
      );
    }));
});

describe('podman', () => {
  const told = (type: string): string =>
    `case "$1 $2" in "image inspect") echo "$@" >> "$FOLDER/asked"; echo '[{"ManifestType":"${type}"}]'; exit;; esac`;
  const saves = async ({ folder }: FakeEngine): Promise<string[]> =>
    (await readFile(join(folder, 'asked'), 'utf8')).split('\n').filter((line) => line.startsWith('save'));
  const dockerForm = `save --quiet --format docker-archive ${NAME}`;
  const ociForm = `save --quiet --format oci-archive --uncompressed ${NAME}`;

  it.each([
    ['application/vnd.oci.image.manifest.v1+json', ociForm],
    ['application/vnd.docker.distribution.manifest.v2+json', dockerForm],
  ])('saves an image in the format that it has: %s', (type, form) =>
    withEngine('podman', told(type), async (engine) => {
      await sourceOf('containers-storage', engine).open();
      expect(await saves(engine)).toEqual([form]);
    }),
  );

  it('that does not know how to leave layers alone is asked for what it knows', () =>
    withEngine(
      'podman',
      `${told(MANIFEST_TYPE)}\ncase "$*" in *--uncompressed*) echo "Error: unknown flag: --uncompressed" >&2; exit 125;; esac`,
      async (engine) => {
        const { digest } = (await sourceOf('containers-storage', engine).open()).descriptor;
        expect(digest).toBe(amd64.descriptor.digest);
        expect(await saves(engine)).toEqual([dockerForm]);
      },
    ));

  it('calls unpacked layers compressed, which they are not', () =>
    withEngine('podman', '', async (engine) => {
      const layers = await Promise.all(['1', '2'].map((text) => layerOf({ a: text }, 'none')));
      const zipped = await layerOf({ b: '3' });
      const right = imageOf([...layers, zipped]);
      const [first, second] = layers.map((layer, i) => ({
        ...layer,
        descriptor: { ...layer.descriptor, mediaType: layerTypeOf(i === 0 ? 'gzip' : 'zstd') },
      }));
      if (!first || !second) throw new Error('there are two layers');
      await hold(engine, contentOf(imageOf([first, second, zipped])));
      const artifact = await sourceOf('containers-storage', engine).open();
      await validateArtifact(artifact);
      expect(artifact.descriptor).toEqual(right.descriptor);
      expect(imagesOf(artifact)[0]?.manifestBytes).toEqual(right.manifestBytes);
    }));
});

describe('a docker-archive without a layout', () => {
  it('gives an image whose digest is the same every time', () =>
    withEngine('docker', '', async (engine) => {
      const image = imageOf([await layerOf({ a: '1' }, 'none'), await layerOf({ b: '2' }, 'none')]);
      const { documents, blobs } = composeDocker([{ names: ['cc:1'], image }]);
      const { 'manifest.json': manifest = new Uint8Array(0) } = documents;
      const script = 'case "$1" in image) echo "[]"; exit 0;; esac';
      await withEngine('docker', script, async (other) => {
        await hold(other, { documents: { 'manifest.json': manifest }, blobs });
        const [first, second] = [sourceOf('docker-daemon', other), sourceOf('docker-daemon', other)];
        const [got] = imagesOf(await first.open());
        expect(got?.configBytes).toEqual(image.configBytes);
        expect(got?.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId));
        expect((await second.resolve()).digest).toBe(got?.descriptor.digest);
      });
      await hold(engine, contentOf());
    }));
});

describe('a temporary file', () => {
  it('that cannot be made is told', () =>
    withEngine('podman', '', async ({ folder, environment }) => {
      const source = openSource(parseLocation('containers-storage:cc:1'), {
        environment,
        temporaryPath: () => join(folder, 'nowhere', 'file'),
      });
      await expect(source.open()).rejects.toMatchObject({
        code: 'OUTPUT_FAILED',
        path: join(folder, 'nowhere', 'file'),
      });
    }));

  it.skipIf(!canMount())('that fills the disk ends the engine, which might wait for ever', () =>
    inTemporaryFolder((folder) =>
      withEngine(
        'podman',
        'case "$1" in save) head -c 3000000 /dev/zero; exec sleep 100000;; esac',
        (engine) =>
          onSmallDisk(join(folder, 'disk'), async () => {
            const path = join(folder, 'disk', 'file');
            const source = openSource(parseLocation('containers-storage:cc:1'), {
              environment: engine.environment,
              temporaryPath: () => path,
            });
            await expect(source.open()).rejects.toMatchObject({ code: 'DISK_FULL', path });
          }),
      ),
    ),
  );

  it('is read by those who have the image, while others read it too', () =>
    withEngine('podman', '', async (engine) => {
      const [image] = imagesOf(await sourceOf('containers-storage', engine).open());
      const read = await Promise.all(
        (image?.layers ?? []).flatMap(({ blob }) => [blob, blob]).map((blob) => collect(blob.open())),
      );
      expect(read.map(({ length }) => length)).toEqual(
        amd64.layers.flatMap(({ blob }) => [blob.size, blob.size]),
      );
    }));
});

describe('a digest', () => {
  it.each(FAKE_ENGINES)('is no name to write to in $kind ($program)', ({ kind, program }) =>
    withEngine(program, '', async ({ environment }) => {
      const location = parseLocation(`${kind}:cc@${amd64.descriptor.digest}`);
      const writing = openSink(location, { ...context, environment }).write([{ names: [], artifact: amd64 }]);
      await expect(writing).rejects.toMatchObject({ code: 'USAGE' });
    }),
  );
});
