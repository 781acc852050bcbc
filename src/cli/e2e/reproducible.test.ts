import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, pithBuild, run, SHARED_CACHE, temporaryFolder, PITH } from '../../testing/commands.ts';
import { factsOfImage } from '../../testing/folder-files.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';
import { lockWorld } from '../../testing/locked.ts';

const IMAGES = ['cc-debian13', 'static-debian12', '--platform', 'linux/amd64'];
const TAGS = ['cc-debian13:debug', 'cc-debian13:nonroot', 'static-debian12:latest'];

describe('one lockfile gives', () => {
  const { folder, remove } = temporaryFolder();
  let locked: readonly string[];
  let count = 0;

  /** Builds with a cache: `cold` is one that never was, otherwise the shared one is taken. */
  async function build(
    args: readonly string[],
    { cold = false, env = {} }: { cold?: boolean; env?: Readonly<Record<string, string>> } = {},
  ): Promise<{ digests: Record<string, string>; layout: string }> {
    const number = String(count++);
    const layout = join(folder, `images-${number}`);
    const cache = cold ? join(folder, `cache-${number}`) : SHARED_CACHE;
    const all = [...IMAGES, ...locked, '--cache-dir', cache, ...args, '-o', `oci:${layout}`];
    return { digests: digestsOf(await pithBuild(all, { env })), layout };
  }

  beforeAll(async () => {
    locked = (await lockWorld(folder, IMAGES)).flags;
  });
  afterAll(remove);

  describe.each(['gzip', 'zstd'])('with %s', (compression) => {
    const form = ['--compression', compression];
    let expected: Record<string, string>;
    beforeAll(async () => {
      expected = (await build(form)).digests;
      expect(Object.keys(expected)).toHaveLength(8);
      expect(new Set(Object.values(expected)).size).toBe(8);
    });

    it('the same digests twice in a row', async () => {
      expect((await build(form)).digests).toEqual(expected);
    });

    it.each([1, 2, 3])('the same digests with a cold cache and %i workers', async (jobs) => {
      expect((await build([...form, '--jobs', String(jobs)], { cold: true })).digests).toEqual(expected);
    });
  });

  it.each([1, 3, 7])('the same file system in at most %i layers', async (limit) => {
    const [usual, joined] = [await build([]), await build(['--max-layers', String(limit)], { cold: true })];
    for (const tag of TAGS) {
      const image = await openImage(joined.layout, tag);
      const plain = await openImage(usual.layout, tag);
      expect(image.layers).toHaveLength(Math.min(limit, plain.layers.length));
      expect(factsOfImage(await readImageFiles(image))).toEqual(factsOfImage(await readImageFiles(plain)));
      expect(image.config.config).toEqual(plain.config.config);
    }
    const again = await build(['--max-layers', String(limit), '--jobs', '1'], { cold: true });
    expect(again.digests).toEqual(joined.digests);
  });

  it('the same digests whatever time zone, language, home and umask are', async () => {
    const { digests } = await build([]);
    const away = join(folder, 'away');
    await mkdir(away);
    const cache = ['--cache-dir', join(folder, 'cache-away'), '-o', 'oci:here'];
    const script = 'umask 077; exec "$@"';
    const args = [process.execPath, PITH, 'build', '--json', '--quiet', ...IMAGES, ...locked, ...cache];
    const env = { TZ: 'Asia/Kolkata', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', HOME: '/nonexistent' };
    const { stdout, stderr } = await run('sh', ['-c', script, 'sh', ...args], { cwd: away, env });
    expect(stderr).toBe('');
    expect(digestsOf(JSON.parse(stdout) as Parameters<typeof digestsOf>[0])).toEqual(digests);
    await chmod(away, 0o700);
  });

  describe('and SOURCE_DATE_EPOCH', () => {
    const createdOf = async (layout: string): Promise<(string | undefined)[]> => {
      const { config } = await openImage(layout, 'cc-debian13:latest');
      return [...new Set([config.created, ...(config.history ?? []).map(({ created }) => created)])];
    };

    it('is the date of the image', async () => {
      const first = await build([], { env: { SOURCE_DATE_EPOCH: '1000000000' } });
      expect(await createdOf(first.layout)).toEqual(['2001-09-09T01:46:40Z']);
      const env = { SOURCE_DATE_EPOCH: '1000000000' };
      expect((await build([], { cold: true, env })).digests).toEqual(first.digests);
      expect(first.digests).not.toEqual((await build([])).digests);
    });

    it('is the date of the newest file if it is not set', async () => {
      const { layout } = await build([]);
      const image = await openImage(layout, 'cc-debian13:latest');
      const times = [...(await readImageFiles(image)).values()].map(({ mtime }) => mtime);
      const newest = new Date(Math.max(...times) * 1000).toISOString().replace('.000Z', 'Z');
      expect(await createdOf(layout)).toEqual([newest]);
    });
  });
});
