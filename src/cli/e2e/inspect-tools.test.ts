import { chmod, link, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InspectReport, inspectReport } from '../../inspect/report/inspect-schema.ts';
import { pith, run, succeed, temporaryFolder } from '../../testing/commands.ts';
import { type ContainerStorage, createContainerStorage } from '../../testing/containers.ts';
import { type DockerEngine, startDocker } from '../../testing/docker.ts';
import { debianMirror } from '../../testing/mmdebstrap.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

async function reportOf(name: string, folder: string): Promise<InspectReport> {
  const outcome = await pith(['inspect', '--json', '--quiet', name], {
    cwd: folder,
    env: { PITH_CACHE_DIR: join(folder, 'cache') },
  });
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return inspectReport.parse(JSON.parse(outcome.stdout));
}

describeWith('an image of buildah', { tools: ['buildah', 'podman'], unless: unlessRoot() }, () => {
  let storage: ContainerStorage;
  const buildah = async (...args: readonly string[]): Promise<string> =>
    (await succeed('buildah', args, { env: storage.env })).trim();
  const of = (size: number): Buffer => Buffer.alloc(size, 'x');

  /** Commits a container of an image after a change of its files. */
  const commit = async (
    from: string,
    name: string,
    change: (root: string) => Promise<void>,
  ): Promise<void> => {
    const container = await buildah('from', from);
    await change(await buildah('mount', container));
    await buildah('umount', container);
    await buildah('commit', '-q', container, name);
    await buildah('rm', container);
  };

  beforeAll(async () => {
    storage = await createContainerStorage();
    await commit('scratch', 'first', async (root) => {
      const at = (...parts: string[]): string => join(root, ...parts);
      for (const path of ['etc', 'usr/bin', 'doc/a', 'doc/b', 'var/x/y', 'empty'])
        await mkdir(at(path), { recursive: true });
      await writeFile(at('usr/bin/tool'), of(5000));
      await chmod(at('usr/bin/tool'), 0o4755);
      await link(at('usr/bin/tool'), at('usr/bin/tool2'));
      await symlink('tool', at('usr/bin/t3'));
      await writeFile(at('doc/a/one'), of(3000));
      await writeFile(at('doc/a/two'), of(2000));
      await writeFile(at('doc/b/three'), of(100));
      await writeFile(at('var/x/big'), of(9000));
      await writeFile(at('var/x/y/small'), of(700));
      await writeFile(at('etc/conf'), of(6));
      await writeFile(at('etc/other'), of(6));
      await writeFile(at('etc/removed'), of(4));
    });
    await commit('first', 'second', async (root) => {
      await rm(join(root, 'etc/removed'));
      await rm(join(root, 'doc/a'), { recursive: true });
      await rm(join(root, 'empty'), { recursive: true });
      await writeFile(join(root, 'etc/conf'), of(12));
      await rm(join(root, 'var/x'), { recursive: true });
      await mkdir(join(root, 'var/x'));
      await writeFile(join(root, 'var/x/new'), of(50));
      await chmod(join(root, 'etc/other'), 0o600);
    });
    await commit('second', 'third', async (root) => {
      await rm(join(root, 'doc'), { recursive: true });
      await rm(join(root, 'var/x'), { recursive: true });
      await rm(join(root, 'usr/bin/tool2'));
      await mkdir(join(root, 'doc/a'), { recursive: true });
      await writeFile(join(root, 'doc/a/one'), of(2));
      await writeFile(join(root, 'etc/conf'), of(6));
      await writeFile(join(root, 'etc/removed'), of(5));
    });
    await buildah('push', '-q', 'third', `docker-archive:${storage.folder}/third.tar:third:latest`);
    await buildah('push', '-q', 'third', `oci:${storage.folder}/layout:third`);
    await storage.podman(
      'save',
      '--format',
      'oci-archive',
      '-o',
      join(storage.folder, 'third.oci.tar'),
      'third',
    );
  });
  afterAll(() => storage.remove());

  it.each(['third.tar', 'oci:layout:third', 'third.oci.tar'])(
    'has the figures that dive 0.13.1 says, and those that could be saved: %s',
    async (name) => {
      const { efficiency, setuid, files, totals } = await reportOf(name, storage.folder);
      expect(efficiency.dive).toMatchObject({
        sizeBytes: 19897,
        inefficientBytes: 3047,
        efficiencyScore: 0.912459953242705,
      });
      const kept = files.reduce((sum, { size }) => sum + size, 0);
      expect(kept).toBe(5000 + 2 + 6 + 6 + 5);
      expect(totals.bytes).toBe(kept);
      expect(efficiency.wastedBytes).toBe(19897 - kept);
      expect(setuid).toMatchObject([{ path: '/usr/bin/tool', mode: '4755' }]);
    },
  );

  it('is read from the storage of podman, too', async () => {
    const { code, stdout, stderr } = await pith(['inspect', '--json', 'containers-storage:localhost/third'], {
      cwd: storage.folder,
      env: { ...storage.env, PITH_CACHE_DIR: join(storage.folder, 'cache') },
    });
    expect([code, stderr]).toEqual([0, '']);
    const report = inspectReport.parse(JSON.parse(stdout));
    expect(report.files.map(({ path }) => path)).toEqual(
      (await reportOf('third.tar', storage.folder)).files.map(({ path }) => path),
    );
  });
});

