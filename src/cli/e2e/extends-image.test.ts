import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pith, pithBuild, temporaryFolder } from '../../testing/commands.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';

/** Definitions that extend an image by its location, against a layout that pith has built before. */
describe('an image that extends another by its location', () => {
  const { folder, remove } = temporaryFolder();
  const definition = join(folder, 'pith.yaml');
  const layout = join(folder, 'own');
  const args = ['--platform', 'linux/amd64', '-o', `oci:${layout}`];
  const define = (text: string): Promise<void> =>
    writeFile(definition, `name: team/app\nextends: oci:base:cc-debian13:latest\n${text}\n`);
  const build = (...more: string[]): ReturnType<typeof pithBuild> =>
    pithBuild([`${definition}:latest`, ...args, ...more]);

  beforeAll(async () => {
    await pithBuild(['cc-debian13', '--platform', 'linux/amd64', '-o', `oci:${join(folder, 'base')}`]);
  });
  afterAll(remove);

  it('starts with exactly its layers, its history and its configuration', async () => {
    await define('env: {APP: "${PATH}:/app"}\nlabels: {a: b}\nusers: [{name: app, uid: 1000, home: /app}]');
    await build();
    const [base, own] = [
      await openImage(join(folder, 'base'), 'cc-debian13:latest'),
      await openImage(layout, 'team/app:latest'),
    ];
    expect(own.layers.slice(0, -1).map(({ descriptor }) => descriptor)).toEqual(
      base.layers.map(({ descriptor }) => descriptor),
    );
    expect(own.config.history?.slice(0, -1)).toEqual(base.config.history);
    expect(own.config.config?.Env).toContain(
      'APP=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/app',
    );
    const files = await readImageFiles(own);
    const before = await readImageFiles(base);
    expect(files.get('etc/passwd')?.content.toString()).toBe(
      `${before.get('etc/passwd')?.content.toString() ?? ''}app:x:1000:1000:app:/app:/sbin/nologin\n`,
    );
  });

  it('gets what its packages need and the image has not, found in the image’s own database', async () => {
    await define('packages: [libsqlite3-0]');
    await build();
    const files = await readImageFiles(await openImage(layout, 'team/app:latest'));
    expect(files.has('var/lib/dpkg/status.d/libsqlite3-0')).toBe(true);
    const { stdout } = await pith(['show', `${definition}:latest`, '--platform', 'linux/amd64', '--json']);
    const [shown] = JSON.parse(stdout) as [{ packages: { name: string; suite: string }[] }];
    expect(shown.packages.map(({ name }) => name)).toEqual(['libsqlite3-0']);
    expect(files.get('etc/ld.so.cache')?.content.toString('latin1')).toContain('libsqlite3.so.0');
  });

  it('is the same image again, and adds no layer where nothing is asked for', async () => {
    await define('');
    const [first, second] = [await build(), await build()];
    expect(second.images[0]?.digest).toBe(first.images[0]?.digest);
    expect(first.images[0]?.layers).toBe(
      (await openImage(join(folder, 'base'), 'cc-debian13:latest')).layers.length,
    );
  });

  it('is pinned by the lockfile: what has changed since is said', async () => {
    await define('packages: [libsqlite3-0]');
    const lockfile = join(folder, 'pith.lock');
    const locked = ['--locked', '--lockfile', lockfile];
    const { code } = await pith(['lock', definition, '--platform', 'linux/amd64', '--lockfile', lockfile]);
    expect(code).toBe(0);
    const before = await build(...locked);
    await pithBuild([
      ...['cc-debian13:latest', '--platform', 'linux/amd64', '-o', `oci:${join(folder, 'base')}`],
      ...['--max-layers', '2'],
    ]);
    const { code: failed, stderr } = await pith(['build', `${definition}:latest`, ...args, ...locked]);
    expect(failed).toBe(3);
    expect(stderr).toContain('[LOCKFILE_MISMATCH]');
    expect(before.images).toHaveLength(1);
  });

  it.each([
    ['that is not there', 'oci:nowhere:x:1', /nowhere/],
    ['of an unknown name', 'oci:base:nothing:1', /nothing:1/],
    ['of another kind', 'dir:x', /dir/],
  ])('%s is said', async (_what, location, message) => {
    await writeFile(definition, `name: team/app\nextends: ${location}\n`);
    const { code, stderr } = await pith(['build', definition, ...args]);
    expect(code).not.toBe(0);
    expect(code).not.toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('hint:');
  });
});
