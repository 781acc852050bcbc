import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assembleIndex, imagesOf, validateArtifact, type Image } from '../../oci/index.ts';
import type { TestRegistry, TestRegistryOptions } from '../../testing/registry.ts';
import { collect, imageOf, inTemporaryFolder, layerOf, smallImage } from '../fixtures.ts';
import {
  copyArtifact,
  openSink,
  openSource,
  parseLocation,
  type LocationContext,
  type NamedArtifact,
  type RegistrySettings,
  type WriteReport,
} from '../index.ts';
import { contextWith, withRegistry } from '../../testing/registry-context.ts';

/** What moves between a registry and us, and what does not. */

const one = await smallImage('one');
const arm64 = await smallImage('one', 'linux/arm64');
const index = assembleIndex([one, arm64]);
const large = imageOf([await layerOf({ big: randomBytes(300_000) }, 'none')]);

const write = (
  { host }: TestRegistry,
  name: string,
  artifacts: readonly NamedArtifact[],
  settings: RegistrySettings = {},
): Promise<WriteReport> =>
  openSink(parseLocation(`docker://${host}/${name}`), contextWith(settings)).write(artifacts);
const push = (
  registry: TestRegistry,
  artifact: NamedArtifact['artifact'],
  settings?: RegistrySettings,
): Promise<WriteReport> => write(registry, 'app:1', [{ names: [], artifact }], settings);
const copy = (
  registry: TestRegistry,
  from: string,
  to: string,
  context: LocationContext = contextWith(),
): Promise<WriteReport> =>
  copyArtifact(
    openSource(parseLocation(`docker://${registry.host}/${from}`), context),
    openSink(parseLocation(`docker://${registry.host}/${to}`), context),
  );
const linesOf = ({ requests }: TestRegistry, pattern: RegExp, since = 0): string[] =>
  requests
    .slice(since)
    .map(({ line }) => line)
    .filter((line) => pattern.test(line));
const within = (options: TestRegistryOptions, work: (registry: TestRegistry) => Promise<void>) => () =>
  withRegistry(options, work);

describe('a push', () => {
  it(
    'of what is there asks for the tag, and no more',
    within({}, async (registry) => {
      await push(registry, one);
      const since = registry.requests.length;
      const report = await push(registry, one);
      expect(linesOf(registry, /./, since)).toEqual(['GET /v2/', 'HEAD /v2/app/manifests/1']);
      expect(report).toMatchObject({ blobsWritten: 0, blobsReused: 4, bytesWritten: 0 });
    }),
  );

  it(
    'of an index with one new image looks at nothing below the others',
    within({}, async (registry) => {
      await push(registry, index);
      const since = registry.requests.length;
      const added = await smallImage('two', 'linux/s390x');
      await push(registry, assembleIndex([one, arm64, added]));
      expect(linesOf(registry, /^HEAD .*blobs/, since)).toHaveLength(added.layers.length + 1);
    }),
  );

  it(
    'moves the tag last',
    within({}, async (registry) => {
      await push(registry, index);
      expect(linesOf(registry, /^PUT .*manifests/).slice(-2)).toEqual([
        `PUT /v2/app/manifests/${index.descriptor.digest}`,
        'PUT /v2/app/manifests/1',
      ]);
      expect(linesOf(registry, /^PUT/).at(-1)).toBe('PUT /v2/app/manifests/1');
    }),
  );

  it(
    'of several images into several repositories sends each blob once, and mounts it in the others',
    within({}, async (registry) => {
      const family = [
        { names: ['a:1', 'a:2'], artifact: one },
        { names: ['b:1'], artifact: index },
        { names: ['c/d:1'], artifact: arm64 },
      ];
      const report = await write(registry, 'me/', family);
      const sent = linesOf(registry, /^PUT .*blobs/).map((line) => /digest=(.*)/.exec(line)?.[1]);
      expect(new Set(sent).size).toBe(sent.length);
      expect(linesOf(registry, /^POST .*mount=/).length).toBeGreaterThan(3);
      expect(report.names.map(({ name }) => name)).toEqual(['a:1', 'a:2', 'b:1', 'c/d:1']);
      expect([...registry.protocol.repositories.keys()].sort()).toEqual(['me/a', 'me/b', 'me/c/d']);
    }),
  );

  it(
    'by digest needs the digest of the image',
    within({}, async (registry) => {
      const { digest } = one.descriptor;
      await write(registry, `app@${digest}`, [{ names: ['x'], artifact: one }]);
      expect(registry.protocol.repositories.get('app')?.tags.size).toBe(0);
      await write(registry, `app:1@${digest}`, [{ names: ['x'], artifact: one }]);
      expect(registry.protocol.repositories.get('app')?.tags.get('1')).toBe(digest);
      await expect(write(registry, `app@${digest}`, [{ names: ['x'], artifact: arm64 }])).rejects.toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(digest) as string }),
      );
    }),
  );

  it(
    'gives the images of an index tags of their own where they were named',
    within({}, async (registry) => {
      await write(registry, 'app:1', [
        { names: ['x:latest'], artifact: index },
        { names: ['x:latest-amd64'], artifact: one },
        { names: ['x:latest-arm64'], artifact: arm64 },
      ]);
      expect([...(registry.protocol.repositories.get('app')?.tags.keys() ?? [])].sort()).toEqual([
        '1',
        '1-amd64',
        '1-arm64',
      ]);
    }),
  );

  it(
    'of a manifest that is too large is not begun',
    within({}, async (registry) => {
      const layers = await Promise.all([layerOf({ a: '' }, 'none')]);
      const huge = imageOf(layers);
      const bytes = Buffer.concat([huge.manifestBytes, Buffer.alloc(4 * 1024 * 1024, ' ')]);
      const wide: Image = { ...huge, manifestBytes: bytes };
      await expect(push(registry, wide)).rejects.toThrow(
        expect.objectContaining({
          code: 'IMAGE_INVALID',
          message: expect.stringContaining('4194304') as string,
        }),
      );
    }),
  );
});

