import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildReport } from '../../build/index.ts';
import { PITH, pith, run, SHARED_CACHE, succeed } from '../../testing/commands.ts';
import { compile } from '../../testing/compile.ts';
import { startDockerRegistry } from '../../testing/docker-registry.ts';
import { ARM64_TOOLS, unpackForArm64 } from '../../testing/emulated.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

let bench: PackBench;
beforeAll(async () => {
  bench = await createPackBench();
});
afterAll(() => bench.remove());

async function nodeApp(folder: string): Promise<void> {
  const dependency = `${folder}/node_modules/greeting`;
  await bench.write(`${folder}/package.json`, '{"name": "web", "version": "1.2.3", "main": "a.js"}');
  await bench.write(
    `${folder}/a.js`,
    "process.on('SIGTERM', () => process.exit());\nconsole.log(require('greeting'));\n",
  );
  await bench.write(`${dependency}/package.json`, '{"name": "greeting", "version": "1.0.0"}');
  await bench.write(`${dependency}/index.js`, "module.exports = 'hello';\n");
  await bench.write(`${folder}/public/logo.svg`, '<svg/>\n');
}

describe('the same application', () => {
  it('has the same digest at another place, later, and with other times and modes', async () => {
    await nodeApp('first');
    const { digest } = await bench.image('first');
    await nodeApp('second/deeper');
    const files = ['a.js', 'package.json', 'node_modules/greeting/index.js'];
    for (const file of files) await utimes(bench.path('second/deeper', file), 1, 86_400 * 365 * 30);
    await succeed('chmod', ['-R', 'go-rwx,g+s', bench.path('second')]);
    expect((await bench.image('second/deeper')).digest).toBe(digest);
    expect(bench.layers('second/deeper')).toEqual(bench.layers('first'));
    expect((await bench.image('second/deeper', '--compression', 'zstd')).digest).not.toBe(digest);
  });

  it('is packed twice at once', async () => {
    await nodeApp('twice');
    const [a, b] = await Promise.all([bench.image('twice'), bench.image('twice')]);
    expect(a.digest).toBe(b.digest);
    expect(bench.layers('twice')).toEqual(bench.layers('first'));
  });

  it.each([
    ['a.js', 'application'],
    ['public/logo.svg', 'resources'],
    ['node_modules/greeting/index.js', 'dependencies'],
  ])('of which %s changes has another layer of the %s, and no other', async (file) => {
    await nodeApp('changed');
    await bench.image('changed');
    const before = bench.layers('changed');
    await bench.write(join('changed', file), "module.exports = 'changed';\n");
    await bench.image('changed');
    const after = bench.layers('changed');
    expect(after).toHaveLength(before.length);
    expect(after.filter((layer, index) => layer !== before[index])).toHaveLength(1);
  });

  it('is the same again, though its archive lies in the folder', async () => {
    await nodeApp('inside');
    const pack = async (): Promise<string> => {
      const outputs = ['docker-archive:inside/app.tar', 'oci:inside/images'].flatMap((one) => ['-o', one]);
      const { code, stdout, stderr } = await bench.pack('inside', '--json', ...outputs);
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as BuildReport).images[0]?.digest ?? '';
    };
    expect(await pack()).toBe(await pack());
  });

  it('has all its layers in the debug variant, too', async () => {
    await nodeApp('debug');
    await bench.image('debug');
    const layers = bench.layers('debug');
    await bench.image('debug', '--debug');
    const withShell = bench.layers('debug');
    expect(withShell.length).toBeGreaterThan(layers.length);
    expect(layers.filter((layer) => !withShell.includes(layer))).toEqual([]);
  });

  it('starts in the debug variant, too, which files alone do not', async () => {
    await bench.write('page/index.html', '<p>');
    const startOf = async (folder: string): Promise<string[]> => {
      const dockerfile = await succeed(
        process.execPath,
        [PITH, 'pack', bench.path(folder), '--debug', '--dockerfile'],
        {
          env: { PITH_CACHE_DIR: SHARED_CACHE },
        },
      );
      return dockerfile.split('\n').filter((line) => /^(?:ENTRYPOINT|CMD) /.test(line));
    };
    expect(await startOf('debug')).toEqual(['ENTRYPOINT ["/nodejs/bin/node", "a.js"]']);
    expect(await startOf('page')).toEqual(['ENTRYPOINT ["/busybox/sh"]']);
  });
});

