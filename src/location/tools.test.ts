import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { assembleIndex, imagesOf, validateArtifact } from '../oci/index.ts';
import { context, imageOf, inTemporaryFolder, layerOf, smallImage } from './fixtures.ts';
import { openSink, openSource, parseLocation, type NamedArtifact } from './index.ts';

/** What other tools make of what is written, and the other way round. Tools that are not installed are skipped. */

const has = (tool: string): boolean => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
const run = (tool: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): string =>
  execFileSync(tool, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const amd64 = await smallImage('x');
const arm64 = await smallImage('x', 'linux/arm64');
const other = await smallImage('other');
const family: NamedArtifact[] = [
  { names: ['cc:latest'], artifact: assembleIndex([amd64, arm64]) },
  { names: ['cc:latest-amd64'], artifact: amd64 },
  { names: ['cc:latest-arm64'], artifact: arm64 },
  { names: ['base:debug'], artifact: other },
];
const kinds = ['oci', 'oci-archive', 'docker-archive'] as const;
const write = async (
  location: string,
  artifacts: NamedArtifact[],
  environment = process.env,
): Promise<void> => {
  await openSink(parseLocation(location), { ...context, environment }).write(artifacts);
};

describe.skipIf(!has('skopeo'))('skopeo', () => {
  it.each(kinds)('copies every image out of %s', (kind) =>
    inTemporaryFolder(async (folder) => {
      await write(`${kind}:${folder}/out`, family);
      for (const [name, expected] of [
        ['cc:latest', amd64],
        ['cc:latest-amd64', amd64],
        ['cc:latest-arm64', arm64],
        ['base:debug', other],
      ] as const) {
        const copy = `oci:${folder}/copy:${name}`;
        run('skopeo', ['copy', '--quiet', '--override-arch', 'amd64', `${kind}:${folder}/out:${name}`, copy]);
        const [image] = imagesOf(await openSource(parseLocation(copy)).open());
        expect(image?.config.rootfs).toEqual(expected.config.rootfs);
        expect(image?.config.architecture).toBe(expected.config.architecture);
        // From a docker-archive, skopeo makes a new manifest, and a configuration in a form of its own.
        if (kind !== 'docker-archive') expect(image?.descriptor.digest).toBe(expected.descriptor.digest);
      }
    }),
  );

  it.each(['oci', 'oci-archive'])('shows the digest and the platforms of the index in %s', (kind) =>
    inTemporaryFolder(async (folder) => {
      await write(`${kind}:${folder}/out`, family);
      const raw = JSON.parse(run('skopeo', ['inspect', '--raw', `${kind}:${folder}/out:cc:latest`])) as {
        manifests: { platform: unknown }[];
      };
      expect(raw.manifests.map(({ platform }) => platform)).toEqual([
        { architecture: 'amd64', os: 'linux' },
        { architecture: 'arm64', os: 'linux', variant: 'v8' },
      ]);
    }),
  );

  it('reads the layout in a docker-archive as well', () =>
    inTemporaryFolder(async (folder) => {
      await write(`docker-archive:${folder}/out`, family);
      run('skopeo', ['copy', '--quiet', `oci-archive:${folder}/out:cc:latest-arm64`, `oci:${folder}/copy:x`]);
      expect((await openSource(parseLocation(`oci:${folder}/copy`)).open()).descriptor.digest).toBe(
        arm64.descriptor.digest,
      );
    }));

  it.each(['oci', 'oci-archive', 'docker-archive'])('writes %s that is read', (kind) =>
    inTemporaryFolder(async (folder) => {
      await write(`oci:${folder}/out:x`, [{ names: [], artifact: amd64 }]);
      run('skopeo', ['copy', '--quiet', `oci:${folder}/out:x`, `${kind}:${folder}/copy:cc:1`]);
      for (const reference of [undefined, 'cc:1']) {
        const artifact = await openSource(parseLocation(`${kind}:${folder}/copy`)).open(reference);
        await validateArtifact(artifact);
        expect(imagesOf(artifact)[0]?.manifest.config.digest).toBe(amd64.manifest.config.digest);
      }
    }),
  );

  it('adds to a layout, and its images are kept', () =>
    inTemporaryFolder(async (folder) => {
      await write(`oci:${folder}/out`, [{ names: ['ours'], artifact: amd64 }]);
      run('skopeo', ['copy', '--quiet', `oci:${folder}/out:ours`, `oci:${folder}/out:theirs`]);
      await write(`oci:${folder}/out`, [{ names: ['more'], artifact: other }]);
      const source = openSource(parseLocation(`oci:${folder}/out`));
      for (const [name, image] of [
        ['ours', amd64],
        ['theirs', amd64],
        ['more', other],
      ] as const)
        expect((await source.open(name)).descriptor.digest).toBe(image.descriptor.digest);
    }));
});

describe.skipIf(!has('umoci'))('umoci', () => {
  it('unpacks an image', () =>
    inTemporaryFolder(async (folder) => {
      await write(`oci:${folder}/out:one`, [{ names: [], artifact: amd64 }]);
      run('umoci', ['unpack', '--rootless', '--image', `${folder}/out:one`, `${folder}/bundle`]);
      expect(await readFile(join(folder, 'bundle/rootfs/etc/issue'), 'utf8')).toBe('x');
    }));
});

describe.skipIf(!has('podman') || process.getuid?.() !== 0)('podman', () => {
  const withStorage = (work: (folder: string, env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> =>
    inTemporaryFolder(async (folder) => {
      const settings = `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`;
      await writeFile(join(folder, 'storage.conf'), settings);
      await work(folder, { ...process.env, CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf') });
    });
  const inspect = (
    name: string,
    env: NodeJS.ProcessEnv,
  ): { Id: string; Digest: string; RepoTags: string[] } =>
    (
      JSON.parse(run('podman', ['image', 'inspect', name], env)) as [
        { Id: string; Digest: string; RepoTags: string[] },
      ]
    )[0];
  const idOf = (image: typeof amd64): string => image.manifest.config.digest.slice('sha256:'.length);

  it.each([
    ['localhost/me/cc:1', 'localhost/me/cc:1'],
    ['quay.io/me/cc', 'quay.io/me/cc:latest'],
    ['cc:nonroot', 'docker.io/library/cc:nonroot'],
  ])('has an image written to containers-storage:%s under that name, with its digests', (reference, name) =>
    withStorage(async (_folder, env) => {
      const image = imageOf([await layerOf({ a: 'zipped' }), await layerOf({ b: 'zstd' }, 'zstd')]);
      await write(`containers-storage:${reference}`, [{ names: [], artifact: image }], env);
      expect(inspect(reference, env)).toMatchObject({
        Id: idOf(image),
        Digest: image.descriptor.digest,
        RepoTags: [name],
      });
    }),
  );

  it('loads every image of a docker-archive', () =>
    withStorage(async (folder, env) => {
      await write(`docker-archive:${folder}/out`, family);
      run('podman', ['load', '-i', `${folder}/out`], env);
      for (const [name, image] of [
        ['cc:latest', amd64],
        ['cc:latest-amd64', amd64],
        ['cc:latest-arm64', arm64],
        ['base:debug', other],
      ] as const)
        expect(inspect(name, env).Id, name).toBe(idOf(image));
    }));

  it.each(['docker-archive', 'oci-archive'])('loads the one image of a %s under its name', (kind) =>
    withStorage(async (folder, env) => {
      await write(`${kind}:${folder}/out`, [{ names: ['cc:latest'], artifact: amd64 }]);
      run('podman', ['load', '-i', `${folder}/out`], env);
      expect(inspect('cc:latest', env).Id).toBe(idOf(amd64));
    }),
  );

  it.each(['docker-archive', 'oci-archive'])('saves a %s that is read', (kind) =>
    withStorage(async (folder, env) => {
      await write('containers-storage:localhost/cc:1', [{ names: [], artifact: amd64 }], env);
      run('podman', ['save', '--format', kind, '-o', `${folder}/saved`, 'localhost/cc:1'], env);
      const [image] = imagesOf(
        await openSource(parseLocation(`${kind}:${folder}/saved`)).open('localhost/cc:1'),
      );
      expect(image?.manifest.config.digest).toBe(amd64.manifest.config.digest);
      if (image) await validateArtifact(image);
    }),
  );
});
