import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/index.ts';
import { assembleIndex, blobOfBytes, validateArtifact } from '../../oci/index.ts';
import { blobPath } from '../blobs.ts';
import { context, filesBelow, imageOf, inTemporaryFolder, layerOfBlob, smallImage } from '../fixtures.ts';
import { openSink, openSource, parseLocation, type WriteReport, type NamedArtifact } from '../index.ts';

const first = await smallImage('first');
const second = await smallImage('second');
const index = assembleIndex([first, await smallImage('first', 'linux/arm64')]);

const write = (path: string, artifacts: NamedArtifact[]): Promise<WriteReport> =>
  openSink(parseLocation(`oci:${path}`), context).write(artifacts);
const check = async (path: string, name: string): Promise<void> => {
  await validateArtifact(await openSource(parseLocation(`oci:${path}`)).open(name));
};
const inFolder = (work: (out: string, folder: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder((folder) => work(join(folder, 'out'), folder));
const readIndex = async (path: string): Promise<{ manifests: object[] }> =>
  JSON.parse(await readFile(join(path, 'index.json'), 'utf8')) as { manifests: object[] };

describe('a layout', () => {
  it('holds the blobs, oci-layout and index.json, and nothing else', () =>
    inFolder(async (out) => {
      await write(out, [{ names: ['cc:latest'], artifact: index }]);
      const blobs = [
        index.descriptor.digest,
        ...index.images.flatMap((image) => [
          image.descriptor.digest,
          image.manifest.config.digest,
          ...image.layers.map((layer) => layer.blob.digest),
        ]),
      ];
      expect(await filesBelow(out)).toEqual([
        ...[...new Set(blobs)].map(blobPath).sort(),
        'index.json',
        'oci-layout',
      ]);
      expect(await readFile(join(out, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}');
      expect((await stat(join(out, blobPath(index.descriptor.digest)))).mode & 0o777).toBe(0o644);
    }));

  it('names images, with their platform, and an index', () =>
    inFolder(async (out) => {
      await write(out, [
        { names: ['x:2', 'x:1'], artifact: first },
        { names: ['a:1'], artifact: index },
        { names: [], artifact: second },
      ]);
      const named = (name: string): object => ({
        annotations: { 'org.opencontainers.image.ref.name': name },
      });
      expect(await readIndex(out)).toEqual({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [
          second.descriptor,
          { ...index.descriptor, ...named('a:1') },
          { ...first.descriptor, ...named('x:1') },
          { ...first.descriptor, ...named('x:2') },
        ],
      });
    }));

  it('keeps other names, with what other tools say of them', () =>
    inFolder(async (out) => {
      await write(out, [
        { names: ['other'], artifact: first },
        { names: ['same'], artifact: first },
      ]);
      const before = await readIndex(out);
      const manifests = before.manifests.map((descriptor) => ({ ...descriptor, theirs: true }));
      await writeFile(
        join(out, 'index.json'),
        JSON.stringify({ ...before, manifests, annotations: { a: 'b' }, own: 1 }),
      );
      await write(out, [{ names: ['same'], artifact: second }]);
      expect(await readIndex(out)).toMatchObject({
        annotations: { a: 'b' },
        own: 1,
        manifests: [{ theirs: true, digest: first.descriptor.digest }, { digest: second.descriptor.digest }],
      });
    }));

  it('is not touched by a write of what it holds', () =>
    inFolder(async (out) => {
      await write(out, [
        { names: ['x'], artifact: index },
        { names: ['y'], artifact: first },
      ]);
      const files = await filesBelow(out);
      const look = (): Promise<unknown> =>
        Promise.all(
          ['.', ...files].map(async (name) => {
            const { ino, mtimeMs, ctimeMs } = await stat(join(out, name));
            return { name, ino, mtimeMs, ctimeMs };
          }),
        );
      const before = await look();
      const report = await write(out, [{ names: ['y'], artifact: first }]);
      expect(await look()).toEqual(before);
      expect(report).toMatchObject({
        blobsWritten: 0,
        blobsReused: 4,
        bytesWritten: 0,
        names: [{ name: 'y', digest: first.descriptor.digest }],
      });
    }));

  it('takes what it lacks, and what has another size', () =>
    inFolder(async (out) => {
      await write(out, [{ names: ['x'], artifact: first }]);
      await writeFile(join(out, blobPath(first.descriptor.digest)), 'short');
      const missing = join(out, blobPath(first.manifest.config.digest));
      await rm(missing);
      expect(await write(out, [{ names: ['x'], artifact: first }])).toMatchObject({
        blobsWritten: 2,
        blobsReused: 2,
      });
      await check(out, 'x');
    }));

  it('gets blobs from files as copies of its own', () =>
    inFolder(async (out, folder) => {
      const bytes = Buffer.alloc(3_000_000, 'content');
      const path = join(folder, 'cached');
      await writeFile(path, bytes);
      await chmod(path, 0o444);
      const blob = {
        digest: digestOf(bytes),
        size: bytes.length,
        path,
        open: () => blobOfBytes(bytes).open(),
      };
      await write(out, [{ names: ['x'], artifact: imageOf([layerOfBlob(blob, blob.digest, 'none')]) }]);
      expect(bytes.equals(await readFile(join(out, blobPath(blob.digest))))).toBe(true);
      expect((await stat(join(out, blobPath(blob.digest)))).mode & 0o777).toBe(0o644);
      expect((await stat(path)).mode & 0o777).toBe(0o444);
      const longer = { ...blob, digest: digestOf(bytes.subarray(1)), size: bytes.length - 1 };
      await expect(
        write(out, [{ names: ['x'], artifact: imageOf([layerOfBlob(longer, longer.digest, 'none')]) }]),
      ).rejects.toMatchObject({ code: 'CACHE_CORRUPT', path });
      await rm(path);
      await expect(
        write(out, [{ names: ['x'], artifact: imageOf([layerOfBlob(longer, longer.digest, 'none')]) }]),
      ).rejects.toMatchObject({ code: 'CACHE_CORRUPT', path });
      await check(out, 'x');
    }));
});

describe('what another process left', () => {
  it.each<[string, Record<string, string>]>([
    ['before it wrote anything', { '.pith-lock': '{"pid":4194305,"host":"HOST","id":"x"}' }],
    [
      'while it wrote blobs',
      {
        'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
        '.pith-tmp/0': 'half',
        '.pith-lock': '{"pid":4194305,"host":"HOST","id":"x"}',
      },
    ],
    ['when it gave up', { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}', '.pith-tmp/index.json': '{' }],
  ])('%s is removed by the next write', (_when, files) =>
    inFolder(async (out) => {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(join(out, name, '..'), { recursive: true });
        await writeFile(join(out, name), content.replace('HOST', context.writer.host));
      }
      await write(out, [{ names: ['x'], artifact: first }]);
      expect((await filesBelow(out)).filter((name) => !name.startsWith('blobs/'))).toEqual([
        'index.json',
        'oci-layout',
      ]);
      await check(out, 'x');
    }),
  );

  it('is removed even if nothing else is to be done', () =>
    inFolder(async (out) => {
      await write(out, [{ names: ['x'], artifact: first }]);
      const before = await filesBelow(out);
      await mkdir(join(out, '.pith-tmp'));
      await writeFile(join(out, '.pith-tmp/3'), 'half');
      await write(out, [{ names: ['x'], artifact: first }]);
      expect(await filesBelow(out)).toEqual(before);
    }));
});

it.each<[string, Record<string, string>]>([
  ['of another version', { 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' }],
  ['with a marker that is no JSON', { 'oci-layout': '{' }],
  [
    'with a damaged index.json',
    { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}', 'index.json': '{"schemaVersion":2,"manifests":[{}]}' },
  ],
])('a layout %s is left alone', (_what, files) =>
  inFolder(async (out) => {
    await mkdir(out);
    for (const [name, content] of Object.entries(files)) await writeFile(join(out, name), content);
    await expect(write(out, [{ names: ['x'], artifact: first }])).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      path: out,
    });
    expect(await filesBelow(out)).toEqual(Object.keys(files).sort());
  }),
);
