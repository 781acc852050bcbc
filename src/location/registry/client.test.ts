import { describe, expect, it } from 'vitest';
import { digestOf, type Digest } from '../../core/index.ts';
import {
  assembleIndex,
  MANIFEST_TYPE,
  type AnyArtifact,
  type Descriptor,
  type OtherArtifact,
} from '../../oci/index.ts';
import { blobOfBytes } from '../../oci/index.ts';
import type { TestRegistry, TestRegistryOptions } from '../../testing/registry.ts';
import { collect, inTemporaryFolder, smallImage } from '../fixtures.ts';
import {
  copyArtifact,
  openRegistry,
  openSink,
  openSource,
  parseLocation,
  type NamedArtifact,
  type RegistryClient,
} from '../index.ts';
import { contextWith, withRegistry } from '../../testing/registry-context.ts';

const image = await smallImage('x');
const arm64 = await smallImage('x', 'linux/arm64');
const index = assembleIndex([image, arm64]);

/** Something that refers to a manifest: a signature, an attestation. */
function referrerOf(subject: Descriptor, type: string, note = ''): OtherArtifact {
  const blob = blobOfBytes(Buffer.from(`${type} of ${subject.digest} ${note}`));
  const config = blobOfBytes(Buffer.from('{}'));
  const { mediaType, digest, size } = subject;
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: type,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config.digest, size: config.size },
    layers: [{ mediaType: 'text/plain', digest: blob.digest, size: blob.size }],
    subject: { mediaType, digest, size },
    annotations: { note },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    kind: 'other',
    descriptor: { mediaType: MANIFEST_TYPE, digest: digestOf(bytes), size: bytes.length },
    bytes,
    subject: manifest.subject,
    blobs: [config, blob],
    children: [],
  };
}

const push = async (
  { host }: TestRegistry,
  name: string,
  artifacts: readonly NamedArtifact[],
): Promise<void> => {
  await openSink(parseLocation(`docker://${host}/${name}`), contextWith()).write(artifacts);
};
const unnamed = (artifact: AnyArtifact): NamedArtifact => ({ names: [], artifact });
const clientOf = ({ host }: TestRegistry, repository = 'app'): Promise<RegistryClient> =>
  openRegistry({ registry: host, repository }, contextWith());
const within = (options: TestRegistryOptions, work: (registry: TestRegistry) => Promise<void>) => () =>
  withRegistry(options, work);
const digests = (descriptors: readonly { readonly digest: Digest }[]): string[] =>
  descriptors.map(({ digest }) => digest).sort();

describe('a repository', () => {
  it(
    'lists its tags, page by page',
    within({ pageSize: 2 }, async (registry) => {
      await push(registry, 'app:b', [unnamed(image)]);
      for (const tag of ['a', 'c', 'd', 'e'])
        registry.protocol.repository('app').tags.set(tag, image.descriptor.digest);
      expect(await (await clientOf(registry)).tags()).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(registry.requests.filter(({ line }) => line.includes('tags/list'))).toHaveLength(3);
    }),
  );

  it(
    'without tags has none, and one that is not there is unknown',
    within({}, async (registry) => {
      registry.protocol.repository('app');
      expect(await (await clientOf(registry)).tags()).toEqual([]);
      await expect((await clientOf(registry, 'gone')).tags()).rejects.toMatchObject({
        code: 'UNKNOWN_IMAGE',
      });
    }),
  );

  it(
    'is in the list of its registry',
    within({ pageSize: 1, auth: { guest: ['pull', 'push', '*'] } }, async (registry) => {
      for (const name of ['b/c', 'a']) await push(registry, `${name}:1`, [unnamed(image)]);
      expect(await (await clientOf(registry)).repositories()).toEqual(['a', 'b/c']);
    }),
  );

  it.each([
    ['does not end', { tags: ['a'] }, { link: '</v2/app/tags/list?n=1&last=a>; rel="next"' }, /does not end/],
    ['is no object', ['a'], {}, /not a registry/],
  ])('whose list %s is a fault of the registry', (_what, body, headers, message) =>
    withRegistry(
      {
        override: ({ url }) =>
          url.pathname.endsWith('/list')
            ? { status: 200, headers, body: Array.isArray(body) ? '7' : JSON.stringify(body) }
            : undefined,
      },
      async (registry) => {
        await expect((await clientOf(registry)).tags()).rejects.toMatchObject({
          code: 'REGISTRY_INVALID',
          message: expect.stringMatching(message) as string,
        });
      },
    ),
  );

  it(
    'tells digests and manifests of tags and digests, and blobs',
    within({}, async (registry) => {
      await push(registry, 'app:1', [unnamed(image)]);
      const client = await clientOf(registry);
      const { digest } = image.descriptor;
      expect([await client.digest('1'), await client.digest(digest)]).toEqual([digest, digest]);
      expect(await client.manifest('1')).toEqual({
        descriptor: { mediaType: MANIFEST_TYPE, digest, size: image.manifestBytes.length },
        bytes: image.manifestBytes,
      });
      const blob = await client.blob(image.manifest.config.digest);
      expect(await collect(blob.open())).toEqual(image.configBytes);
      expect(client.name).toBe(`${registry.host}/app`);
    }),
  );

  it.each([{ headDigest: false }, {}])(
    'tells a digest although it does not say it with HEAD: %j',
    (options) =>
      withRegistry(options, async (registry) => {
        await push(registry, 'app:1', [unnamed(image)]);
        expect(await (await clientOf(registry)).digest('1')).toBe(image.descriptor.digest);
      }),
  );

  it(
    'says what it does not have, and what is near',
    within({}, async (registry) => {
      await push(registry, 'app:latest', [unnamed(image)]);
      const client = await clientOf(registry);
      const none = digestOf('none');
      for (const [ask, hint] of [
        [() => client.digest('latets'), 'Did you mean latest?'],
        [() => client.manifest(none), 'It holds latest.'],
        [() => client.delete('gone'), 'It holds latest.'],
        [() => client.delete(none), 'It holds latest.'],
        [() => client.blob(none), 'Check the digest.'],
        [() => client.deleteBlob(none), 'Check the digest.'],
      ] as const)
        await expect(ask(), hint).rejects.toMatchObject({ code: 'UNKNOWN_IMAGE', hint });
    }),
  );

  it(
    'loses a tag, a manifest with its tags, or a blob',
    within({}, async (registry) => {
      const repository = registry.protocol.repository('app');
      for (const tag of ['1', '2', '3']) await push(registry, `app:${tag}`, [unnamed(image)]);
      const client = await clientOf(registry);
      await client.delete('1');
      expect([...repository.tags.keys()]).toEqual(['2', '3']);
      await client.delete(image.descriptor.digest);
      expect([repository.tags.size, repository.manifests.size]).toEqual([0, 0]);
      await client.deleteBlob(image.manifest.config.digest);
      expect(repository.blobs.has(image.manifest.config.digest)).toBe(false);
    }),
  );
});

