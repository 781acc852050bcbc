import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { succeed } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const SERVERS = fileURLToPath(new URL('programs/servers', import.meta.url));
const unless = unlessRoot();
const PODMAN = ['podman', 'runc', 'nsenter'];

let bench: PackBench;
beforeAll(async () => {
  bench = await createPackBench();
});
afterAll(() => bench.remove());

describeWith('a Go server answers', { tools: [...PODMAN, 'go'], unless }, () => {
  const build = async (name: string, hasC: boolean): Promise<string> => {
    await cp(SERVERS, bench.path(name), { recursive: true, filter: (path) => !/\.(?:c|cpp|rs)$/.test(path) });
    const env = {
      CGO_ENABLED: hasC ? '1' : '0',
      GOFLAGS: '-mod=mod -buildvcs=false',
      GOTOOLCHAIN: 'local',
      GOCACHE: join(bench.storage.folder, 'go-cache'),
    };
    await succeed('go', ['build', '-o', 'server', '.'], { cwd: bench.path(name), env });
    return name;
  };

  it('that is static, on static, from its folder of sources', async () => {
    const app = await build('go-static', false);
    expect(await bench.explain(app)).toMatch(/^Go 1\.\d+ program \(static\)\n[^]*\nBase static-debian13\n/);
    await bench.image(app);
    expect(await bench.answer(app, { port: 8080 })).toBe('200 go 65532 23:13 CET true');
  });

  it('that uses C, on the smallest base with glibc', async () => {
    const app = `${await build('go-cgo', true)}/server`;
    const text = await bench.explain(app);
    expect(text).toMatch(/\nBase base-nossl-debian13\n/);
    expect(text).toMatch(/not static-debian13: it has not .*libc\.so\.6 \(needed by \/app\/server\)/);
    await bench.image(app);
    expect(await bench.answer(app, { port: 8080 })).toBe('200 go 65532 23:13 CET true glibc 2');
  });
});

describeWith('a Rust server answers', { tools: [...PODMAN, 'rustc'], unless }, () => {
  it('on cc, for it needs libgcc', async () => {
    const output = bench.path('rust', 'server');
    await mkdir(bench.path('rust'));
    await succeed('rustc', ['-O', '-o', output, join(SERVERS, 'server.rs')]);
    const { platforms } = await bench.image('rust/server');
    expect(platforms).toEqual(['linux/amd64']);
    expect(await bench.explain('rust/server')).toMatch(/^Rust program\n[^]*\nBase cc-debian13\n/);
    expect(await bench.answer('rust/server', { port: 8080 })).toBe('200 rust');
  });
});

describeWith('C and C++', { tools: [...PODMAN, 'gcc', 'g++'], unless }, () => {
  const library = (source: string, folder: string, soname: string, output = soname): Promise<string> =>
    compile(source, folder, output, ['-shared', '-fPIC', `-Wl,-soname,${soname}`]);

  it('a C++ server with threads answers, on cc', async () => {
    await mkdir(bench.path('cpp'));
    await compile('servers/server.cpp', bench.path('cpp'), 'server', ['-pthread']);
    await bench.image('cpp/server');
    expect(await bench.explain('cpp/server')).toMatch(/\nBase cc-debian13\n/);
    expect(await bench.answer('cpp/server', { port: 8080 })).toBe('200 c++');
  });

  it('a server finds the library that is packed beside it, in a layer before its own', async () => {
    const app = bench.path('beside');
    await mkdir(join(app, 'lib'), { recursive: true });
    await library('servers/greeting.c', join(app, 'lib'), 'libgreeting.so.1');
    await compile('servers/server.cpp', app, 'server', [
      ...['-DGREETING', '-pthread', '-Wl,-rpath,$ORIGIN/lib', join(app, 'lib/libgreeting.so.1')],
    ]);
    const text = await bench.explain('beside');
    expect(text).toMatch(/\nLayers\n {2}libraries: 1 file, .*\n {2}application: 1 file, /);
    await bench.image('beside');
    expect(await bench.answer('beside', { port: 8080 })).toBe('200 a library of its own');
  });

  describe('a program with libraries of packages', () => {
    beforeAll(async () => {
      await mkdir(bench.path('pq'));
      const stub = await library('servers/libpq.c', bench.storage.folder, 'libpq.so.5');
      await compile('servers/versions.c', bench.path('pq'), 'versions', [stub, '-lcrypto']);
    });

    it('gets the package that is missing, with what that needs, and says why', async () => {
      const text = await bench.explain('pq/versions');
      expect(text).toMatch(/\nBase base-debian13\n/);
      expect(text).toMatch(/\n {2}with libpq5, because \/app\/versions needs libpq\.so\.5\n/);
      await bench.image('pq/versions');
      const { code, stdout, stderr } = await bench.output('pq/versions');
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^libpq 17\nOpenSSL 3\.5\.\d+ /) as string,
        stderr: '',
      });
    });

    it('goes on the release that has its library, where the newest has another one', async () => {
      const stub = await library('servers/icu.c', bench.storage.folder, 'libicuuc.so.72');
      await mkdir(bench.path('older'));
      await compile('servers/needs-icu.c', bench.path('older'), 'server', [stub]);
      const text = await bench.explain('older');
      expect(text).toMatch(/\nBase base-nossl-debian12\n/);
      expect(text).toContain('not cc-debian13: it has not libicuuc.so.72 (needed by /app/server)');
      expect(text).toContain('with libicu72, because /app/server needs libicuuc.so.72');
      await bench.image('older');
      expect((await bench.output('older')).stdout).toBe('ICU 72\n');
    });

    it('runs on the base that it is told to, with the library of that release', async () => {
      await bench.image('pq/versions', '--base', 'base-debian12');
      expect((await bench.output('pq/versions')).stdout).toMatch(/^libpq 15\nOpenSSL 3\.0\.\d+ /);
    });
  });
});
