import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { assembleImage, assembleIndex } from './assemble.ts';
import { blobOfBytes, readBlob } from './blob.ts';
import { layerOf } from './fixtures.ts';
import type { Artifact, Image } from './model.ts';
import { validateArtifact } from './validate.ts';

const config = { architecture: 'amd64', os: 'linux' };
const layer = await layerOf('one');
const other = await layerOf('two');
const image = assembleImage({ config, layers: [layer] });
const otherImage = assembleImage({ config, layers: [other] });
const index = assembleIndex([image]);
const wrong = digestOf('wrong');
const withLayer = (change: object): Image => ({ ...image, layers: [{ ...layer, ...change }] });

describe('the validator finds', () => {
  it.each<[string, Artifact, string]>([
    [
      'manifest bytes of another image',
      { ...image, manifestBytes: otherImage.manifestBytes },
      'the manifest has the digest',
    ],
    [
      'a longer manifest',
      { ...image, manifestBytes: Buffer.concat([image.manifestBytes, Buffer.from(' ')]) },
      'the manifest has',
    ],
    [
      'configuration bytes of another image',
      { ...image, configBytes: otherImage.configBytes },
      'the configuration has the digest',
    ],
    [
      'a model that is not what the bytes say',
      { ...image, config: { ...image.config, author: 'x' } },
      'the configuration is not what the bytes say',
    ],
    [
      'another platform',
      { ...image, descriptor: { ...image.descriptor, platform: { os: 'linux', architecture: 'arm64' } } },
      'is for linux/amd64, not for linux/arm64',
    ],
    [
      'a media type that is none of a manifest',
      { ...image, descriptor: { ...image.descriptor, mediaType: 'text/plain' } },
      'text/plain is not that of a manifest',
    ],
    ['a missing layer', { ...image, layers: [] }, 'the list of layers'],
    ['a wrong diffID', withLayer({ diffId: wrong }), `has the diffID ${layer.diffId}, not ${wrong}`],
    [
      'a blob with other bytes',
      withLayer({ blob: { ...layer.blob, open: () => other.blob.open() } }),
      `layer 1 has the digest ${other.blob.digest}`,
    ],
    [
      'a blob that cannot be decompressed',
      withLayer({ blob: { ...layer.blob, open: () => blobOfBytes(Buffer.alloc(99)).open() } }),
      'layer 1: the gzip stream is damaged',
    ],
    ['another blob', withLayer({ blob: other.blob }), 'layer 1 is another blob'],
    [
      'index bytes of another index',
      { ...index, bytes: assembleIndex([otherImage]).bytes },
      'the index has the digest',
    ],
    ['an index without its images', { ...index, images: [] }, 'the list of images'],
    [
      'a fault of an image in an index',
      { ...index, images: [withLayer({ diffId: wrong })] },
      'has the diffID',
    ],
  ])('%s', async (_what, artifact, message) => {
    await expect(validateArtifact(artifact)).rejects.toThrow(
      expect.objectContaining({ code: 'IMAGE_INVALID', message: expect.stringContaining(message) as string }),
    );
  });

  it('nothing in what is sound', async () => {
    await validateArtifact(image);
    await validateArtifact(index);
  });
});

describe('a small blob', () => {
  const blob = blobOfBytes(Buffer.from('hello'));

  it('is read whole', async () => {
    expect(Buffer.from(await readBlob(blob, 5, 'it')).toString()).toBe('hello');
  });

  it.each([
    ['too large for the limit', blob, 4, 'it has 5 bytes, more than the 4'],
    ['shorter than declared', { ...blob, size: 6 }, 10, 'another size than the 6 bytes'],
    ['longer than declared', { ...blob, size: 4 }, 10, 'another size than the 4 bytes'],
    ['of another digest', { ...blob, digest: wrong }, 10, `not ${wrong}`],
  ])('%s is refused', async (_what, bad, limit, message) => {
    await expect(readBlob(bad, limit, 'it')).rejects.toThrow(message);
  });
});
