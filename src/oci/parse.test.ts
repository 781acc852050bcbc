import { describe, expect, it } from 'vitest';
import { MAX_DOCUMENT_SIZE, parseConfig, parseIndex, parseManifest } from './parse.ts';
import { parseSaveManifest } from './docker-save.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 7 };
const manifest = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: descriptor,
  layers: [descriptor],
};
const index = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [descriptor],
};
const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } };

const bytesOf = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const invalid = (text: string): unknown =>
  expect.objectContaining({ code: 'IMAGE_INVALID', message: expect.stringContaining(text) as string });

describe('what is read', () => {
  it('is what was written, with members that the specification does not name', () => {
    const document = {
      ...manifest,
      extra: { deep: [1] },
      layers: [{ ...descriptor, annotations: { a: 'b' }, own: true }],
    };
    expect(parseManifest(bytesOf(document))).toEqual(document);
    expect(parseIndex(bytesOf({ ...index, annotations: {} }))).toEqual({ ...index, annotations: {} });
  });

  it('takes null for absent, as Go programs write it', () => {
    const document = {
      ...config,
      created: null,
      config: { Cmd: null, Entrypoint: ['/x'], Volumes: null },
      history: null,
    };
    expect(parseConfig(bytesOf(document))).toEqual({ ...config, config: { Entrypoint: ['/x'] } });
    expect(
      parseConfig(bytesOf({ ...config, rootfs: { type: 'layers', diff_ids: null } })).rootfs.diff_ids,
    ).toEqual([]);
  });

  it('accepts the media types of Docker', () => {
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    expect(parseManifest(bytesOf({ ...manifest, mediaType })).mediaType).toBe(mediaType);
  });

  it('keeps a member called __proto__ a member', () => {
    const parsed = parseIndex(bytesOf(`{"schemaVersion":2,"manifests":[],"annotations":{"__proto__":"x"}}`));
    expect(Object.entries(parsed.annotations ?? {})).toEqual([['__proto__', 'x']]);
  });
});

describe('a hostile manifest', () => {
  it.each([
    ['no JSON', '{', 'is not JSON'],
    ['no UTF-8', '\xff', 'is not JSON'],
    ['a list', [], '$ is []; an object belongs there'],
    ['a text', '"x"', '$ is "x"; an object'],
    ['no version', { ...manifest, schemaVersion: undefined }, '$.schemaVersion is missing'],
    ['version 1', { ...manifest, schemaVersion: 1 }, '$.schemaVersion is 1; 2 belongs there'],
    ['an index at the same time', { ...manifest, manifests: [] }, '$.manifests does not belong'],
    [
      'the media type of an index',
      { ...manifest, mediaType: index.mediaType },
      '$.mediaType is "application/vnd.oci.image.index',
    ],
    ['no configuration', { ...manifest, config: undefined }, '$.config is missing'],
    ['layers that are no list', { ...manifest, layers: {} }, '$.layers is {}; a list belongs there'],
    ['null for a layer', { ...manifest, layers: [descriptor, null] }, '$.layers[1] is null; an object'],
    ['a negative size', { ...manifest, layers: [{ ...descriptor, size: -1 }] }, '$.layers[0].size is -1'],
    [
      'a size with a fraction',
      { ...manifest, layers: [{ ...descriptor, size: 0.5 }] },
      '$.layers[0].size is 0.5',
    ],
    [
      'a size over 2^53',
      { ...manifest, layers: [{ ...descriptor, size: 1e300 }] },
      '$.layers[0].size is 1e+300',
    ],
    ['a size as text', { ...manifest, layers: [{ ...descriptor, size: '7' }] }, '$.layers[0].size is "7"'],
    [
      'a digest that is a path',
      { ...manifest, layers: [{ ...descriptor, digest: 'sha256:../../x' }] },
      '$.layers[0].digest is "sha256:../../x"; a digest',
    ],
    [
      'a digest in upper case',
      { ...manifest, config: { ...descriptor, digest: digest.toUpperCase() } },
      '$.config.digest',
    ],
    [
      'a long media type',
      { ...manifest, config: { ...descriptor, mediaType: `a/${'b'.repeat(200)}` } },
      '$.config.mediaType',
    ],
    [
      'a number as annotation',
      { ...manifest, annotations: { 'a.b': 1 } },
      '$.annotations["a.b"] is 1; a text',
    ],
  ])('%s', (_what, document, message) => {
    const bytes = document === '\xff' ? Buffer.of(0x22, 0xff, 0x22) : bytesOf(document);
    expect(() => parseManifest(bytes)).toThrow(invalid(message));
  });

  it('larger than registries take', () => {
    expect(() => parseManifest(Buffer.alloc(MAX_DOCUMENT_SIZE + 1, ' '))).toThrow(
      invalid('more than the 4194304 that are allowed'),
    );
  });

  it('nested a million times', () => {
    expect(() => parseManifest(Buffer.from('['.repeat(1_000_000)))).toThrow(invalid('is not JSON'));
  });
});

it.each([
  ['layers', { ...index, layers: [] }, '$.layers does not belong'],
  ['no manifests', { schemaVersion: 2 }, '$.manifests is missing'],
  [
    'a platform without os',
    { ...index, manifests: [{ ...descriptor, platform: { architecture: 'x' } }] },
    '$.manifests[0].platform.os is missing',
  ],
])('a hostile index: %s', (_what, document, message) => {
  expect(() => parseIndex(bytesOf(document))).toThrow(invalid(message));
});

it.each([
  ['no rootfs', { ...config, rootfs: undefined }, '$.rootfs is missing'],
  ['no architecture', { ...config, architecture: null }, '$.architecture is missing'],
  [
    'another kind of rootfs',
    { ...config, rootfs: { type: 'tree', diff_ids: [] } },
    '$.rootfs.type is "tree"',
  ],
  [
    'a bad diffID',
    { ...config, rootfs: { type: 'layers', diff_ids: ['md5:1'] } },
    '$.rootfs.diff_ids[0] is "md5:1"',
  ],
  ['an environment of numbers', { ...config, config: { Env: [1] } }, '$.config.Env[0] is 1'],
  [
    'a history that is longer than the layers',
    { ...config, history: [{}, {}] },
    'tells of 2 layers, but $.rootfs.diff_ids has 1',
  ],
  [
    'empty_layer as text',
    { ...config, history: [{ empty_layer: 'no' }] },
    '$.history[0].empty_layer is "no"',
  ],
])('a hostile configuration: %s', (_what, document, message) => {
  expect(() => parseConfig(bytesOf(document))).toThrow(invalid(message));
});

describe('manifest.json of docker save', () => {
  it('lists images', () => {
    const list = [
      { Config: 'c.json', RepoTags: null, Layers: ['a/layer.tar'] },
      { Config: 'd.json', RepoTags: ['x:1'] },
    ];
    expect(parseSaveManifest(bytesOf(list))).toEqual([
      { config: 'c.json', names: [], layers: ['a/layer.tar'] },
      { config: 'd.json', names: ['x:1'], layers: [] },
    ]);
  });

  it.each([
    [{}, '$ is {}; a list'],
    [[{}], '$[0].Config is missing'],
    [[{ Config: 1 }], '$[0].Config is 1'],
    [[{ Config: 'c', Layers: [null] }], '$[0].Layers[0] is null'],
  ])('%j is none', (document, message) => {
    expect(() => parseSaveManifest(bytesOf(document))).toThrow(invalid(message));
  });
});
