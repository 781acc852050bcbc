import { execFileSync } from 'node:child_process';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressAll, createCompressor, encodeHeader, END_OF_ARCHIVE } from '../../archive/index.ts';
import { PithError } from '../../core/index.ts';
import { imagesOf, validateArtifact } from '../../oci/index.ts';
import { describeWith } from '../../testing/tools.ts';
import { collect, context, fileEntry, inTemporaryFolder, tarOf } from '../fixtures.ts';
import { openSink, openSource, parseLocation } from '../index.ts';
import {
  faultOf,
  image,
  indexOf,
  layer,
  layerPath,
  layoutFiles,
  link,
  manifestPath,
  named,
  read,
  type Files,
} from './fixtures.ts';

const hugeSize = { ...named, size: Number.MAX_SAFE_INTEGER };

describe('an oci-archive', () => {
  it.each<[string, Record<string, string | null>, Files]>([
    ['as it should be', {}, []],
    [
      'with a folder twice',
      {},
      [
        [fileEntry('blobs', 0, { type: 'directory' }), ''],
        [fileEntry('blobs', 0, { type: 'directory' }), ''],
      ],
    ],
    [
      'with files of no use',
      {},
      [
        ['blobs/sha256/x', 'x'],
        ['README', 'x'],
      ],
    ],
  ])('%s is read', async (_what, changes, more) => {
    await read('oci-archive', tarOf(await layoutFiles(changes, more)), async (source) => {
      await validateArtifact(await source.open('x:1'));
    });
  });

  const isReadAs = async (compress: (tar: Buffer) => Uint8Array): Promise<void> => {
    await read('oci-archive', compress(tarOf(await layoutFiles())), async (source) => {
      await validateArtifact(await source.open('x:1'));
    });
  };

  it('compressed with gzip is read', () => isReadAs((tar) => gzipSync(tar)));

  it('compressed with zstd is read', async () => {
    const compressor = await createCompressor('zstd');
    await isReadAs((tar) => compressAll(compressor, tar));
  });

  describeWith('by xz', { tools: ['xz'] }, () => {
    it('compressed is read', () =>
      isReadAs((input) => execFileSync('xz', ['-c'], { input, maxBuffer: 1e9 })));
  });

  it.each<[string, (tar: Buffer) => Uint8Array, string, string]>([
    ['cut short', (tar) => gzipSync(tar).subarray(0, -100), 'ARCHIVE_INVALID', 'damaged or cut short'],
    ['a bomb', () => gzipSync(Buffer.alloc(80 << 20)), 'ARCHIVE_TOO_LARGE', 'unpacks to more than'],
  ])('compressed and %s is refused', async (_what, change, code, message) => {
    await read('oci-archive', change(tarOf(await layoutFiles())), async (source) => {
      await expect(source.open()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message) as string,
      });
    });
  });

  it('with paths that start with ./ is read', async () => {
    const files = (await layoutFiles()).map(([path, content]): Files[number] => [
      `./${path as string}`,
      content,
    ]);
    await read(
      'oci-archive',
      tarOf([[fileEntry('.', 0, { type: 'directory' }), ''], ...files]),
      async (source) => {
        await validateArtifact(await source.open());
      },
    );
  });

  it.each<[string, Record<string, string | null>, Files, string]>([
    ['no oci-layout', { 'oci-layout': null }, [], 'oci-layout is missing'],
    [
      'another version',
      { 'oci-layout': '{"imageLayoutVersion":"9.0.0"}' },
      [],
      'not that of an OCI layout of version 1',
    ],
    ['a huge oci-layout', { 'oci-layout': ' '.repeat(5000) }, [], 'more than the 4096'],
    ['no index.json', { 'index.json': null }, [], 'index.json is missing'],
    ['an index.json that is no JSON', { 'index.json': 'x' }, [], 'is not JSON'],
    [
      'an index.json with an absurd size',
      { 'index.json': indexOf(hugeSize) },
      [],
      'declares 9007199254740991 bytes',
    ],
    [
      'an index.json with another size',
      { 'index.json': indexOf({ ...named, size: 3 }) },
      [],
      'not the 3 that are declared',
    ],
    [
      'an index.json with a path as digest',
      { 'index.json': indexOf({ ...named, digest: 'sha256:../../../etc/passwd' }) },
      [],
      '$.manifests[0].digest is',
    ],
    [
      'something that is no image',
      { 'index.json': indexOf({ ...named, mediaType: 'text/plain' }) },
      [],
      'neither an image nor an index',
    ],
    ['a missing manifest', { [manifestPath]: null }, [], `image ${image.descriptor.digest} is missing`],
    [
      'a changed manifest',
      { [manifestPath]: Buffer.from(image.manifestBytes).toString().replace('tar', 'rat') },
      [],
      'has the digest',
    ],
    ['a missing layer', { [layerPath]: null }, [], 'layer 1 of image'],
    ['a link for a layer', { [layerPath]: null }, [link(layerPath, '/etc/passwd')], 'is not a regular file'],
    [
      'a hard link for a layer',
      { [layerPath]: null },
      [[fileEntry(layerPath, 0, { type: 'hardlink', linkName: 'index.json' }), '']],
      'is not a regular file',
    ],
    [
      'a link for index.json',
      { 'index.json': null },
      [link('index.json', '/etc/passwd')],
      'is not a regular file',
    ],
    ['a file twice', {}, [['index.json', indexOf()]], '"index.json" is there twice'],
    ['a file twice, written differently', {}, [['.//index.json', indexOf()]], '"index.json" is there twice'],
    ['a path that leads out', {}, [['../x', '']], 'the path "../x" leads out of it'],
    ['a path that leads out in the middle', {}, [['blobs/../../x', '']], 'leads out of it'],
    ['an absolute path', {}, [['/etc/passwd', '']], 'the path "/etc/passwd" leads out of it'],
  ])('%s', async (_what, changes, more, message) => {
    await read('oci-archive', tarOf(await layoutFiles(changes, more)), async (source) => {
      await expect(source.open('x:1')).rejects.toThrow(faultOf(message));
    });
  });

  it('a layer with other bytes is noticed when it is read', async () => {
    const other = Buffer.alloc(layer.blob.size).toString('latin1');
    await read('oci-archive', tarOf(await layoutFiles({ [layerPath]: other })), async (source) => {
      const [opened] = imagesOf(await source.open('x:1'));
      await expect(collect(opened!.layers[0]!.blob.open())).rejects.toThrow(faultOf('has the digest'));
      await expect(validateArtifact(opened!)).rejects.toThrow(faultOf('layer 1'));
    });
  });

  it.each<[string, (tar: Buffer) => Uint8Array, string]>([
    ['empty', () => Buffer.alloc(0), 'is no archive of images'],
    ['cut in a header', (tar) => tar.subarray(0, 1100), 'it is cut short'],
    ['cut in a content', (tar) => tar.subarray(0, -50_000), 'more than the archive has'],
    ['text', () => Buffer.alloc(2000, 'text'), 'is no archive of images'],
    ['compressed twice', (tar) => gzipSync(gzipSync(tar)), 'is no archive of images'],
    [
      'with a member of 8 GiB',
      (tar) => Buffer.concat([encodeHeader(fileEntry('oci-layout', 2 ** 33 - 1)), tar]),
      'declares 8589934591 bytes',
    ],
    [
      'with a member of 2^53-1 bytes',
      (tar) => Buffer.concat([encodeHeader(fileEntry('oci-layout', Number.MAX_SAFE_INTEGER)), tar]),
      'declares 9007199254740991 bytes',
    ],
    ['nothing but an end', () => END_OF_ARCHIVE, 'oci-layout is missing'],
  ])('%s', async (_what, change, message) => {
    await read('oci-archive', change(tarOf(await layoutFiles())), async (source) => {
      await expect(source.open()).rejects.toThrow(faultOf(message));
    });
  });

  it('with more members than images can have', async () => {
    const member = encodeHeader(fileEntry('d', 0, { type: 'directory' }));
    await read('oci-archive', Buffer.alloc(65_537 * 512, member), async (source) => {
      await expect(source.open()).rejects.toThrow(faultOf('more than 65536 members'));
    });
  });
});