describeWith(
  'a program for each platform',
  { tools: [...ARM64_TOOLS, 'podman', 'runc', 'gcc', 'aarch64-linux-gnu-gcc'], unless: unlessRoot() },
  () => {
    const BINARIES = [
      '--binary',
      'linux/amd64=programs/amd64/hello',
      '--binary',
      'linux/arm64=programs/arm64/hello',
    ];

    beforeAll(async () => {
      await mkdir(bench.path('programs/amd64'), { recursive: true });
      await mkdir(bench.path('programs/arm64'));
      await compile('hello.c', bench.path('programs/amd64'), 'hello');
      await compile('hello.c', bench.path('programs/arm64'), 'hello', [], 'aarch64-linux-gnu-gcc');
    });

    it('runs on both', async () => {
      const layout = join(bench.storage.folder, 'both');
      const pack = async (platforms: string, output: string): Promise<void> => {
        const args = [...BINARIES, '--platform', platforms, '-t', 'app:1', '-o', `oci:${output}`];
        expect(await bench.pack('.', ...args)).toMatchObject({ code: 0 });
      };
      await pack('linux/amd64,linux/arm64', layout);
      const id = await bench.storage.pull(layout, 'app:1');
      expect((await bench.storage.runImage(id)).stdout).toMatch(/^uid 65532 gid 65532\n/);
      await pack('linux/arm64', `${layout}-arm`);
      const arm = await unpackForArm64(`${layout}-arm`, 'app:1', join(bench.storage.folder, 'arm'));
      expect(await arm('/app/hello')).toMatch(/^uid 65532 gid 65532\n/);
    });

    it('is for the platforms that there are programs for, unless others are named', async () => {
      const args = ['pack', '--json', ...BINARIES, '-o', `oci:${bench.storage.folder}/named`];
      const { code, stdout, stderr } = await pith(args, { cwd: bench.path() });
      expect(code, stderr).toBe(0);
      const { images } = JSON.parse(stdout) as BuildReport;
      expect(images.map(({ platforms }) => platforms)).toEqual([['linux/amd64', 'linux/arm64']]);
    });
  },
);

describe('programs for platforms', () => {
  it('may lie elsewhere than where pith runs, and are the same image', async () => {
    await nodeApp('elsewhere/dist');
    const digest = async (cwd: string, file: string): Promise<string | undefined> => {
      const args = [
        'pack',
        '--json',
        '--binary',
        `linux/amd64=${file}`,
        '-t',
        'app:1',
        '-o',
        `oci:${bench.storage.folder}/elsewhere`,
      ];
      const { code, stdout, stderr } = await pith(args, { cwd: bench.path(cwd) });
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as BuildReport).images[0]?.digest;
    };
    await bench.write('other/deep/README', '');
    const first = await digest('elsewhere', 'dist/a.js');
    expect(await digest('other/deep', '../../elsewhere/dist/a.js')).toBe(first);
    expect(await digest('other/deep', bench.path('elsewhere/dist/a.js'))).toBe(first);
  });
});

describeWith('a push', { tools: ['docker-registry', 'gcc', 'skopeo'] }, () => {
  it('puts the image under its name, and again changes nothing', async () => {
    const registry = await startDockerRegistry();
    try {
      await mkdir(bench.path('pushed'));
      await compile('hello.c', bench.path('pushed'), 'hello', ['-static']);
      const name = `${registry.host}/team/hello:1.2`;
      const args = ['-t', name, '--push'];
      const first = await bench.pack('pushed', ...args);
      expect(first, first.stderr).toMatchObject({ code: 0 });
      const digest = /@(sha256:[0-9a-f]{64})\n/.exec(first.stdout)?.[1];
      const inspect = ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name}`];
      expect((await run('skopeo', inspect)).stdout.trim()).toBe(digest);
      expect((await bench.pack('pushed', ...args)).stdout).toBe(first.stdout);
    } finally {
      await registry.close();
    }
  });
});
