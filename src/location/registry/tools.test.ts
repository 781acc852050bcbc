import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assembleIndex, imagesOf, validateArtifact } from '../../oci/index.ts';
import { makeCertificates } from '../../testing/certificates.ts';
import { succeed, temporaryFolder } from '../../testing/commands.ts';
import { DOCKER_REGISTRY_USER, startDockerRegistry } from '../../testing/docker-registry.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';
import { collect, imageOf, layerOf, smallImage } from '../fixtures.ts';
import {
  copyArtifact,
  openRegistry,
  openSink,
  openSource,
  parseLocation,
  type LocationContext,
} from '../index.ts';
import { contextWith } from '../../testing/registry-context.ts';

/** Debian's registry, with what skopeo, podman and buildah make of it: what we push they pull, and the other way round. */

const image = await smallImage('x');
const arm64 = await smallImage('x', 'linux/arm64');
const index = assembleIndex([image, arm64]);
const mixed = imageOf([
  await layerOf({ a: '1' }, 'none'),
  await layerOf({ b: '2' }, 'zstd'),
  await layerOf({ c: '3' }),
]);

const SETUPS = [
  { title: 'without passwords', hasPasswords: false, isSecure: false },
  { title: 'with passwords', hasPasswords: true, isSecure: false },
  { title: 'with passwords, over https', hasPasswords: true, isSecure: true },
];

