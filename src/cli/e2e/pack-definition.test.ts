import { cpSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildReport } from '../../build/index.ts';
import { type Outcome, pith, SHARED_CACHE, succeed } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** Nothing is reached by these. */
const OFFLINE = { http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1', no_proxy: '' };

const DEFINITION = `name: team/versions
app: versions
platforms: [linux/amd64]
env: {LOG_LEVEL: info}
ports: ["8080"]
files: [{to: /etc/versions.conf, content: "on\\n"}]
`;

describeWith(
  'an application in a definition',
  { tools: ['podman', 'runc', 'gcc', 'g++', 'git'], unless: unlessRoot() },
  () => {
    let bench: PackBench;
    let stub: string;
    const inFolder = (folder: string, args: readonly string[], env = {}): Promise<Outcome> =>
      pith(args, { cwd: bench.path(folder), env: { ...bench.storage.env, ...env } });
    const buildIn = async (folder: string, ...args: string[]): Promise<string> => {
      const build = ['build', './pith.yaml:latest', '--json', '-o', 'oci:images', ...args];
      const { code, stdout, stderr } = await inFolder(folder, build);
      if (code !== 0) throw new Error(stderr);
      return (JSON.parse(stdout) as BuildReport).images[0]?.digest ?? '';
    };

    beforeAll(async () => {
      bench = await createPackBench();
      const { folder } = bench.storage;
      stub = await compile('servers/libpq.c', folder, 'libpq.so.5', [
        '-shared',
        '-fPIC',
        '-Wl,-soname,libpq.so.5',
      ]);
      await mkdir(bench.path('own'));
      await compile('servers/versions.c', bench.path('own'), 'versions', [stub, '-lcrypto']);
      await bench.write('own/pith.yaml', DEFINITION);
    });
    afterAll(() => bench.remove());

    it('is built, with what the definition adds', async () => {
      await buildIn('own');
      const id = await bench.storage.pull(bench.path('own/images'), 'team/versions:latest');
      const { stdout } = await bench.storage.runImage(id);
      expect(stdout).toMatch(/^libpq 17\n/);
      const config = JSON.parse(await bench.storage.podman('inspect', id)) as {
        Config: { User: string; Env: string[]; ExposedPorts: object };
      }[];
      expect(config[0]?.Config).toMatchObject({
        User: '65532:65532',
        Env: expect.arrayContaining(['LOG_LEVEL=info']) as string[],
        ExposedPorts: { '8080/tcp': {} },
      });
    });

    it('runs with `pith run`', async () => {
      const flags = '--runtime runc --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024';
      const { code, stdout, stderr } = await inFolder(
        'own',
        ['run', '--engine', 'podman', '-q', './pith.yaml:latest'],
        { PITH_ENGINE_ARGS: flags },
      );
      expect({ code, stdout }, stderr).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^libpq 17\n/) as string,
      });
    });

    it('is shown with the package that was added', async () => {
      const { code, stdout } = await inFolder('own', ['show', './pith.yaml:latest']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\nlibpq5 .*asked for by team\/versions\/packages\n/);
    });

    describe('that is locked', () => {
      let digest: string;
      beforeAll(async () => {
        digest = await buildIn('own');
        const { code, stderr } = await inFolder('own', ['lock', './pith.yaml']);
        expect(code, stderr).toBe(0);
      });

      it('is current and up to date', async () => {
        expect(await inFolder('own', ['lock', '--check'])).toMatchObject({ code: 0 });
        expect(await inFolder('own', ['update', '--check'])).toMatchObject({ code: 0 });
      });

      it('is built from the lockfile, to the same digest', async () => {
        expect(await buildIn('own', '--locked')).toBe(digest);
      });

      it('is built and shown without asking any archive', async () => {
        const cache = join(bench.storage.folder, 'cache');
        // Entries of a cache are never written to.
        await succeed('cp', ['--archive', '--link', SHARED_CACHE, cache]);
        for (const kind of ['suite-1', 'suite-2', 'resolution', 'application', 'application-locked'])
          rmSync(join(cache, 'v1/records', kind), { recursive: true, force: true });
        const env = { ...OFFLINE, PITH_CACHE_DIR: cache };
        const args = ['build', './pith.yaml:latest', '--json', '--locked', '-o', 'oci:offline'];
        const { code, stdout, stderr } = await inFolder('own', args, env);
        expect({ code, stderr }).toMatchObject({ code: 0, stderr: '' });
        expect((JSON.parse(stdout) as BuildReport).images[0]?.digest).toBe(digest);
        expect(await inFolder('own', ['show', './pith.yaml:latest', '--locked'], env)).toMatchObject({
          code: 0,
        });
      });

      it('may change as long as the packages do', async () => {
        await compile('servers/versions.c', bench.path('own'), 'versions', [
          stub,
          '-lcrypto',
          '-DOTHER',
          '-g',
        ]);
        expect(await buildIn('own', '--locked')).not.toBe(digest);
      });

      it('is refused where the lockfile has not what it needs now', async () => {
        cpSync(bench.path('own'), bench.path('more'), { recursive: true });
        await compile('sums.cpp', bench.path('more'), 'versions', ['-fopenmp']);
        expect(
          await inFolder('more', ['build', './pith.yaml', '--locked', '-o', 'oci:images']),
        ).toMatchObject({
          code: 3,
          stdout: '',
          stderr: expect.stringMatching(
            /\[LOCKFILE_MISMATCH\]\npith: hint: .*`pith lock \/.*\/more\/pith\.yaml`/,
          ) as string,
        });
      });
    });

    it('is locked for the platform of its program, if none is named', async () => {
      await mkdir(bench.path('alone'));
      await compile('hello.c', bench.path('alone'), 'hello');
      await bench.write('alone/pith.yaml', 'name: alone\napp: hello\n');
      expect(await inFolder('alone', ['lock', './pith.yaml'])).toMatchObject({ code: 0 });
      const lockfile = readFileSync(bench.path('alone/pith.lock'), 'utf8');
      expect([...new Set(lockfile.match(/linux\/\w+/g))]).toEqual(['linux/amd64']);
    });

    it('stays locked when a layer comes to it, and is the same in another checkout', async () => {
      await bench.write('web/package.json', '{"name":"web","main":"a.js"}');
      await bench.write('web/a.js', '');
      const labels = '{org.opencontainers.image.source: "https://forge.example/web"}';
      await bench.write('web/pith.yaml', `name: web\napp: .\nplatforms: [linux/amd64]\nlabels: ${labels}\n`);
      expect(await inFolder('web', ['lock', './pith.yaml'])).toMatchObject({ code: 0 });
      await bench.write('web/public/index.html', '<p>');
      const git = (folder: string, ...args: string[]): Promise<string> =>
        succeed('git', ['-c', 'user.name=a', '-c', 'user.email=a@example', ...args], {
          cwd: bench.path(folder),
        });
      await git('web', 'init', '--quiet');
      await git('web', 'add', '.');
      await git('web', 'commit', '--quiet', '-m', 'one');
      await git('.', 'clone', '--quiet', 'web', 'checkout');
      expect(await buildIn('web', '--locked')).toBe(await buildIn('checkout', '--locked'));
      const id = await bench.storage.pull(bench.path('web/images'), 'web:latest');
      const revision = (await git('web', 'rev-parse', 'HEAD')).trim();
      expect(await bench.storage.podman('inspect', '--format', '{{.Labels}}', id)).toContain(revision);
    });

    it('is put on what the definition extends, and on nothing else', async () => {
      await mkdir(bench.path('extends'));
      await compile('hello.c', bench.path('extends'), 'hello');
      const definition = (base: string): string =>
        `name: hello\nextends: ${base}\nplatforms: [linux/amd64]\napp: {path: hello, kind: native}\n`;
      await bench.write('extends/base.yaml', 'name: base\nextends: cc-debian13\nenv: {OURS: "1"}\n');
      await bench.write('extends/pith.yaml', definition('./base.yaml'));
      await buildIn('extends');
      const id = await bench.storage.pull(bench.path('extends/images'), 'hello:latest');
      const { stdout } = await bench.storage.runImage(id);
      expect(stdout).toMatch(/^uid 65532 /);
      expect(await bench.storage.podman('inspect', '--format', '{{.Config.Env}}', id)).toContain('OURS=1');
      await bench.write('extends/pith.yaml', `${definition('static-debian13')}dependencies: false\n`);
      const digest = await buildIn('extends');
      expect(digest).toMatch(/^sha256:/);
      expect(readFileSync(bench.path('extends/images/index.json'), 'utf8')).toContain(digest);
    });

    it('says where its file is wrong', async () => {
      await bench.write('wrong/pith.yaml', 'name: wrong\napp: {path: dist, kind: wasm}\n');
      expect(await inFolder('wrong', ['build'])).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(/pith\.yaml.*app.*kind/) as string,
      });
      await bench.write('wrong/pith.yaml', 'name: wrong\napp: dist\n');
      expect(await inFolder('wrong', ['build'])).toMatchObject({
        code: 6,
        stderr: expect.stringContaining('there is nothing at dist [APP_INVALID]') as string,
      });
      await bench.write('wrong/pith.yaml', 'name: wrong\napp: ../own\n');
      expect(await inFolder('wrong', ['build'])).toMatchObject({ code: 3 });
    });
  },
);
