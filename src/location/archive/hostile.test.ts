import { readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeHeader, END_OF_ARCHIVE } from '../../archive/index.ts';
import { digestOf } from '../../core/index.ts';
import { imagesOf, validateArtifact } from '../../oci/index.ts';
import { collect, context, fileEntry, inTemporaryFolder, layerOf, smallImage, tarOf } from '../fixtures.ts';
import { openSink, openSource, parseLocation, type ImageSource } from '../index.ts';

type Files = [string | ReturnType<typeof fileEntry>, string | Uint8Array][];

const image = await smallImage('x');
const layer = image.layers[0]!;
const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
const named = { ...image.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'x:1' } };
const indexOf = (...manifests: object[]): string => JSON.stringify({ schemaVersion: 2, manifests });

/** The files of a layout, with changes: a value to replace a file, null to leave it out, more files at the end. */
async function layoutFiles(changes: Record<string, string | null> = {}, more: Files = []): Promise<Files> {
  const files = new Map<string, string | Uint8Array>([
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ['index.json', indexOf(named)],
    [pathOf(image.descriptor.digest), image.manifestBytes],
    [pathOf(image.manifest.config.digest), image.configBytes],
  ]);
  for (const { blob } of image.layers)
    for await (const bytes of blob.open()) files.set(pathOf(blob.digest), bytes);
  for (const [path, content] of Object.entries(changes))
    if (content === null) files.delete(path);
    else files.set(path, content);
  return [...files, ...more];
}

const link = (path: string, linkName: string): Files[number] => [
  fileEntry(path, 0, { type: 'symlink', linkName }),
  '',
];
const layerPath = pathOf(layer.blob.digest);
const manifestPath = pathOf(image.descriptor.digest);
const saved = (change: object = {}): string =>
  JSON.stringify([
    {
      Config: pathOf(image.manifest.config.digest),
      RepoTags: ['x:1'],
      Layers: image.layers.map(({ blob }) => pathOf(blob.digest)),
      ...change,
    },
  ]);
const faultOf = (text: string): unknown =>
  expect.objectContaining({ code: 'IMAGE_INVALID', message: expect.stringContaining(text) as string });

async function read(
  kind: string,
  bytes: Uint8Array,
  work: (source: ImageSource) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'in.tar'), bytes);
    await work(openSource(parseLocation(`${kind}:${join(folder, 'in.tar')}`)));
  });
}

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
    ['a missing layer', { [layerPath]: null }, [], 'layer 0 of image'],
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
      await expect(validateArtifact(opened!)).rejects.toThrow(faultOf('layer 0'));
    });
  });

  it.each<[string, (tar: Buffer) => Uint8Array, string]>([
    ['empty', () => Buffer.alloc(0), 'it is cut short'],
    ['cut in a header', (tar) => tar.subarray(0, 1100), 'it is cut short'],
    ['cut in a content', (tar) => tar.subarray(0, -50_000), 'more than the archive has'],
    ['text', () => Buffer.alloc(2000, 'text'), 'not a sound tar archive'],
    ['compressed', (tar) => gzipSync(tar), 'is compressed'],
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

describe('an archive that is written', () => {
  it('has the same bytes every time, with nothing of the machine in it', () =>
    inTemporaryFolder(async (folder) => {
      for (const kind of ['oci-archive', 'docker-archive']) {
        const [one, two] = [join(folder, `${kind}.1`), join(folder, `${kind}.2`)];
        for (const path of [one, two])
          await openSink(parseLocation(`${kind}:${path}`), context).write([
            { names: ['x:1'], artifact: image },
          ]);
        expect(await readFile(one)).toEqual(await readFile(two));
      }
    }));

  it('removes what dead writers left, and nothing of the living', () =>
    inTemporaryFolder(async (folder) => {
      const prefix = join(folder, `.pith-${context.writer.host}-`);
      await writeFile(`${prefix}4194305-01234567`, 'dead');
      await writeFile(`${prefix}${process.pid}-01234567`, 'alive');
      await writeFile(`${prefix}4194305-other`, 'not ours');
      await openSink(parseLocation(`oci-archive:${folder}/out`), context).write([
        { names: ['x:1'], artifact: image },
      ]);
      const exists = (path: string): Promise<boolean> =>
        stat(path).then(
          () => true,
          () => false,
        );
      expect(
        await Promise.all(
          [`${prefix}4194305-01234567`, `${prefix}${process.pid}-01234567`, `${prefix}4194305-other`].map(
            exists,
          ),
        ),
      ).toEqual([false, true, true]);
    }));

  it('replaces an archive of images, but no other archive', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'out.tar');
      const write = (kind: string): Promise<unknown> =>
        openSink(parseLocation(`${kind}:${path}`), context).write([{ names: ['x:1'], artifact: image }]);
      await write('oci-archive');
      await write('docker-archive');
      await truncate(path, 1024);
      await write('oci-archive');
      await writeFile(path, tarOf([['precious', 'data']]));
      await expect(write('oci-archive')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS', path });
      expect(await readFile(path)).toEqual(tarOf([['precious', 'data']]));
    }));
});
