import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { assembleImage, assembleIndex } from './assemble.ts';
import { layerOf } from './fixtures.ts';
import { parseConfig, parseIndex, parseManifest } from './parse.ts';
import { validateArtifact } from './validate.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const layer = await layerOf('hello', 'none');
const config = {
  architecture: 'arm64',
  os: 'linux',
  variant: 'v8',
  created: '2024-01-02T03:04:05Z',
  config: { Env: ['A=b'], User: '0', Labels: { b: '2', a: '1' } },
  history: [{ created_by: 'pith', created: '2024-01-02T03:04:05Z' }],
};

describe('an image', () => {
  const image = assembleImage({ config, layers: [layer], annotations: { z: '1', a: '2' } });

  it('is written in the order of the specification, without white space', () => {
    expect(text(image.configBytes)).toBe(
      '{"created":"2024-01-02T03:04:05Z","architecture":"arm64","os":"linux","variant":"v8",' +
        '"config":{"User":"0","Env":["A=b"],"Labels":{"a":"1","b":"2"}},' +
        `"rootfs":{"type":"layers","diff_ids":["${layer.diffId}"]},` +
        '"history":[{"created":"2024-01-02T03:04:05Z","created_by":"pith"}]}',
    );
    expect(text(image.manifestBytes)).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",' +
        `"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"${digestOf(image.configBytes)}","size":${image.configBytes.length}},` +
        `"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"${layer.diffId}","size":${layer.blob.size}}],` +
        '"annotations":{"a":"2","z":"1"}}',
    );
  });

  it('is described with its platform', () => {
    expect(image.descriptor).toEqual({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: digestOf(image.manifestBytes),
      size: image.manifestBytes.length,
      platform: { architecture: 'arm64', os: 'linux', variant: 'v8' },
    });
  });

  it('reads back as what it is', () => {
    expect(parseManifest(image.manifestBytes)).toEqual(image.manifest);
    expect(parseConfig(image.configBytes)).toEqual(image.config);
  });

  it('has no empty annotations', () => {
    expect(assembleImage({ config, layers: [layer], annotations: {} }).manifest).not.toHaveProperty(
      'annotations',
    );
  });

  it('does not take a history of other layers', () => {
    expect(() => assembleImage({ config, layers: [] })).toThrow(
      'the history tells of 1 layers, but the image has 0',
    );
  });

  it('has the same digest in whatever order the members come', () => {
    const labels = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(labels, fc.infiniteStream(fc.nat()), (Labels, ranks) => {
        const shuffled = Object.fromEntries(
          Object.entries(Labels)
            .map((entry) => [ranks.next().value ?? 0, entry] as const)
            .sort(([a], [b]) => a - b)
            .map(([, entry]) => entry),
        );
        const one = assembleImage({
          config: { ...config, config: { User: 'x', Labels } },
          layers: [layer],
          annotations: Labels,
        });
        const other = assembleImage({
          annotations: shuffled,
          layers: [layer],
          config: {
            ...Object.fromEntries(Object.entries(config).reverse()),
            os: 'linux',
            architecture: 'arm64',
            config: { Labels: shuffled, User: 'x' },
          },
        });
        expect(other.descriptor).toEqual(one.descriptor);
      }),
    );
  });

  it('is valid with layers of every compression', async () => {
    const layers = [layer, await layerOf('a', 'gzip'), await layerOf('b', 'zstd')];
    await validateArtifact(assembleImage({ config: { architecture: 'amd64', os: 'linux' }, layers }));
    await validateArtifact(assembleImage({ config: { architecture: 'amd64', os: 'linux' }, layers: [] }));
  });
});

describe('an index', () => {
  const images = ['amd64', 'riscv64'].map((architecture) =>
    assembleImage({ config: { architecture, os: 'linux' }, layers: [layer] }),
  );
  const index = assembleIndex(images, { note: 'x' });

  it('describes its images in their order', async () => {
    expect(text(index.bytes)).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[' +
        images
          .map(
            ({ descriptor }, i) =>
              `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"${descriptor.digest}","size":${descriptor.size},` +
              `"platform":{"architecture":"${['amd64', 'riscv64'][i]}","os":"linux"}}`,
          )
          .join() +
        '],"annotations":{"note":"x"}}',
    );
    expect(index.descriptor.digest).toBe(digestOf(index.bytes));
    expect(parseIndex(index.bytes)).toEqual(index.manifest);
    await validateArtifact(index);
  });
});
