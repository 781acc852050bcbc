import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/thrown.ts';
import { assembleImage, assembleIndex } from './assemble.ts';
import { inDockerFormat } from './docker-format.ts';
import { layerOf } from './fixtures.ts';
import { imagesOf, type Image } from './model.ts';
import { validateArtifact } from './validate.ts';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

async function imageOf(...compressions: readonly ('none' | 'gzip' | 'zstd')[]): Promise<Image> {
  const layers = await Promise.all(compressions.map((kind, index) => layerOf(`file ${index}`, kind)));
  const config = { architecture: 'amd64', os: 'linux', config: { Healthcheck: { Test: ['CMD', '/x'] } } };
  return assembleImage({ config, layers, annotations: { a: 'b' } });
}

describe("an image in Docker's format", () => {
  it('has the same configuration and layers, called otherwise, and no annotations', async () => {
    const image = await imageOf('gzip', 'none');
    const [made] = imagesOf(inDockerFormat(image));
    expect(made?.descriptor).toMatchObject({ mediaType: MANIFEST, platform: image.descriptor.platform });
    expect(made?.manifest).toEqual({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { ...image.manifest.config, mediaType: CONFIG },
      layers: [
        { ...image.layers[0]?.descriptor, mediaType: `${LAYER}.gzip` },
        { ...image.layers[1]?.descriptor, mediaType: LAYER },
      ],
    });
    expect(made?.configBytes).toBe(image.configBytes);
  });

  it('contradicts itself nowhere, alone and in an index', async () => {
    const image = await imageOf('gzip');
    await validateArtifact(inDockerFormat(image));
    const index = inDockerFormat(assembleIndex([image], { a: 'b' }));
    await validateArtifact(index);
    expect(index.descriptor.mediaType).toBe(INDEX);
    expect(index.manifest.annotations).toBeUndefined();
    expect(imagesOf(index).map(({ descriptor }) => descriptor.mediaType)).toEqual([MANIFEST]);
  });

  it('is the same when it is in it already', async () => {
    const image = inDockerFormat(await imageOf('gzip'));
    expect(inDockerFormat(image)).toEqual(image);
  });

  it('has no layers in zstd', async () => {
    const image = await imageOf('zstd');
    const failure = failureOf(() => inDockerFormat(image));
    expect([failure.code, failure.message]).toEqual(['USAGE', 'the format of Docker has no layers in zstd']);
  });
});
