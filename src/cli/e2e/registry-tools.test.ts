import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, imageOf, layerOf } from '../../location/fixtures.ts';
import { openSink, openSource, parseLocation } from '../../location/index.ts';
import { assembleIndex, validateArtifact } from '../../oci/index.ts';
import { contextWith } from '../../testing/registry-context.ts';
import { createToolHome, type ToolHome } from '../../testing/tool-home.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** Two platforms, with layers in every compression that there is. */
const shared = await layerOf({ 'etc/issue': 'shared\n' });
const amd64 = imageOf([shared, await layerOf({ hello: 'amd64\n' }, 'zstd')], 'linux/amd64');
const arm64 = imageOf([shared, await layerOf({ hello: 'arm64\n' }, 'none')], 'linux/arm64');
const index = assembleIndex([amd64, arm64]);
const plain = imageOf([shared, await layerOf({ hello: 'plain\n' })]);
/** Images that no registry has layers of, which tools would take as they are. */
const [forSkopeo, forPodman] = [
  imageOf([await layerOf({ hello: 'skopeo\n' })]),
  imageOf([await layerOf({ hello: 'podman\n' })]),
];
const images = { index, plain, skopeo: forSkopeo, podman: forPodman };

const SETUPS = [
  { title: 'without passwords', hasPasswords: false, isSecure: false },
  { title: 'with passwords, over https', hasPasswords: true, isSecure: true },
];

