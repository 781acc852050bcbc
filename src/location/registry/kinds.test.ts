import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import {
  blobOfBytes,
  imagesOf,
  INDEX_TYPE,
  MANIFEST_TYPE,
  validateArtifact,
  type Descriptor,
} from '../../oci/index.ts';
import { startRegistry, type TestRegistry } from '../../testing/registry.ts';
import { collect, inTemporaryFolder, smallImage } from '../fixtures.ts';
import { copyArtifact, openSink, openSource, parseLocation, type WriteReport } from '../index.ts';
import { contextWith } from '../../testing/registry-context.ts';

/**
 * Whatever a registry holds is copied as it is: through a second registry and a layout and back, the bytes and so the
 * digest stay the same.
 */

const image = await smallImage('x');
const DOCKER = 'application/vnd.docker';

/** Fills a repository with documents and blobs, and gives their descriptors. */
class Content {
  readonly #repository: ReturnType<TestRegistry['protocol']['repository']>;

  constructor(registry: TestRegistry) {
    this.#repository = registry.protocol.repository('from');
  }

  blob(mediaType: string, content: Uint8Array | string): Descriptor {
    const bytes = Buffer.from(content);
    this.#repository.blobs.set(digestOf(bytes), bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  }

  manifest(type: string, value: object | string, tag?: string): Descriptor {
    const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const digest = digestOf(bytes);
    this.#repository.manifests.set(digest, { type, bytes });
    if (tag !== undefined) this.#repository.tags.set(tag, digest);
    return { mediaType: type, digest, size: bytes.length };
  }

  async layers(type = (mediaType: string): string => mediaType): Promise<Descriptor[]> {
    const layers = [];
    for (const { blob, descriptor } of image.layers)
      layers.push(this.blob(type(descriptor.mediaType), await collect(blob.open())));
    return layers;
  }

  async image(type = MANIFEST_TYPE, more: object = {}): Promise<object> {
    const config = this.blob(image.manifest.config.mediaType, image.configBytes);
    return { schemaVersion: 2, mediaType: type, config, layers: await this.layers(), ...more };
  }
}

const KINDS: readonly [string, (content: Content) => Promise<Descriptor>][] = [
  [
    'an image with white space, members and annotations of its own',
    async (content) => {
      const value = { zeta: [1, { b: null }], ...(await content.image()), annotations: { 'ä.ö': 'ü\n' } };
      return content.manifest(MANIFEST_TYPE, `\n${JSON.stringify(value, undefined, 3)}\n`, '1');
    },
  ],
  [
    'an image in Docker’s schema 2, with its list',
    async (content) => {
      const type = `${DOCKER}.distribution.manifest.v2+json`;
      const config = content.blob(`${DOCKER}.container.image.v1+json`, image.configBytes);
      const layers = await content.layers(() => `${DOCKER}.image.rootfs.diff.tar.gzip`);
      const child = content.manifest(type, { schemaVersion: 2, mediaType: type, config, layers });
      const list = `${DOCKER}.distribution.manifest.list.v2+json`;
      const platform = { architecture: 'amd64', os: 'linux' };
      const manifests = [{ ...child, platform }];
      return content.manifest(list, { schemaVersion: 2, mediaType: list, manifests }, '1');
    },
  ],
  [
    'an image without a media type inside',
    async (content) =>
      content.manifest(MANIFEST_TYPE, await content.image(MANIFEST_TYPE, { mediaType: undefined }), '1'),
  ],
  [
    'an image with layers that are not distributed',
    async (content) => {
      const foreign = {
        mediaType: `${DOCKER}.image.rootfs.foreign.diff.tar.gzip`,
        digest: digestOf('not here'),
        size: 8,
        urls: ['https://example.com/layer'],
      };
      const layers = [foreign, ...(await content.layers()).slice(1)];
      return content.manifest(MANIFEST_TYPE, await content.image(MANIFEST_TYPE, { layers }), '1');
    },
  ],
  [
    'an index with an attestation, as BuildKit makes it',
    async (content) => {
      const child = content.manifest(MANIFEST_TYPE, await content.image());
      const statement = content.blob('application/vnd.in-toto+json', '{"_type":"x"}');
      const config = content.blob(
        image.manifest.config.mediaType,
        '{"architecture":"unknown","os":"unknown","rootfs":{"type":"layers","diff_ids":[]}}',
      );
      const attestation = content.manifest(MANIFEST_TYPE, {
        schemaVersion: 2,
        mediaType: MANIFEST_TYPE,
        config,
        layers: [statement],
      });
      const manifests = [
        { ...child, platform: { architecture: 'amd64', os: 'linux' } },
        {
          ...attestation,
          platform: { architecture: 'unknown', os: 'unknown' },
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
        },
      ];
      return content.manifest(INDEX_TYPE, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests }, '1');
    },
  ],
  [
    'an index in an index, with the same one twice',
    async (content) => {
      const child = content.manifest(MANIFEST_TYPE, await content.image());
      const inner = content.manifest(INDEX_TYPE, {
        schemaVersion: 2,
        mediaType: INDEX_TYPE,
        manifests: [child],
      });
      return content.manifest(
        INDEX_TYPE,
        { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [inner, child, inner] },
        '1',
      );
    },
  ],
  [
    'a build cache, an index of blobs',
    async (content) => {
      const layers = await content.layers();
      const cache = content.blob('application/vnd.buildkit.cacheconfig.v0', '{}');
      return content.manifest(
        INDEX_TYPE,
        { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...layers, cache] },
        '1',
      );
    },
  ],
  [
    'a chart, which is no image',
    (content) => {
      const config = content.blob('application/vnd.cncf.helm.config.v1+json', '{"name":"x"}');
      const layers = [content.blob('application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'chart')];
      return Promise.resolve(content.manifest(MANIFEST_TYPE, { schemaVersion: 2, config, layers }, '1'));
    },
  ],
  [
    'a manifest of a kind that nobody knows',
    (content) => {
      const type = 'application/vnd.example.manifest.v9+json';
      const blobs = [content.blob('text/plain', 'content')];
      return Promise.resolve(content.manifest(type, { mediaType: type, blobs, own: true }, '1'));
    },
  ],
];

const inRegistries = async (work: (from: TestRegistry, to: TestRegistry) => Promise<void>): Promise<void> => {
  const [from, to] = [await startRegistry(), await startRegistry()];
  try {
    await work(from, to);
  } finally {
    await from.close();
    await to.close();
  }
};
const copy = (from: string, to: string): Promise<WriteReport> => {
  const context = contextWith();
  return copyArtifact(openSource(parseLocation(from), context), openSink(parseLocation(to), context));
};

describe.each(KINDS)('%s', (_title, fill) => {
  it('goes from registry to registry, and into a layout and back, as it is', () =>
    inRegistries((from, to) =>
      inTemporaryFolder(async (folder) => {
        const { digest } = await fill(new Content(from));
        const stored = from.protocol.repository('from').manifests.get(digest)!;
        await copy(`docker://${from.host}/from:1`, `docker://${to.host}/straight:1`);
        await copy(`docker://${from.host}/from:1`, `oci:${folder}/layout:x`);
        await copy(`oci:${folder}/layout:x`, `oci-archive:${folder}/archive:x`);
        await copy(`oci-archive:${folder}/archive:x`, `docker://${to.host}/around:1`);
        for (const name of ['straight', 'around']) {
          const repository = to.protocol.repository(name);
          expect(repository.tags.get('1'), name).toBe(digest);
          expect(repository.manifests.get(digest)).toEqual(stored);
          expect(repository.manifests.size).toBe(from.protocol.repository('from').manifests.size);
          expect(to.protocol.uploads.size).toBe(0);
        }
      }),
    ));
});

describe('what is opened as an image', () => {
  it('of an index are its images, and the rest is kept beside them', () =>
    inRegistries(async (from) => {
      const [, fill] = KINDS[4]!;
      await fill(new Content(from));
      const artifact = await openSource(parseLocation(`docker://${from.host}/from:1`), contextWith()).open();
      await validateArtifact(artifact);
      expect(imagesOf(artifact)).toHaveLength(1);
      expect(artifact).toMatchObject({ kind: 'index', others: [{ kind: 'other' }] });
    }));

  it('is no chart', () =>
    inRegistries(async (from) => {
      const [, fill] = KINDS[7]!;
      await fill(new Content(from));
      const source = openSource(parseLocation(`docker://${from.host}/from:1`), contextWith());
      await expect(source.open()).rejects.toThrow(
        expect.objectContaining({
          code: 'IMAGE_INVALID',
          message: expect.stringContaining('no container image') as string,
        }),
      );
      expect(await source.openAny()).toMatchObject({ kind: 'other', blobs: [{}, {}] });
    }));

  it('has layers that say where they are to be had, if they are not distributed', () =>
    inRegistries(async (from) => {
      const [, fill] = KINDS[3]!;
      await fill(new Content(from));
      const source = openSource(parseLocation(`docker://${from.host}/from:1`), contextWith());
      const [opened] = imagesOf(await source.open());
      expect(() => opened!.layers[0]!.blob.open()).toThrow(
        expect.objectContaining({ hint: expect.stringContaining('https://example.com/layer') as string }),
      );
    }));

  it('must not be an index without end', () =>
    inRegistries(async (from) => {
      const content = new Content(from);
      let inner = content.manifest(INDEX_TYPE, { schemaVersion: 2, manifests: [] });
      for (let depth = 0; depth < 12; depth++)
        inner = content.manifest(INDEX_TYPE, { schemaVersion: 2, manifests: [inner, inner] }, '1');
      await expect(
        openSource(parseLocation(`docker://${from.host}/from:1`), contextWith()).open(),
      ).rejects.toThrow('indexes deep');
    }));

  it('must not be an old Docker image', () =>
    inRegistries(async (from) => {
      new Content(from).manifest(
        `${DOCKER}.distribution.manifest.v1+prettyjws`,
        '{"schemaVersion": 1, "fsLayers": []}',
        '1',
      );
      await expect(
        openSource(parseLocation(`docker://${from.host}/from:1`), contextWith()).open(),
      ).rejects.toThrow('old schema 1');
    }));
});

describe('a foreign layer', () => {
  it('is not asked for where its image is pushed', async () => {
    const blob = blobOfBytes(Buffer.from('layer'));
    const descriptor = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
      digest: blob.digest,
      size: blob.size,
      urls: ['https://example.com/'],
    };
    await inRegistries(async (_from, to) => {
      const open = (): never => expect.unreachable('it was read');
      const bytes = Buffer.from(JSON.stringify({ ...image.manifest, layers: [descriptor] }));
      const foreign = {
        ...image,
        descriptor: { ...image.descriptor, digest: digestOf(bytes), size: bytes.length },
        manifest: { ...image.manifest, layers: [descriptor] },
        manifestBytes: bytes,
        layers: [{ descriptor, diffId: blob.digest, blob: { ...blob, open } }],
      };
      const sink = openSink(parseLocation(`docker://${to.host}/to:1`), contextWith());
      await sink.write([{ names: [], artifact: foreign }]);
      expect(to.requests.filter(({ line }) => line.includes(blob.digest))).toEqual([]);
    });
  });
});
