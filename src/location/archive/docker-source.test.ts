import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { imagesOf, validateArtifact } from '../../oci/index.ts';
import { collect, layerOf, tarOf } from '../fixtures.ts';
import {
  faultOf,
  image,
  layer,
  layerPath,
  layoutFiles,
  link,
  pathOf,
  read,
  saved,
  type Files,
} from './fixtures.ts';

describe('a docker-archive', () => {
  const docker = async (
    manifest: string,
    changes: Record<string, string | null> = {},
    more: Files = [],
  ): Promise<Buffer> => tarOf(await layoutFiles({ 'manifest.json': manifest, ...changes }, more));

  it('with an OCI layout keeps its manifest', async () => {
    await read('docker-archive', await docker(saved()), async (source) => {
      expect(await source.list()).toEqual([{ names: ['x:1'], digest: image.descriptor.digest }]);
      for (const name of ['x:1', 'docker.io/library/x:1', '@0', undefined])
        expect((await source.open(name)).descriptor.digest).toBe(image.descriptor.digest);
      await expect(source.open('@1')).rejects.toMatchObject({ code: 'UNKNOWN_IMAGE' });
    });
  });

  it.each(['none', 'gzip', 'zstd'] as const)(
    'without one gets a manifest, layers with compression %s',
    async (compression) => {
      const { blob, diffId } = await layerOf({ a: 'b' }, compression);
      const config = JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [diffId, diffId] },
      });
      const files: Files = [
        ['repositories', '{}'],
        ['1/VERSION', '1.0'],
        ['1/layer.tar', await collect(blob.open())],
        link('2/layer.tar', '../1/layer.tar'),
        [`${digestOf(config).slice(7)}.json`, config],
        [
          'manifest.json',
          JSON.stringify([
            {
              Config: `${digestOf(config).slice(7)}.json`,
              RepoTags: null,
              Layers: ['2/layer.tar', '1/layer.tar'],
            },
          ]),
        ],
      ];
      await read('docker-archive', tarOf(files), async (source) => {
        const artifact = await source.open();
        await validateArtifact(artifact);
        expect(imagesOf(artifact)[0]!.manifest.layers.map((one) => one.digest)).toEqual([
          blob.digest,
          blob.digest,
        ]);
        expect(imagesOf(artifact)[0]!.manifest.config.digest).toBe(digestOf(config));
      });
    },
  );

  const bare = { 'oci-layout': null, 'index.json': null };
  it.each<[string, string, Record<string, string | null>, Files, string]>([
    ['no manifest.json', '', { 'manifest.json': null }, [], 'manifest.json is missing'],
    ['a manifest.json that is no list', '{}', {}, [], '$ is {}'],
    ['a missing configuration', saved({ Config: 'gone.json' }), bare, [], 'gone.json is missing'],
    [
      'a path out as configuration',
      saved({ Config: '../../etc/passwd' }),
      bare,
      [],
      '../../etc/passwd is missing',
    ],
    [
      'a configuration of another digest',
      saved(),
      { ...bare, [pathOf(image.manifest.config.digest)]: '{}' },
      [],
      'has the digest',
    ],
    ['too few layers', saved({ Layers: [layerPath] }), bare, [], 'lists 1 layers, but'],
    ['a missing layer', saved(), { ...bare, [layerPath]: null }, [], `${layerPath} is missing`],
    [
      'a link for a layer',
      saved(),
      { ...bare, [layerPath]: null },
      [link(layerPath, '/etc/passwd')],
      'is not a regular file',
    ],
    ['a broken layout', saved(), { 'index.json': 'x' }, [], 'is not JSON'],
  ])('%s', async (_what, manifest, changes, more, message) => {
    await read('docker-archive', await docker(manifest, changes, more), async (source) => {
      await expect(source.open()).rejects.toThrow(faultOf(message));
    });
  });

  it('an uncompressed layer of another digest is noticed when it is read', async () => {
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    });
    const files: Files = [
      ['c', config],
      ['l', 'other'],
      ['manifest.json', JSON.stringify([{ Config: 'c', Layers: ['l'] }])],
    ];
    await read('docker-archive', tarOf(files), async (source) => {
      const [opened] = imagesOf(await source.open());
      await expect(collect(opened!.layers[0]!.blob.open())).rejects.toThrow(faultOf('digest'));
    });
  });
});
