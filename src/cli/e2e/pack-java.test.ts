import { chmod, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pithBuild, succeed } from '../../testing/commands.ts';
import { createPackBench, type PackBench } from '../../testing/packed.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const SERVERS = fileURLToPath(new URL('programs/servers', import.meta.url));
/** Its JDK compiles for Java 17 and newer. */
const COMPILER = 'java17-debian12:debug';

describeWith('a Java server answers', { tools: ['podman', 'runc', 'nsenter'], unless: unlessRoot() }, () => {
  let bench: PackBench;
  beforeAll(async () => {
    bench = await createPackBench();
    const { storage } = bench;
    const layout = join(storage.folder, 'compiler');
    await pithBuild([COMPILER, '--platform', 'linux/amd64', '-o', `oci:${layout}`]);
    const jdk = await storage.pull(layout, COMPILER);
    const work = join(storage.folder, 'work');
    await cp(SERVERS, work, { recursive: true });
    await bench.write('../work/name.txt', 'world\n');
    await bench.write('../work/manifest.txt', 'Class-Path: lib/greeting.jar\nBuild-Jdk-Spec: 17\n');
    for (const folder of ['server', 'greeting']) {
      await mkdir(join(work, folder));
      await chmod(join(work, folder), 0o777);
    }
    const tool = async (name: string, ...args: string[]): Promise<void> => {
      const flags = ['-v', `${work}:/work`, '--workdir', '/work', '--entrypoint', name];
      const { code, stdout, stderr } = await storage.runImage(jdk, { flags, command: args });
      expect(code, stdout + stderr).toBe(0);
    };
    await tool('javac', '-d', 'greeting', 'Greeting.java');
    await tool('javac', '-cp', 'greeting', '-d', 'server', 'Server.java');
    await tool('jar', '-c', '-f', 'greeting/greeting.jar', '-C', 'greeting', 'Greeting.class');
    const content = ['-C', 'server', 'Server.class', 'name.txt'];
    await tool('jar', '-c', '-f', 'server/app.jar', '-e', 'Server', '-m', 'manifest.txt', ...content);
    await bench.copy(join(work, 'server/app.jar'), 'jar/app.jar');
    await bench.copy(join(work, 'greeting/greeting.jar'), 'jar/lib/greeting.jar');
  });
  afterAll(() => bench.remove());

  it('in a runnable jar with a library beside it, on the newest long-term release', async () => {
    const text = await bench.explain('jar');
    expect(text).toMatch(/\nLayers\n {2}dependencies: 1 file, .*\n {2}application: 1 file, /);
    expect(text).toMatch(/\nBase java21-debian13\n/);
    await bench.image('jar');
    expect(await bench.answer('jar', { port: 8080 })).toBe('200 hello world from Java 21');
  });

  it.each([
    ['java17-debian12', 17],
    ['java25-debian13', 25],
  ])('on %s, if that is named', async (base, release) => {
    await bench.image('jar', '--base', base);
    expect(await bench.answer('jar', { port: 8080 })).toBe(`200 hello world from Java ${release}`);
  });

  it('in a folder of classes and jars', async () => {
    const { storage } = bench;
    await bench.copy(bench.path('jar/lib'), 'classes/lib');
    await bench.copy(join(storage.folder, 'work/server/Server.class'), 'classes/classes/Server.class');
    await bench.write('classes/classes/name.txt', 'classes\n');
    await bench.image('classes');
    expect(await bench.answer('classes', { port: 8080 })).toBe('200 hello classes from Java 21');
  });

  it('and a jar that is cut off is refused', async () => {
    await bench.copy(bench.path('jar'), 'cut');
    await succeed('truncate', ['--size=-30', bench.path('cut/app.jar')]);
    expect(await bench.refusal('cut')).toMatch(/^pith: error: .*app\.jar/);
  });
});