describe.each(SETUPS)('the registry $title', ({ hasPasswords, isSecure }) => {
  const tools = ['docker-registry', ...(isSecure ? ['openssl'] : [])];
  let host = '';
  let folder = '';
  let closers: (() => Promise<void>)[] = [];
  let context: LocationContext = contextWith();
  /** How other tools are told of the authority and the password. */
  let flags: string[] = [];

  beforeAll(async () => {
    const place = temporaryFolder();
    folder = place.folder;
    const certificates = isSecure ? await makeCertificates(folder) : undefined;
    const registry = await startDockerRegistry({
      hasPasswords,
      ...(certificates ? { tls: certificates.server } : {}),
    });
    closers = [registry.close, place.remove];
    host = registry.host;
    const trusted = join(folder, 'trusted');
    await mkdir(trusted);
    if (certificates) await writeFile(join(trusted, 'ca.crt'), certificates.authority);
    const { username, password } = DOCKER_REGISTRY_USER;
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    await writeFile(
      join(folder, 'auth.json'),
      JSON.stringify({ auths: hasPasswords ? { [host]: { auth } } : {} }),
    );
    // The credentials are found as podman finds them.
    const environment = { REGISTRY_AUTH_FILE: join(folder, 'auth.json') };
    const settings = { certificates: trusted, retryDelay: 1 };
    context = { ...contextWith(), environment, registry: settings };
    flags = ['--authfile', join(folder, 'auth.json'), '--cert-dir', trusted];
  });
  afterAll(async () => {
    for (const close of closers) await close();
  });

  const at = (name: string): string => `docker://${host}/${name}`;
  const push = async (name: string, artifact: typeof image | typeof index): Promise<void> => {
    await openSink(parseLocation(at(name)), context).write([{ names: [], artifact }]);
  };
  const skopeo = (...args: string[]): Promise<string> => succeed('skopeo', args);
  const source = (...args: string[]): string[] =>
    args.map((flag) => flag.replace(/^--(cert-dir|authfile)$/, '--src-$1'));
  const target = (...args: string[]): string[] =>
    args.map((flag) => flag.replace(/^--(cert-dir|authfile)$/, '--dest-$1'));
  const verify = (flag: string): string[] => (isSecure ? [] : [`${flag}=false`]);

  describeWith('by itself', { tools }, () => {
    it('gives back what it took, and takes nothing twice', async () => {
      for (const [name, artifact] of [
        ['own:1', index],
        ['own:mixed', mixed],
      ] as const) {
        await push(name, artifact);
        const opened = await openSource(parseLocation(at(name)), context).open();
        await validateArtifact(opened);
        expect(opened.descriptor.digest).toBe(artifact.descriptor.digest);
        const again = await openSink(parseLocation(at(name)), context).write([{ names: [], artifact }]);
        expect(again).toMatchObject({ blobsWritten: 0, bytesWritten: 0 });
      }
    });

    it('takes an upload in chunks', async () => {
      const chunked = { ...context, registry: { ...context.registry, chunkSize: 30_000 } };
      await openSink(parseLocation(at('chunked:1')), chunked).write([{ names: [], artifact: image }]);
      await validateArtifact(await openSource(parseLocation(at('chunked:1')), context).open());
    });

    it('mounts what it has elsewhere', async () => {
      await push('from:1', index);
      const report = await copyArtifact(
        openSource(parseLocation(at('from:1')), context),
        openSink(parseLocation(at('mounted:1')), context),
      );
      // Nothing but the manifests was sent.
      expect(report.blobsWritten).toBe(3);
      await validateArtifact(await openSource(parseLocation(at('mounted:1')), context).open());
    });

    it('tells tags, digests, manifests and blobs, and lets go of them', async () => {
      for (const tag of ['a', 'b', 'c']) await push(`list:${tag}`, image);
      const client = await openRegistry({ registry: host, repository: 'list' }, context);
      expect((await client.tags()).sort()).toEqual(['a', 'b', 'c']);
      expect(await client.repositories()).toContain('list');
      expect(await client.digest('a')).toBe(image.descriptor.digest);
      expect(Buffer.from((await client.manifest('a')).bytes)).toEqual(Buffer.from(image.manifestBytes));
      const blob = await client.blob(image.manifest.config.digest);
      expect(await collect(blob.open())).toEqual(Buffer.from(image.configBytes));
      await client.delete(image.descriptor.digest);
      await expect(client.digest('a')).rejects.toMatchObject({ code: 'UNKNOWN_IMAGE' });
      await client.deleteBlob(image.manifest.config.digest);
      await expect(client.blob(image.manifest.config.digest)).rejects.toMatchObject({
        code: 'UNKNOWN_IMAGE',
      });
    });

    it('keeps what refers to an image under a tag, since it knows no referrers', async () => {
      const bytes = Buffer.from(
        JSON.stringify({ ...image.manifest, artifactType: 'x/signature', subject: index.descriptor }),
      );
      const { digestOf } = await import('../../core/index.ts');
      const descriptor = { ...image.descriptor, digest: digestOf(bytes), size: bytes.length };
      const signature = {
        ...image,
        descriptor,
        manifest: { ...image.manifest, subject: index.descriptor },
        manifestBytes: bytes,
      };
      await openSink(parseLocation(at('signed:1')), context).write([
        { names: [], artifact: index },
        { names: [], artifact: signature },
      ]);
      const client = await openRegistry({ registry: host, repository: 'signed' }, context);
      expect(await client.referrers(index.descriptor.digest)).toMatchObject([
        { digest: descriptor.digest, artifactType: 'x/signature' },
      ]);
    });

    it.runIf(hasPasswords)('refuses those whom it does not know', async () => {
      const nobody = { ...contextWith({ certificates: context.registry?.certificates ?? '', retries: 0 }) };
      await expect(openSource(parseLocation(at('own:1')), nobody).open()).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHORIZED',
      });
      const credentials = {
        find: () => Promise.resolve({ username: 'ada', password: 'wrong' }),
        searched: () => ['here'],
      };
      const wrong = { ...nobody, registry: { ...nobody.registry, credentials } };
      const sink = openSink(parseLocation(at('own:2')), wrong);
      await expect(sink.write([{ names: [], artifact: image }])).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHORIZED',
        hint: expect.stringContaining('here') as string,
      });
    });
  });

  describeWith('and skopeo', { tools: [...tools, 'skopeo'] }, () => {
    it('have the same digests of what we push', async () => {
      await push('ours:1', index);
      const raw = await skopeo('inspect', '--raw', ...flags, ...verify('--tls-verify'), at('ours:1'));
      expect(Buffer.from(raw)).toEqual(Buffer.from(index.bytes));
      const copy = ['copy', '--quiet', '--all', ...source(...flags), ...verify('--src-tls-verify')];
      await skopeo(...copy, at('ours:1'), `oci:${folder}/copy:x`);
      expect((await openSource(parseLocation(`oci:${folder}/copy`)).open()).descriptor.digest).toBe(
        index.descriptor.digest,
      );
    });

    it('write what we read, in OCI’s form and in Docker’s', async () => {
      await openSink(parseLocation(`oci:${folder}/theirs:x`), context).write([
        { names: [], artifact: index },
      ]);
      for (const format of ['oci', 'v2s2']) {
        const copy = [
          'copy',
          '--quiet',
          '--format',
          format,
          ...(format === 'oci' ? ['--all'] : ['--override-arch', 'amd64']),
        ];
        await skopeo(
          ...copy,
          ...target(...flags),
          ...verify('--dest-tls-verify'),
          `oci:${folder}/theirs:x`,
          at(`theirs:${format}`),
        );
        const artifact = await openSource(parseLocation(at(`theirs:${format}`)), context).open();
        await validateArtifact(artifact);
        const [first] = imagesOf(artifact);
        expect(first?.manifest.mediaType).toContain(format === 'oci' ? 'oci.image' : 'docker.distribution');
        const inspect = ['inspect', '--format', '{{.Digest}}', ...flags, ...verify('--tls-verify')];
        const said = await skopeo(...inspect, '--override-arch', 'amd64', at(`theirs:${format}`));
        expect(said.trim()).toBe(artifact.descriptor.digest);
        // Docker's form stays what it is wherever we copy it.
        await copyArtifact(
          openSource(parseLocation(at(`theirs:${format}`)), context),
          openSink(parseLocation(at(`again:${format}`)), context),
        );
        const again = await skopeo(...inspect, '--override-arch', 'amd64', at(`again:${format}`));
        expect(again).toBe(said);
      }
    });
  });

  describeWith('and podman', { tools: [...tools, 'podman'], unless: unlessRoot() }, () => {
    it('pull what we push, and push what we pull', async () => {
      const settings = `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`;
      await writeFile(join(folder, 'storage.conf'), settings);
      const env = { CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf') };
      const podman = (...args: string[]): Promise<string> => succeed('podman', args, { env });
      await push('podman:1', mixed);
      const id = await podman('pull', '--quiet', ...flags, ...verify('--tls-verify'), `${host}/podman:1`);
      expect(id.trim()).toBe(mixed.manifest.config.digest.slice('sha256:'.length));
      await podman('push', '--quiet', ...flags, ...verify('--tls-verify'), id.trim(), `${host}/podman:2`);
      const artifact = await openSource(parseLocation(at('podman:2')), context).open();
      await validateArtifact(artifact);
      expect(imagesOf(artifact)[0]?.config.rootfs).toEqual(mixed.config.rootfs);
    });
  });
});