describe('an upload', () => {
  const rangesOf = ({ requests }: TestRegistry): (string | undefined)[] =>
    requests.filter(({ line }) => line.startsWith('PATCH')).map(({ headers }) => headers['content-range']);

  it.each<[string, TestRegistryOptions, RegistrySettings, number]>([
    ['goes in one piece', {}, {}, 0],
    ['goes in chunks where that is wanted', {}, { chunkSize: 100_000 }, 4],
    ['has chunks as large as the registry wants', { smallestChunk: 150_000 }, { chunkSize: 1 }, 3],
    [
      'goes in chunks where a proxy takes nothing as large',
      { largestBody: 200_000 },
      { chunkSize: 128_000 },
      3,
    ],
  ])('%s', async (_title, options, settings, chunks) => {
    await withRegistry(options, async (registry) => {
      await push(registry, large, { parallel: 1, ...settings });
      const layerChunks = rangesOf(registry).slice(0, chunks);
      expect(layerChunks).toHaveLength(chunks);
      if (chunks > 0) expect(layerChunks[0]).toMatch(/^0-/);
    });
  });

  it(
    'that is refused for its size goes on in chunks',
    within({ largestBody: 17 * 1024 * 1024 }, async (registry) => {
      const huge = imageOf([await layerOf({ big: Buffer.alloc(20 * 1024 * 1024, 'x') }, 'none')]);
      await push(registry, huge);
      expect(rangesOf(registry)[0]).toBe(`0-${16 * 1024 * 1024 - 1}`);
    }),
  );

  it(
    'that breaks goes on where it stopped',
    within({}, async (registry) => {
      const reported: number[] = [];
      // After the question for the registry, the tag, the manifest and the blob, and the opening of the upload.
      registry.breakAt(5, 'half');
      await push(registry, large, { parallel: 1, onBytes: (bytes) => reported.push(bytes) });
      const size = large.layers[0]!.blob.size;
      const [range] = rangesOf(registry);
      expect(range).toBe(`${Math.floor(size / 2)}-${size - 1}`);
      const sent = reported.reduce((sum, bytes) => sum + bytes, 0);
      expect(sent).toBe(size + large.configBytes.length);
      expect(Math.min(...reported)).toBeLessThan(0);
    }),
  );

  it(
    'that the registry has lost begins again',
    within({}, async (registry) => {
      const { uploads } = registry.protocol;
      const chunked = push(registry, large, {
        parallel: 1,
        chunkSize: 100_000,
        onBytes: (bytes) => {
          if (bytes > 0 && linesOf(registry, /^PATCH/).length === 2) uploads.clear();
        },
      });
      await chunked;
      expect(rangesOf(registry).filter((range) => range?.startsWith('0-')).length).toBeGreaterThan(1);
    }),
  );

  it('to an absolute address with a query of its own works', async () => {
    let base = '';
    await withRegistry(
      {
        get uploadBase() {
          return base;
        },
      },
      async (registry) => {
        base = `http://${registry.host}`;
        await push(registry, one);
        expect(registry.protocol.uploads.size).toBe(0);
      },
    );
  });

  it.each([413, 500])('that is refused with %i at its end is taken back', (status) =>
    withRegistry(
      {
        override: ({ method, url }) =>
          method === 'PUT' && url.pathname.includes('/blobs/') ? { status } : undefined,
      },
      async (registry) => {
        await expect(push(registry, one, { retries: 1, parallel: 1 })).rejects.toMatchObject({
          code: status === 413 ? 'REGISTRY_REFUSED' : 'NETWORK_STATUS',
        });
        expect(registry.protocol.uploads.size).toBe(0);
      },
    ),
  );
});