it('an archive with any bytes changed is read right or refused', async () => {
  const tar = tarOf(await layoutFiles());
  const change = fc.tuple(fc.nat({ max: 6000 }), fc.uint8Array({ minLength: 1, maxLength: 12 }));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const changed = Buffer.from(tar);
      for (const [at, bytes] of changes) changed.set(bytes, at);
      await read('oci-archive', changed, async (source) => {
        try {
          const artifact = await source.open('x:1');
          await validateArtifact(artifact);
          expect(artifact.descriptor.digest).toBe(image.descriptor.digest);
        } catch (error) {
          expect(error).toBeInstanceOf(PithError);
          expect(['IMAGE_INVALID', 'UNKNOWN_IMAGE']).toContain((error as PithError).code);
        }
      });
    }),
    { numRuns: 200 },
  );
});

describe('a layout in a folder', () => {
  it('with a link for a blob is refused', () =>
    inTemporaryFolder(async (folder) => {
      const location = parseLocation(`oci:${join(folder, 'out')}`);
      await openSink(location, context).write([{ names: ['x:1'], artifact: image }]);
      await writeFile(join(folder, 'copy'), await readFile(join(folder, 'out', layerPath)));
      await rm(join(folder, 'out', layerPath));
      await symlink('../../../copy', join(folder, 'out', layerPath));
      await expect(openSource(location).open()).rejects.toThrow(faultOf('is not a regular file'));
    }));
});
