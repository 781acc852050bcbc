import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imagesOf, type Image } from '../../oci/index.ts';
import { openSource, parseLocation } from '../../location/index.ts';
import { ALL_PLATFORMS, digestsOf, pithBuild, succeed, temporaryFolder } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { createContainerStorage, type ContainerStorage } from '../../testing/containers.ts';
import { openImage } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const TAG = 'cc-debian13:debug';
const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describeWith('skopeo', { tools: ['skopeo'] }, () => {
  const { folder, remove } = temporaryFolder();
  const layout = join(folder, 'images');
  let image: Image;
  let index: string;
  const skopeo = (...args: readonly string[]): Promise<string> => succeed('skopeo', args, { cwd: folder });

  /** Every form in which an image is written, and the name by which it is found there. */
  const SOURCES = ['oci:images', 'oci-archive:images.tar', 'docker-archive:docker.tar', 'oci:zstd'].map(
    (location) => `${location}:${TAG}`,
  );

  beforeAll(async () => {
    const outputs = ['oci:images', 'oci-archive:images.tar', 'docker-archive:docker.tar'];
    const amd64 = ['--platform', 'linux/amd64'];
    const options = { cwd: folder };
    await pithBuild([TAG, ...amd64, ...outputs.flatMap((output) => ['-o', output])], options);
    await pithBuild([TAG, ...amd64, '--compression', 'zstd', '-o', 'oci:zstd'], options);
    const all = await pithBuild(
      ['static-debian13:latest', ...ALL_PLATFORMS, ...['-o', 'oci:images'], ...['-o', 'oci-archive:all.tar']],
      options,
    );
    index = digestsOf(all)['static-debian13:latest'] ?? '';
    image = await openImage(layout, TAG);
  });
  afterAll(remove);

  it.each(SOURCES)('inspects %s', async (source) => {
    const found = JSON.parse(await skopeo('inspect', source)) as { Architecture: string; Layers: string[] };
    expect(found.Architecture).toBe('amd64');
    expect(found.Layers).toHaveLength(image.layers.length);
    const config = await skopeo('inspect', '--config', '--raw', source);
    if (!source.startsWith('oci:zstd')) expect(digestOf(config)).toBe(image.manifest.config.digest);
  });

  it.each(SOURCES.filter((source) => /^oci(-archive)?:images/.test(source)))(
    'finds the digest that pith says in %s',
    async (source) => {
      expect(digestOf(await skopeo('inspect', '--raw', source))).toBe(image.descriptor.digest);
    },
  );

  const TARGETS = ['oci', 'oci-archive', 'docker-archive', 'dir'] as const;
  const COPIES = SOURCES.flatMap((source) => TARGETS.map((target) => [source, target] as const));
  /** skopeo does not bring zstd layers into that format. */
  const impossible = (source: string, target: string): boolean =>
    source.startsWith('oci:zstd') && target === 'docker-archive';
  it.each(COPIES.filter(([source, target]) => !impossible(source, target)))(
    'copies %s to %s:',
    async (source, kind) => {
      const path = `${kind}-of-${SOURCES.indexOf(source)}`;
      const target = kind === 'dir' ? `dir:${path}` : `${kind}:${path}:copy:1`;
      await skopeo('copy', '--quiet', source, target);
      const config = JSON.parse(await skopeo('inspect', '--config', target)) as Image['config'];
      expect(config.rootfs.diff_ids).toEqual(image.layers.map(({ diffId }) => diffId));
      expect(config.config).toEqual(image.config.config);
    },
  );

  it('copies without a change of the digest where the format allows it', async () => {
    for (const target of ['dir:same', 'oci:same-layout:copy']) {
      await skopeo('copy', '--quiet', '--preserve-digests', `oci:images:${TAG}`, target);
      expect(digestOf(await skopeo('inspect', '--raw', target))).toBe(image.descriptor.digest);
    }
  });

  it.each(['oci:images', 'oci-archive:all.tar'])('reads the index of all platforms in %s', async (source) => {
    const name = `${source}:static-debian13:latest`;
    expect(digestOf(await skopeo('inspect', '--raw', name))).toBe(index);
    const target = `oci:all-of-${source.replace(/\W/g, '-')}:copy`;
    await skopeo('copy', '--quiet', '--all', '--preserve-digests', name, target);
    expect(digestOf(await skopeo('inspect', '--raw', target))).toBe(index);
    const copy = await openSource(parseLocation(`oci:${folder}/${target.slice(4, -5)}`)).open('copy');
    expect(imagesOf(copy)).toHaveLength(6);
  });

  it.each(['arm64', 's390x'])('chooses the image for %s from the index', async (architecture) => {
    const source = `oci:images:static-debian13:latest`;
    const chosen = ['--override-arch', architecture, 'inspect', '--config', source];
    expect((JSON.parse(await skopeo(...chosen)) as Image['config']).architecture).toBe(architecture);
  });
});

