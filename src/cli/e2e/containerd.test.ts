import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openSource, parseLocation } from '../../location/index.ts';
import { imagesOf } from '../../oci/index.ts';
import { digestsOf, pith, pithBuild } from '../../testing/commands.ts';
import { startContainerd, type ContainerdEngine } from '../../testing/containerd.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const TAG = 'static-debian13:debug';

describeWith('containerd', { tools: ['containerd', 'ctr'], unless: unlessRoot() }, () => {
  let engine: ContainerdEngine | undefined;
  let reason: string | undefined;

  const daemon = (): ContainerdEngine => {
    if (!engine) throw new Error(reason);
    return engine;
  };
  const load = async (location: string, platform: string, env = {}): Promise<string> => {
    const args = [TAG, '--platform', platform, '--skip-unavailable', '-o', location];
    return digestsOf(await pithBuild(args, { env: { ...daemon().env, ...env } }))[TAG] ?? '';
  };
  /** Name, digest and platform of each image of a namespace. */
  const list = async (namespace = 'default'): Promise<(string | undefined)[][]> =>
    (await daemon().ctr('--namespace', namespace, 'image', 'ls'))
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/))
      .map((columns) => [columns[0], columns[2], columns[5]]);

  beforeAll(async () => {
    const started = await startContainerd();
    if (typeof started === 'string') reason = started;
    else engine = started;
  });
  beforeEach(({ skip }) => {
    skip(reason !== undefined, reason);
  });
  afterAll(() => engine?.stop());

  it.each(['linux/amd64', 'linux/arm64', 'linux/arm/v7'])(
    'takes an image for %s, with its digest, and unpacks it',
    async (platform) => {
      const name = `example.com/cc:${platform.replaceAll('/', '-')}`;
      const digest = await load(`containerd:${name}`, platform);
      expect(await list()).toContainEqual([name, digest, platform]);
      expect(await daemon().ctr('image', 'check', `name==${name}`)).toMatch(/complete.*true\s*$/);
    },
  );

  it('gives a name without a registry its full form', async () => {
    const digest = await load('containerd:direct', 'linux/amd64');
    expect(await list()).toContainEqual(['docker.io/library/direct:latest', digest, 'linux/amd64']);
  });

  it('has an image in the namespace of the environment', async () => {
    const digest = await load('containerd:there:1', 'linux/amd64', { CONTAINERD_NAMESPACE: 'k8s.io' });
    expect(await list('k8s.io')).toEqual([['docker.io/library/there:1', digest, 'linux/amd64']]);
    expect((await list()).map(([name]) => name)).not.toContain('docker.io/library/there:1');
  });

  it('does not get again what it has, but gets what is new under a name', async () => {
    const written = async (platform: string): Promise<number | undefined> => {
      const args = [TAG, '--platform', platform, '-o', 'containerd:again:1'];
      const { outputs } = await pithBuild(args, { env: daemon().env });
      return outputs[0]?.blobsWritten;
    };
    expect(await written('linux/amd64')).toBeGreaterThan(0);
    expect(await written('linux/amd64')).toBe(0);
    expect(await written('linux/arm64')).toBeGreaterThan(0);
    const [, , platform] = (await list()).find(([name]) => name === 'docker.io/library/again:1') ?? [];
    expect(platform).toBe('linux/arm64');
  });

  it('exports what pith reads again, with the same digest', async () => {
    const digest = await load('containerd:out:1', 'linux/amd64');
    const file = join(daemon().folder, 'out.tar');
    await daemon().ctr('image', 'export', file, 'docker.io/library/out:1');
    const [image] = imagesOf(await openSource(parseLocation(`oci-archive:${file}`)).open());
    expect(image?.descriptor.digest).toBe(digest);
  });

  it.each([
    [
      'is not there',
      { CONTAINERD_ADDRESS: '/nowhere/sock' },
      /failed \(1\): ctr: failed to dial "\/nowhere\/sock"/,
    ],
    ['does not take the namespace', { CONTAINERD_NAMESPACE: 'a b' }, /namespace.*"a b"/],
  ])('that %s is told', async (_what, env, message) => {
    const { code, stdout, stderr } = await pith(
      ['build', '-q', TAG, '--platform', 'linux/amd64', '-o', 'containerd:x:1'],
      { env: { ...daemon().env, ...env } },
    );
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\[ENGINE_FAILED\]\npith: hint: Try `ctr version` to/);
  });
});
