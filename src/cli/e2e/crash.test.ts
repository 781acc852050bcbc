import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectSound } from '../../testing/failure.ts';
import { contentOf, createSandbox, digestIn, noise, packageOf, type Sandbox } from '../../testing/sandbox.ts';
import type { RequestListener } from 'node:http';

/** Packages that take a moment. */
const PACKAGES = Array.from({ length: 6 }, (_, at) =>
  packageOf(`p${at}`, [
    { path: `usr/share/p${at}`, content: Buffer.alloc(3_000_000, noise(70_000, at + 1)) },
  ]),
);
const DEFINITION = `name: app
suites: [{archive: debian, suite: trixie}]
platforms: [linux/amd64]
packages: [${PACKAGES.map((_, at) => `p${at}`).join(', ')}]
variants:
  debug: {files: [{to: /etc/debug, content: "1"}]}
`;

let sandbox: Sandbox;
let expected: string;
beforeEach(async () => {
  sandbox = await createSandbox({ packages: PACKAGES });
  await sandbox.write('pith.yaml', DEFINITION);
  const fresh = await sandbox.build([
    '--json',
    '--cache-dir',
    sandbox.path('fresh'),
    '-o',
    'oci:fresh-images',
  ]);
  expected = digestIn(fresh);
});
afterEach(() => sandbox.close());

const blobsOf = (folder: string): [string, string][] =>
  [...contentOf(sandbox.path(folder, 'blobs'))].filter(([, digest]) => digest !== 'folder');

/** Checks that every blob of a layout has the name of its content, and that nothing temporary is there. */
function expectLayout(folder: string): void {
  for (const [path, digest] of blobsOf(folder)) expect(`sha256:${path.split('/').at(-1) ?? ''}`).toBe(digest);
  expect(readdirSync(sandbox.path(folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
}

describe('a build that is killed', () => {
  it('leaves nothing wrong behind, whenever it is', async () => {
    const start = Date.now();
    await sandbox.build(['--cache-dir', sandbox.path('timed'), '-o', 'oci:timed-images']);
    const whole = Date.now() - start;
    let killed = 0;
    for (let kill = 0; kill < 30; kill++) {
      if (kill % 10 === 0) rmSync(sandbox.cacheDir, { recursive: true, force: true });
      const { child, result } = sandbox.start();
      await sleep(40 + ((whole * 1.1) / 30) * kill);
      child.kill('SIGKILL');
      if ((await result).code === 'SIGKILL') killed++;
      for (const [path, digest] of blobsOf('images'))
        expect(`sha256:${path.split('/').at(-1) ?? ''}`).toBe(digest);
      if (kill % 5 === 4)
        expect(await sandbox.run(['cache', 'verify', '--cache-dir', sandbox.cacheDir])).toMatchObject({
          code: 0,
        });
    }
    expect(killed).toBeGreaterThan(5);
    expect(digestIn(await sandbox.build(['--json']))).toBe(expected);
    expectLayout('images');
  });

  it.each<[NodeJS.Signals, string]>([
    ['SIGINT', 'oci:images'],
    ['SIGTERM', 'oci-archive:out/images.tar'],
  ])('by %s ends with 130 and tidies up (%s)', async (signal, location) => {
    for (let delay = 60; delay < 700; delay += 80) {
      const { child, result } = sandbox.start([
        '-o',
        location,
        '--cache-dir',
        sandbox.path(`cache-${delay}`),
      ]);
      await sleep(delay);
      child.kill(signal);
      const { code, stdout, stderr } = await result;
      if (code !== 0 && code !== signal) {
        expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
        expect(stderr).toMatch(/pith: error: interrupted \[INTERRUPTED\]\npith: hint: .*\n$/);
        expect([...contentOf(sandbox.path(`cache-${delay}`, 'v1/tmp')).keys()]).toEqual([]);
        expect(readdirSync(sandbox.folder).filter((name) => name === 'images' || name === 'out')).toEqual([]);
      }
      rmSync(sandbox.path('images'), { recursive: true, force: true });
      rmSync(sandbox.path('out'), { recursive: true, force: true });
    }
  });

  it('by SIGINT while it waits for the network', async () => {
    const hang: RequestListener = () => undefined;
    sandbox.archive.intercept(/p3_1\.0/, hang);
    const { child, result } = sandbox.start();
    const asked = (): number =>
      sandbox.archive.server.requests.filter(({ path }) => path.includes('p3_1.0')).length;
    const before = asked();
    while (asked() === before) await sleep(10);
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 130, stdout: '' });
    await expectSound(sandbox);
    expect(readdirSync(sandbox.folder)).not.toContain('images');
  });
});

describe('four builds at once', () => {
  it('on one cache and one layout all succeed', async () => {
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names)
      await sandbox.write(`${name}.yaml`, DEFINITION.replace('name: app', `name: ${name}`));
    const builds = await Promise.all(
      names.map((name) =>
        sandbox.run([
          'build',
          `./${name}.yaml`,
          '--platform',
          'linux/amd64',
          '-o',
          'oci:images',
          '--json',
          ...sandbox.flags(),
        ]),
      ),
    );
    for (const build of builds) {
      expect(build, build.stderr).toMatchObject({ code: 0 });
      expect(digestIn(build)).toBe(expected);
    }
    const index = JSON.parse(readFileSync(sandbox.path('images/index.json'), 'utf8')) as {
      manifests: { annotations: Record<string, string> }[];
    };
    const written = index.manifests
      .map(({ annotations }) => annotations['org.opencontainers.image.ref.name'])
      .sort();
    expect(written).toEqual(names.flatMap((name) => [`${name}:debug`, `${name}:latest`]).sort());
    expectLayout('images');
    await expectSound(sandbox);
  });

  it('of the same image on a cold cache give the same', async () => {
    const builds = await Promise.all(
      [1, 2, 3, 4].map((at) => sandbox.build(['--json', '-o', `oci:images-${at}`])),
    );
    expect(builds.map(digestIn)).toEqual([expected, expected, expected, expected]);
    await expectSound(sandbox);
  });

  it('go on when one of them is killed', async () => {
    const victim = sandbox.start();
    const others = [sandbox.build(['--json']), sandbox.build(['--json'])];
    await sleep(250);
    victim.child.kill('SIGKILL');
    await victim.result;
    expect((await Promise.all(others)).map(digestIn)).toEqual([expected, expected]);
    expectLayout('images');
  });
});

it('a cache that is deleted in the middle gives the right image or a clear error, and then the right image', async () => {
  const { child, result } = sandbox.start(['--json']);
  await sleep(300);
  rmSync(sandbox.cacheDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
  const { code, stderr } = await result;
  expect(child.exitCode).toBe(code);
  if (code !== 0) expect(stderr).toMatch(/OUTPUT_FAILED|CACHE_CORRUPT/);
  expect(digestIn(await sandbox.build(['--json']))).toBe(expected);
  expectLayout('images');
});