describeWith('an image of umoci', { tools: ['umoci'], unless: unlessRoot() }, () => {
  const { folder, remove } = temporaryFolder();
  const umoci = (...args: readonly string[]): Promise<string> => succeed('umoci', args, { cwd: folder });
  afterAll(remove);

  it('has what umoci unpacks, after layers that delete, replace and link', async () => {
    await umoci('init', '--layout', 'layout');
    await umoci('new', '--image', 'layout:app');
    const change = async (work: (root: string) => Promise<void>): Promise<void> => {
      await umoci('unpack', '--image', 'layout:app', 'bundle');
      await work(join(folder, 'bundle/rootfs'));
      await umoci('repack', '--image', 'layout:app', 'bundle');
      await rm(join(folder, 'bundle'), { recursive: true });
    };
    await change(async (root) => {
      await mkdir(join(root, 'd/e'), { recursive: true });
      await writeFile(join(root, 'd/e/f'), 'first');
      await writeFile(join(root, 'd/g'), 'gone');
      await link(join(root, 'd/g'), join(root, 'h'));
    });
    await change(async (root) => {
      await rm(join(root, 'd/g'));
      await rm(join(root, 'd/e'), { recursive: true });
      await symlink('h', join(root, 'd/e'));
    });
    const { files, layers } = await reportOf('oci:layout:app', folder);
    expect(layers).toMatchObject([{ removed: 0 }, { added: 0, removed: 2 }]);
    await umoci('unpack', '--image', 'layout:app', 'bundle');
    const found = await succeed('find', ['.', '-mindepth', '1', '-printf', '/%P %y\n'], {
      cwd: join(folder, 'bundle/rootfs'),
    });
    const TYPES: Readonly<Record<string, string>> = {
      directory: 'd',
      file: 'f',
      hardlink: 'f',
      symlink: 'l',
    };
    const own = files
      .filter(({ path }) => path !== '/')
      .map(({ path, type }) => `${path} ${TYPES[type] ?? type}`);
    expect(own.sort()).toEqual(found.trim().split('\n').sort());
  });
});

describeWith(
  'a Debian system of mmdebstrap',
  { tools: ['mmdebstrap', 'umoci', 'dpkg-query'], unless: unlessRoot() },
  () => {
    const { folder, remove } = temporaryFolder();
    const root = join(folder, 'root');
    let failure: string | undefined;
    let report: InspectReport;

    beforeAll(async () => {
      const made = await run('mmdebstrap', ['--quiet', '--variant=apt', 'trixie', root, ...debianMirror()]);
      failure = made.code === 0 ? undefined : made.stderr;
      if (failure !== undefined) return;
      const umoci = (...args: readonly string[]): Promise<string> => succeed('umoci', args, { cwd: folder });
      await umoci('init', '--layout', 'layout');
      await umoci('new', '--image', 'layout:debian');
      await umoci('insert', '--image', 'layout:debian', root, '/');
      report = await reportOf('oci:layout:debian', folder);
    });
    afterAll(remove);

    it('has the packages that dpkg says', async () => {
      expect(failure).toBeUndefined();
      const format = '${db:Status-Abbrev}${Package} ${Version} ${Architecture}\n';
      const listed = await succeed('dpkg-query', [`--admindir=${root}/var/lib/dpkg`, '-W', '-f', format]);
      const expected = listed
        .split('\n')
        .flatMap((line) => (line.startsWith('ii ') ? [line.slice(3).trim()] : []));
      const own = report.packages
        .filter(({ type }) => type === 'deb')
        .map(({ name, version, architecture }) => `${name} ${version} ${architecture ?? ''}`);
      expect(own.sort()).toEqual(expected.sort());
      expect(
        report.packages.every(({ licences, name }) => licences.length > 0 || name.startsWith('lib')),
      ).toBe(true);
    });

    it('has a shell, apt, setuid programs and glibc, and is not distroless', () => {
      const { system, tools, setuid } = report;
      expect(system).toMatchObject({ id: 'debian', distroless: false, libc: { name: 'glibc' } });
      expect(tools.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['bash', 'dash', 'apt', 'dpkg']));
      expect(setuid.map(({ path }) => path)).toEqual(expect.arrayContaining(['/usr/bin/su']));
    });

    it('misses no library', () => {
      const missing = report.programs.flatMap(({ path, needed }) =>
        needed
          .filter((one) => one.path === undefined && !one.loadedBefore)
          .map(({ name }) => `${path}: ${name}`),
      );
      expect(missing).toEqual([]);
    });
  },
);

describe('an image of Docker', () => {
  let docker: DockerEngine | string;
  const { folder, remove } = temporaryFolder();
  beforeAll(async () => {
    docker = await startDocker().catch(() => 'there is no Docker');
  });
  afterAll(async () => {
    if (typeof docker !== 'string') await docker.stop();
    await remove();
  });

  it('is read from `docker save`', async ({ skip }) => {
    if (typeof docker === 'string') return skip(docker);
    await mkdir(join(folder, 'context'));
    await writeFile(join(folder, 'context/a'), 'hello');
    await succeed('tar', ['-cf', 'root.tar', '-C', 'context', 'a'], { cwd: folder });
    await docker.docker('import', join(folder, 'root.tar'), 'app:1');
    await docker.docker('save', '-o', join(folder, 'app.tar'), 'app:1');
    const { files, image } = await reportOf('app.tar', folder);
    expect(files.map(({ path }) => path)).toEqual(['/', '/a']);
    expect(image.digest).toMatch(/^sha256:/);
  });
});