describe.each([
  ['that keeps lists of referrers', {}],
  ['that keeps them, page by page', { pageSize: 1 }],
  ['that knows no referrers', { referrers: false }],
])('a registry %s', (_title, options: TestRegistryOptions) => {
  const signature = referrerOf(image.descriptor, 'application/vnd.example.signature');
  const sbom = referrerOf(image.descriptor, 'application/spdx+json');
  const ofIndex = referrerOf(index.descriptor, 'application/vnd.example.signature');
  const ofSbom = referrerOf(sbom.descriptor, 'application/vnd.example.signature');
  const all = [index, signature, sbom, ofIndex, ofSbom];

  it(
    'tells what refers to a manifest',
    within(options, async (registry) => {
      await push(registry, 'app:1', all.map(unnamed));
      const client = await clientOf(registry);
      expect(digests(await client.referrers(image.descriptor.digest))).toEqual(
        digests([signature.descriptor, sbom.descriptor]),
      );
      expect(await client.referrers(image.descriptor.digest, 'application/spdx+json')).toMatchObject([
        { digest: sbom.descriptor.digest, artifactType: 'application/spdx+json', annotations: { note: '' } },
      ]);
      expect(await client.referrers(arm64.descriptor.digest)).toEqual([]);
    }),
  );

  it(
    'has them once, however often they are pushed, and no more when they are deleted',
    within(options, async (registry) => {
      for (let i = 0; i < 2; i++) await push(registry, 'app:1', all.map(unnamed));
      registry.protocol.repository('app').manifests.delete(signature.descriptor.digest);
      await push(registry, 'app:1', all.map(unnamed));
      const client = await clientOf(registry);
      expect(await client.referrers(image.descriptor.digest)).toHaveLength(2);
      await client.delete(signature.descriptor.digest);
      expect(digests(await client.referrers(image.descriptor.digest))).toEqual([sbom.descriptor.digest]);
    }),
  );

  it.each(['docker://HOST/copy:2', 'oci:FOLDER/out:x', 'oci-archive:FOLDER/out.tar:x'])(
    'gives an image with all that refers to it to %s, if that is wanted',
    (location) =>
      withRegistry(options, (registry) =>
        inTemporaryFolder(async (folder) => {
          await push(registry, 'app:1', all.map(unnamed));
          const to = parseLocation(location.replace('HOST', registry.host).replace('FOLDER', folder));
          const context = contextWith();
          const source = openSource(parseLocation(`docker://${registry.host}/app:1`), context);
          const report = await copyArtifact(source, openSink(to, context), { referrers: true });
          expect(report.names).toHaveLength(1);
          const copied = openSource(to, context);
          expect((await copied.open()).descriptor.digest).toBe(index.descriptor.digest);
          const found = await Promise.all(all.map(({ descriptor }) => copied.referrers(descriptor.digest)));
          expect(found.map((list) => list.length)).toEqual([1, 0, 1, 0, 0]);
          expect(
            digests((await copied.referrers(image.descriptor.digest)).map((one) => one.descriptor)),
          ).toEqual(digests([signature.descriptor, sbom.descriptor]));
        }),
      ),
  );

  it(
    'gives an image of a folder with what refers to it',
    within(options, async (registry) => {
      await push(registry, 'app:1', all.map(unnamed));
      const context = contextWith();
      await copyArtifact(
        openSource(parseLocation(`docker://${registry.host}/`), context),
        openSink(parseLocation(`docker://${registry.host}/mirror/`), context),
        { from: 'app:1', to: 'app:1', referrers: true },
      );
      const client = await clientOf(registry, 'mirror/app');
      expect(await client.referrers(image.descriptor.digest)).toHaveLength(2);
    }),
  );
});

it('an image that nothing refers to goes alone', () =>
  withRegistry({ referrers: false }, async (registry) => {
    await push(registry, 'app:1', [unnamed(index)]);
    const context = contextWith();
    const report = await copyArtifact(
      openSource(parseLocation(`docker://${registry.host}/app:1`), context),
      openSink(parseLocation(`docker://${registry.host}/copy:1`), context),
      { referrers: true },
    );
    expect(report.names).toEqual([{ name: '1', digest: index.descriptor.digest }]);
    expect([...registry.protocol.repository('copy').tags.keys()]).toEqual(['1']);
  }));
