import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../core/index.ts';
import { assembleIndex, blobOfBytes, imagesOf, validateArtifact, type Artifact } from '../oci/index.ts';
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
  openSink,
  openSource,
  parseLocation,
  type ImageSink,
  type ImageSource,
  type NamedArtifact,
} from './index.ts';

/** What every place that is both written and read keeps to. */

const kinds = ['oci', 'oci-archive', 'docker-archive'] as const;
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
  const at = (path: string, reference?: string): { sink: ImageSink; source: ImageSource; path: string } => {
    const location = parseLocation([kind, path, ...(reference === undefined ? [] : [reference])].join(':'));
    return { sink: openSink(location, context), source: openSource(location), path };
  };
  const inFolder = (work: (folder: string) => Promise<void>): Promise<void> => inTemporaryFolder(work);

  it('gives back what was written, under every name', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
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
      }
    }));

  it('lists its names with their digests', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
      const report = await sink.write(family);
      const listed = (await source.list()).flatMap(({ names, digest }) =>
        names.map((name) => `${name} ${digest}`),
      );
      expect(listed.sort()).toEqual(report.names.map(({ name, digest }) => `${name} ${digest}`).sort());
      expect(listed).toHaveLength(5);
    }));

  it('opens the only image without a name', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
      await sink.write([{ names: [], artifact: second }]);
      expect((await source.open()).descriptor.digest).toBe(second.descriptor.digest);
    }));

  it('takes the name from the location, for the one image that there is', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'), 'mine:1');
      const report = await sink.write([{ names: ['other:x', 'other:y'], artifact: first }]);
      expect(report.names).toEqual([{ name: 'mine:1', digest: first.descriptor.digest }]);
      expect((await source.open()).descriptor.digest).toBe(first.descriptor.digest);
      await expect(source.open('other:x')).rejects.toThrow(fault('UNKNOWN_IMAGE'));
      await expect(at(join(folder, 'more'), 'mine:1').sink.write(family)).rejects.toThrow(
        fault('USAGE', '2 images'),
      );
      expect(await filesBelow(folder)).not.toContain('more');
    }));

  it('asks which where there are several, and suggests the nearest name', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
      await sink.write([
        { names: ['cc:debug'], artifact: first },
        { names: ['base:latest'], artifact: second },
      ]);
      await expect(source.open()).rejects.toThrow(fault('UNKNOWN_IMAGE', 'holds 2 images; say which'));
      await expect(source.open('cc:debgu')).rejects.toMatchObject({
        code: 'UNKNOWN_IMAGE',
        hint: 'Did you mean cc:debug?',
      });
    }));

  it('says so where there is nothing', () =>
    inFolder(async (folder) => {
      await expect(at(join(folder, 'out')).source.open()).rejects.toThrow(
        fault('UNKNOWN_IMAGE', 'does not exist'),
      );
      await expect(at(join(folder, 'out')).source.list()).rejects.toThrow(
        fault('UNKNOWN_IMAGE', 'does not exist'),
      );
    }));

  it('makes the folders above it', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'a/b/out'));
      await sink.write(family);
      await source.open('cc:latest');
    }));

  it('replaces a name, and is the same when written twice', () =>
    inFolder(async (folder) => {
      const { sink, source, path } = at(join(folder, 'out'));
      await sink.write([{ names: ['x:1'], artifact: first }]);
      await sink.write([{ names: ['x:1'], artifact: second }]);
      expect((await source.open('x:1')).descriptor.digest).toBe(second.descriptor.digest);
      const file = kind === 'oci' ? join(path, 'index.json') : path;
      const before = await readFile(file);
      await sink.write([{ names: ['x:1'], artifact: second }]);
      expect(await readFile(file)).toEqual(before);
    }));

  it('takes layers without compression, with zstd, and none at all', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
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
    }));

  it('takes a layer that repeats', () =>
    inFolder(async (folder) => {
      const { sink, source } = at(join(folder, 'out'));
      const layer = await layerOf({ a: '1' });
      await sink.write([{ names: ['x:1'], artifact: imageOf([layer, layer]) }]);
      expect((await contentOf(await source.open())) as unknown[]).toHaveLength(1);
    }));

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

  it('stores no blob with wrong bytes, and leaves nothing behind', () =>
    inFolder(async (folder) => {
      await expect(at(join(folder, 'a/b')).sink.write(await lying())).rejects.toThrow(
        fault('IMAGE_INVALID', 'has'),
      );
      expect(await readdir(folder)).toEqual([]);
      await at(join(folder, 'out')).sink.write(family);
      const before = await filesBelow(folder);
      await expect(at(join(folder, 'out')).sink.write(await lying())).rejects.toThrow(fault('IMAGE_INVALID'));
      expect(await filesBelow(folder)).toEqual(before);
      await at(join(folder, 'out')).source.open('cc:latest');
    }));

  it('says that a cached file is damaged', () =>
    inFolder(async (folder) => {
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
      await expect(at(join(folder, 'out')).sink.write([{ names: ['x:1'], artifact }])).rejects.toMatchObject({
        code: 'CACHE_CORRUPT',
        path,
      });
      expect(await filesBelow(folder)).toEqual(['cached']);
    }));

  it('says that the disk is full, and leaves nothing behind', () =>
    inFolder(async (folder) => {
      const { blob, diffId } = await layerOf({ a: 'x'.repeat(5000) }, 'none');
      const open = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of blob.open()) yield piece.subarray(0, 1000);
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
          code: 'ENOSPC',
          path: 'x',
        });
      };
      const artifact = imageOf([layerOfBlob({ ...blob, open }, diffId, 'none'), await layerOf({ b: '' })]);
      await expect(at(join(folder, 'out')).sink.write([{ names: ['x:1'], artifact }])).rejects.toThrow(
        fault('DISK_FULL', 'out'),
      );
      expect(await filesBelow(folder)).toEqual([]);
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

  it('refuses names that it cannot hold', () =>
    inFolder(async (folder) => {
      await expect(
        at(join(folder, 'out')).sink.write([{ names: ['not a name'], artifact: first }]),
      ).rejects.toThrow(fault('USAGE', '"not a name"'));
      await expect(at(join(folder, 'out')).sink.write([])).rejects.toThrow(fault('USAGE', 'no image'));
      expect(await filesBelow(folder)).toEqual([]);
    }));
});