describeWith(
  'podman and buildah',
  { tools: ['podman', 'runc', 'buildah', 'gcc'], unless: unlessRoot() },
  () => {
    let storage: ContainerStorage;
    let image: Image;
    let latest: Image;

    beforeAll(async () => {
      storage = await createContainerStorage();
      const outputs = ['oci:images', 'oci-archive:images.tar', 'docker-archive:docker.tar'];
      await pithBuild(
        ['cc-debian13', '--platform', 'linux/amd64', ...outputs.flatMap((output) => ['-o', output])],
        { cwd: storage.folder },
      );
      image = await openImage(join(storage.folder, 'images'), TAG);
      latest = await openImage(join(storage.folder, 'images'), 'cc-debian13:latest');
    });
    afterAll(() => storage.remove());

    /** What the storage holds under a name. */
    async function inspect(name: string): Promise<{ id: string; digest: string; layers: string[] }> {
      const [found] = JSON.parse(await storage.podman('image', 'inspect', name)) as [
        { Id: string; Digest: string; RootFS: { Layers: string[] } },
      ];
      return { id: `sha256:${found.Id}`, digest: found.Digest, layers: found.RootFS.Layers };
    }
    const expected = (): object => ({
      id: image.manifest.config.digest,
      digest: image.descriptor.digest,
      layers: image.layers.map(({ diffId }) => diffId),
    });
    const whoami = async (name: string): Promise<string> =>
      (await storage.runImage(name, { command: ['-c', 'whoami'] })).stdout;

    it('podman pulls from a layout', async () => {
      const id = await storage.pull(join(storage.folder, 'images'), TAG);
      expect(await inspect(id)).toEqual(expected());
      expect(await whoami(id)).toBe('nonroot\n');
      await storage.podman('rmi', '--force', id);
    });

    it('podman pulls from an oci-archive', async () => {
      const source = `oci-archive:${join(storage.folder, 'images.tar')}:${TAG}`;
      const id = (await storage.podman('pull', '--quiet', source)).trim();
      expect(await inspect(id)).toEqual(expected());
      expect(await whoami(id)).toBe('nonroot\n');
      await storage.podman('rmi', '--force', id);
    });

    it('podman loads a docker-archive with all of its images', async () => {
      await storage.podman('load', '--quiet', '-i', join(storage.folder, 'docker.tar'));
      const { id, layers } = await inspect(TAG);
      expect({ id, layers }).toEqual({
        id: image.manifest.config.digest,
        layers: image.layers.map((one) => one.diffId),
      });
      expect((await inspect('cc-debian13:latest')).id).toBe(latest.manifest.config.digest);
      expect(await whoami(TAG)).toBe('nonroot\n');
      await storage.podman('rmi', '--all', '--force');
    });

    it('podman loads an oci-archive of one image', async () => {
      const file = join(storage.folder, 'one.tar');
      await pithBuild([TAG, '--platform', 'linux/amd64', '-o', `oci-archive:${file}:localhost/one:1`]);
      await storage.podman('load', '--quiet', '-i', file);
      expect(await inspect('localhost/one:1')).toEqual(expected());
      await storage.podman('rmi', '--force', 'localhost/one:1');
    });

    it.each(['gzip', 'zstd'])('takes an image from `-o containers-storage:`, %s', async (compression) => {
      const [platform, form] = [
        ['--platform', 'linux/amd64'],
        ['--compression', compression],
      ];
      const output = ['-o', 'containers-storage:localhost/direct:1'];
      const report = await pithBuild([TAG, ...platform, ...form, ...output], { env: storage.env });
      const { digest, layers } = await inspect('localhost/direct:1');
      expect({ digest, layers }).toEqual({
        digest: digestsOf(report)[TAG],
        layers: image.layers.map(({ diffId }) => diffId),
      });
      expect(await whoami('localhost/direct:1')).toBe('nonroot\n');
      await storage.podman('rmi', '--force', 'localhost/direct:1');
    });

    it('gives back what pith reads again', async () => {
      const id = await storage.pull(join(storage.folder, 'images'), TAG);
      const file = join(storage.folder, 'saved.tar');
      await storage.podman('tag', id, 'localhost/saved:1');
      await storage.podman('save', '--quiet', '--format', 'oci-archive', '-o', file, 'localhost/saved:1');
      const [saved] = imagesOf(await openSource(parseLocation(`oci-archive:${file}`)).open());
      expect(saved?.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId));
      expect(saved?.config.config).toEqual(image.config.config);
      await storage.podman('rmi', '--all', '--force');
    });

    it('buildah builds on the images in several stages', async () => {
      const { folder, env } = storage;
      await storage.podman('load', '--quiet', '-i', join(folder, 'docker.tar'));
      await compile('hello.c', folder, 'hello');
      await writeFile(join(folder, 'Containerfile'), CONTAINERFILE);
      const options = ['--isolation', 'chroot', '--quiet', '--pull-never', '-t', 'localhost/app:1'];
      await succeed('buildah', ['bud', ...options, '-f', 'Containerfile', folder], { cwd: folder, env });
      const { stdout, stderr } = await storage.runImage('localhost/app:1');
      expect(stdout + stderr).toBe(
        'uid 65532 gid 65532\ntime 2023-11-14 22:13 UTC\nwrite Read-only file system\n',
      );
      expect((await inspect('localhost/app:1')).layers.slice(0, -1)).toEqual(
        latest.layers.map(({ diffId }) => diffId),
      );
      const container = (await storage.podman('create', 'localhost/app:1')).trim();
      await storage.podman('cp', `${container}:/app/made`, join(folder, 'made'));
      expect(await readFile(join(folder, 'made'), 'utf8')).toBe('BusyBox\n');
    });
  },
);

/** A stage with a shell that makes files, and one without that takes them. */
const CONTAINERFILE = `FROM localhost/cc-debian13:debug AS tools
COPY hello /out/hello
RUN ["/busybox/sh", "-c", "busybox | head -n 1 | cut -d ' ' -f 1 > /out/made"]

FROM localhost/cc-debian13:nonroot
COPY --from=tools /out/ /app/
ENTRYPOINT ["/app/hello"]
`;