describe.each(SETUPS)('images of pith and of other tools', ({ title, hasPasswords, isSecure }) => {
  const tools = ['docker-registry', ...(isSecure ? ['openssl'] : [])];
  describeWith(`in a registry ${title}`, { tools }, () => {
    let home: ToolHome;
    const at = (name: string): string => `${home.host}/${name}`;
    /** What pith prints when it has to succeed. */
    const pith = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await home.pith(args);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    /** Pulls into a layout, checks everything in it, and gives the digest. */
    const pulled = async (name: string): Promise<string> => {
      const layout = `pulled-${name.replaceAll(/[^a-z0-9]/g, '-')}`;
      const said = await pith('pull', at(name), `oci:${layout}:x`);
      const artifact = await openSource(parseLocation(`oci:${home.path(layout)}`)).open();
      await validateArtifact(artifact);
      const { digest } = artifact.descriptor;
      expect(said).toBe(`oci:${layout}:x@${digest}\n`);
      expect(await pith('digest', at(name))).toBe(`${digest}\n`);
      return digest;
    };

    beforeAll(async () => {
      home = await createToolHome({ hasPasswords, isSecure });
      for (const [name, artifact] of Object.entries(images))
        await openSink(parseLocation(`oci:${home.path('images')}:${name}`), contextWith()).write([
          { names: [], artifact },
        ]);
      for (const name of ['index', 'plain'] as const)
        expect(await pith('push', `oci:images:${name}`, at(`ours/${name}:1`))).toBe(
          `docker://${at(`ours/${name}:1`)}@${images[name].descriptor.digest}\n`,
        );
    });
    afterAll(() => home.close());

    it('come back as they were sent', async () => {
      expect(await pulled('ours/index:1')).toBe(index.descriptor.digest);
      expect(await pulled('ours/plain:1')).toBe(plain.descriptor.digest);
      expect(await pith('manifest', at('ours/index:1'))).toBe(Buffer.from(index.bytes).toString());
      expect(await pith('tags', at('ours/'))).toBe('index:1\nplain:1\n');
      const { digest } = plain.manifest.config;
      expect(await pith('blob', at('ours/plain'), digest)).toBe(Buffer.from(plain.configBytes).toString());
      await pith('blob', at(`ours/plain@${shared.descriptor.digest}`), '-o', 'layer');
      expect(await readFile(home.path('layer'))).toEqual(await collect(shared.blob.open()));
    });

    it('are not sent twice', async () => {
      const { stderr } = await home.pith(['push', 'oci:images:index', at('ours/index:1')]);
      expect(stderr).toBe('pith: everything was there already\n');
      const again = await home.pith(['push', 'oci:images:index', at('ours/index:2'), '--json']);
      expect(JSON.parse(again.stdout)).toMatchObject({ blobsWritten: 0, bytesWritten: 0 });
      const copied = await home.pith(['copy', at('ours/index:1'), at('mounted/index:1'), '--json']);
      // Manifests only: the rest was mounted.
      expect(JSON.parse(copied.stdout)).toMatchObject({ blobsWritten: 3 });
    });

    describeWith('and skopeo', { tools: ['skopeo'] }, () => {
      it('have the same digests of what pith pushed', async () => {
        const raw = await home.tool('skopeo', 'inspect', '--raw', `docker://${at('ours/index:1')}`);
        expect(raw).toBe(Buffer.from(index.bytes).toString());
        const whole = ['--all', '--preserve-digests'];
        await home.tool('skopeo', 'copy', '-q', ...whole, `docker://${at('ours/index:1')}`, 'oci:theirs:x');
        const copy = await openSource(parseLocation(`oci:${home.path('theirs')}`)).openAny();
        expect(copy.descriptor.digest).toBe(index.descriptor.digest);
      });

      it.each([
        ['an index', ['--all', 'oci:images:index'], /oci\.image\.index/],
        ['an image in Docker’s form', ['--format', 'v2s2', 'oci:images:plain'], /docker.*manifest\.v2/],
        ['zstd', ['--dest-compress-format', 'zstd', '--format', 'oci', 'oci:images:skopeo'], /tar\+zstd/],
      ])('push %s that pith pulls and copies as it is', async (what, args, type) => {
        const name = `skopeo/${what.split(' ').at(-1) ?? ''}:1`;
        await home.tool('skopeo', 'copy', '-q', ...args, `docker://${at(name)}`);
        const inspect = ['inspect', '--format', '{{.Digest}}', `docker://${at(name)}`];
        const digest = await home.tool('skopeo', ...inspect);
        expect(await pulled(name)).toBe(digest);
        expect(await pith('manifest', at(name))).toMatch(type);
        expect(await pith('copy', at(name), at('copies/of:1'))).toBe(
          `docker://${at('copies/of:1')}@${digest}\n`,
        );
      });
    });

    describeWith('and podman', { tools: ['podman'], unless: unlessRoot() }, () => {
      it('pull what pith pushed', async () => {
        const id = await home.tool('podman', 'pull', '-q', at('ours/index:1'));
        expect(`sha256:${id}`).toBe(amd64.manifest.config.digest);
        const digests = await home.tool('podman', 'image', 'inspect', '--format', '{{.RepoDigests}}', id);
        expect(digests).toContain(index.descriptor.digest);
      });

      it('push zstd that pith pulls', async () => {
        const id = await home.tool('podman', 'pull', '-q', 'oci:images:podman');
        const name = 'podman/zstd:1';
        await home.tool('podman', 'push', '-q', '--compression-format', 'zstd', id, at(name));
        const digest = await pulled(name);
        expect(await pith('manifest', at(name))).toContain('tar+zstd');
        expect(await home.tool('podman', 'pull', '-q', `${at(name)}@${digest}`)).toBe(id);
      });
    });

    describeWith('and buildah', { tools: ['buildah'], unless: unlessRoot() }, () => {
      it('pull what pith pushed, and push what pith pulls', async () => {
        const id = await home.tool('buildah', 'pull', '-q', at('ours/plain:1'));
        expect(`sha256:${id}`).toBe(plain.manifest.config.digest);
        await home.tool('buildah', 'push', '-q', '--digestfile', 'digest', id, at('buildah/plain:1'));
        expect(await pulled('buildah/plain:1')).toBe(await readFile(home.path('digest'), 'utf8'));
      });

      it('make images on one of pith’s', async () => {
        const container = await home.tool('buildah', 'from', at('ours/plain:1'));
        await home.tool('buildah', 'config', '--label', 'a=b', container);
        for (const [format, type] of [
          ['oci', 'oci.image.manifest'],
          ['docker', 'docker.distribution.manifest.v2'],
        ] as const) {
          const name = `buildah/${format}:1`;
          await home.tool('buildah', 'commit', '-q', '--format', format, container, `docker://${at(name)}`);
          await pulled(name);
          expect(await pith('manifest', at(name))).toContain(type);
        }
      });
    });

    describeWith('and crane', { tools: ['crane'] }, () => {
      const crane = (...args: string[]): Promise<string> =>
        home.tool('env', ...(isSecure ? [`SSL_CERT_FILE=${home.path('ca.crt')}`] : []), 'crane', ...args);

      it('have the same digests of what pith pushed', async () => {
        expect(await crane('digest', at('ours/index:1'))).toBe(index.descriptor.digest);
        expect(await crane('digest', '--platform', 'linux/arm64', at('ours/index:1'))).toBe(
          arm64.descriptor.digest,
        );
        await crane('validate', '--remote', at('ours/plain:1'));
        await crane('pull', '--format', 'oci', at('ours/index:1'), 'crane');
        const copy = await openSource(parseLocation(`oci:${home.path('crane')}`)).openAny();
        expect(copy.descriptor.digest).toBe(index.descriptor.digest);
      });

      it('push what pith pulls', async () => {
        await pith('pull', at('ours/plain:1'), 'plain.tar');
        await crane('push', 'plain.tar', at('crane/plain:1'));
        expect(await pulled('crane/plain:1')).toBe(await crane('digest', at('crane/plain:1')));
      });
    });

    describeWith('and oras', { tools: ['oras'] }, () => {
      it('have the same digests of what pith pushed', async () => {
        const [host, settings] = isSecure
          ? [
              ['--ca-file', home.path('ca.crt')],
              ['--registry-config', home.path('.docker/config.json')],
            ]
          : [['--plain-http'], []];
        const fetch = ['manifest', 'fetch', '--descriptor', ...host, ...settings, at('ours/index:1')];
        expect(JSON.parse(await home.tool('oras', ...fetch))).toMatchObject({
          digest: index.descriptor.digest,
        });
      });
    });
  });
});