describe('a copy within a registry', () => {
  it(
    'mounts everything',
    within({}, async (registry) => {
      await push(registry, index);
      const since = registry.requests.length;
      const report = await copy(registry, 'app:1', 'copy:2');
      expect(linesOf(registry, /^(PUT|PATCH|GET) .*copy\/blobs/, since)).toEqual([]);
      expect(report).toMatchObject({ blobsWritten: 3 });
      expect(registry.protocol.repositories.get('copy')?.tags.get('2')).toBe(index.descriptor.digest);
    }),
  );

  it(
    'sends what the registry does not mount, and nothing that is there',
    within({ mounts: false }, async (registry) => {
      await push(registry, one);
      await copy(registry, 'app:1', 'copy:1');
      const since = registry.requests.length;
      expect(linesOf(registry, /^PUT .*copy\/blobs/)).toHaveLength(3);
      registry.protocol.repositories.get('copy')?.manifests.clear();
      registry.protocol.repositories.get('copy')?.tags.clear();
      await copy(registry, 'app:1', 'copy:1');
      expect(linesOf(registry, /^PUT .*copy\/blobs/, since)).toEqual([]);
      expect(registry.protocol.uploads.size).toBe(0);
    }),
  );

  it(
    'of what is there asks for two tags',
    within({}, async (registry) => {
      await push(registry, index);
      await copy(registry, 'app:1', 'copy:1');
      const since = registry.requests.length;
      await copy(registry, 'app:1', 'copy:1');
      expect(linesOf(registry, /./, since)).toEqual([
        'GET /v2/',
        'HEAD /v2/app/manifests/1',
        'HEAD /v2/copy/manifests/1',
      ]);
    }),
  );
});

describe('a copy to another registry', () => {
  it('is the same, byte for byte', () =>
    withRegistry({ auth: {} }, () =>
      withRegistry({}, (from) =>
        withRegistry({}, async (to) => {
          await push(from, index);
          const context = contextWith();
          await copyArtifact(
            openSource(parseLocation(`docker://${from.host}/app:1`), context),
            openSink(parseLocation(`docker://${to.host}/other:2`), context),
          );
          const artifact = await openSource(parseLocation(`docker://${to.host}/other:2`), context).open();
          expect(artifact.descriptor.digest).toBe(index.descriptor.digest);
          await validateArtifact(artifact);
        }),
      ),
    ));
});

describe('a pull', () => {
  it(
    'of one platform reads nothing of the others',
    within({}, async (registry) => {
      await push(registry, index);
      const since = registry.requests.length;
      const source = openSource(parseLocation(`docker://${registry.host}/app:1`), contextWith());
      const platform = { os: 'linux', architecture: 'arm64' };
      const artifact = await source.open(undefined, { platforms: [platform] });
      expect(artifact.descriptor.digest).toBe(arm64.descriptor.digest);
      expect(linesOf(registry, /manifests|blobs/, since)).toHaveLength(3);
    }),
  );

  it.each([true, false])('that breaks goes on where it stopped, with ranges or without: %s', (ranges) =>
    withRegistry({ ranges }, async (registry) => {
      await push(registry, large);
      const source = openSource(parseLocation(`docker://${registry.host}/app:1`), contextWith());
      const [image] = imagesOf(await source.open());
      const { blob } = image!.layers[0]!;
      registry.breakAt(0, 'truncated');
      expect((await collect(blob.open())).length).toBe(blob.size);
      const [, second] = registry.requests.slice(-2);
      expect(second?.headers.range).toMatch(/^bytes=\d+-$/);
    }),
  );

  it.each([
    ['is shorter', (bytes: Buffer) => bytes.subarray(1), /bytes, not/],
    ['is longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')]), /bytes, not/],
    ['has other bytes', (bytes: Buffer) => Buffer.alloc(bytes.length, 'x'), /its digest is/],
  ])('of a blob that %s leaves nothing behind', (_what, change, message) =>
    withRegistry({}, (registry) =>
      inTemporaryFolder(async (folder) => {
        await push(registry, large);
        const { blobs } = registry.protocol.repository('app');
        const { digest } = large.layers[0]!.blob;
        blobs.set(digest, change(blobs.get(digest)!));
        const source = openSource(parseLocation(`docker://${registry.host}/app:1`), contextWith());
        const sink = openSink(parseLocation(`oci:${folder}/out:x`), contextWith());
        await expect(copyArtifact(source, sink)).rejects.toMatchObject({
          code: 'DIGEST_MISMATCH',
          message: expect.stringMatching(message) as string,
        });
        await expect(openSource(parseLocation(`oci:${folder}/out`)).list()).rejects.toThrow('does not exist');
      }),
    ),
  );
});
