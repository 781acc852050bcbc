import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openSource, parseLocation } from '../../location/index.ts';
import { imagesOf, type Image } from '../../oci/index.ts';
import { pithBuild } from '../../testing/commands.ts';
import { startDocker, type DockerEngine } from '../../testing/docker.ts';
import { openImage } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const TAG = 'cc-debian13:debug';
const AMD64 = ['--platform', 'linux/amd64'];
const CONFINED = ['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--user', '65532'];

describeWith('Docker', { tools: ['dockerd', 'containerd', 'runc', 'docker'], unless: unlessRoot() }, () => {
  let engine: DockerEngine | undefined;
  let reason: string | undefined;
  let image: Image;

  const daemon = (): DockerEngine => {
    if (!engine) throw new Error(reason);
    return engine;
  };
  const inspect = async (name: string): Promise<{ id: string; layers: string[] }> => {
    const [found] = JSON.parse(await daemon().docker('image', 'inspect', name)) as [
      { Id: string; RootFS: { Layers: string[] } },
    ];
    return { id: found.Id, layers: found.RootFS.Layers };
  };
  const expected = (): object => ({
    id: image.manifest.config.digest,
    layers: image.layers.map(({ diffId }) => diffId),
  });
  const whoami = (name: string): Promise<string> =>
    daemon().docker('run', '--rm', ...CONFINED, name, '-c', 'whoami; busybox | head -n 1');

  beforeAll(async () => {
    const started = await startDocker();
    if (typeof started === 'string') {
      reason = started;
      return;
    }
    engine = started;
    const outputs = ['oci:images', 'docker-archive:docker.tar'].flatMap((output) => ['-o', output]);
    await pithBuild(['cc-debian13', ...AMD64, ...outputs], { cwd: engine.folder });
    image = await openImage(join(engine.folder, 'images'), TAG);
  });
  beforeEach(({ skip }) => {
    skip(reason !== undefined, reason);
  });
  afterEach(async () => {
    const images = (await daemon().docker('images', '--quiet', '--all'))
      .split('\n')
      .filter((id) => id !== '');
    if (images.length > 0) await daemon().docker('rmi', '--force', ...new Set(images));
  });
  afterAll(() => engine?.stop());

  it('loads a docker-archive with all of its images', async () => {
    const said = await daemon().docker('load', '--input', join(daemon().folder, 'docker.tar'));
    expect(said.trim().split('\n').sort()).toEqual(
      ['debug', 'debug-nonroot', 'latest', 'nonroot'].map(
        (variant) => `Loaded image: cc-debian13:${variant}`,
      ),
    );
    expect(await inspect(TAG)).toEqual(expected());
    expect(await whoami(TAG)).toMatch(/^nonroot\nBusyBox v1\.37\./);
  });

  it('takes an image from `-o docker-daemon:`', async () => {
    const args = [TAG, ...AMD64, '-o', 'docker-daemon:direct:1'];
    await pithBuild(args, { env: daemon().env });
    expect((await inspect('direct:1')).layers).toEqual(image.layers.map(({ diffId }) => diffId));
    expect(await whoami('direct:1')).toMatch(/^nonroot\nBusyBox v1\.37\./);
  });

  it('gives back what pith reads again', async () => {
    await pithBuild([TAG, ...AMD64, '-o', 'docker-daemon:direct:1'], { env: daemon().env });
    expect(await inspect('direct:1')).toEqual(expected());
    const file = join(daemon().folder, 'saved.tar');
    await daemon().docker('save', '--output', file, 'direct:1');
    const [saved] = imagesOf(await openSource(parseLocation(`docker-archive:${file}`)).open());
    expect(saved?.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId));
    expect(saved?.config.config).toEqual(image.config.config);
  });
});
