import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../../testing/certificates.ts';
import { pithBuild, succeed, temporaryFolder } from '../../testing/commands.ts';
import { ARM64_TOOLS, unpackForArm64 } from '../../testing/emulated.ts';
import { createImageBench, type ImageBench } from '../../testing/own-images.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const IMAGES = [
  ['java17-debian12', 17],
  ['java21-debian13', 21],
  ['java25-debian13', 25],
] as const;
/** Its JDK compiles the programs; those of the others are larger. */
const COMPILER = 'java17-debian12';

describeWith(
  'Java in podman, confined',
  { tools: ['podman', 'runc', 'openssl'], unless: unlessRoot() },
  () => {
    let bench: ImageBench;
    let mounts: readonly string[];

    beforeAll(async () => {
      bench = await createImageBench();
      const { folder } = bench.storage;
      const certificates = await makeCertificates(folder);
      await bench.write('authority.crt', certificates.authority);
      const own = await Promise.all(
        IMAGES.map(([image]) => bench.write(`${image}.yaml`, definitionOf(`own-${image}`, image))),
      );
      const targets = [...IMAGES.map(([image]) => `${image}:latest`), `${COMPILER}:debug`];
      const { notes } = await bench.build(...targets, ...own.map((path) => `${path}:latest`));
      expect(notes).toEqual([]);
      const keys = ['-inkey', 'server.key', '-in', 'server.crt', '-out', 'server.p12'];
      await succeed('openssl', ['pkcs12', '-export', ...keys, '-passout', 'pass:changeit'], { cwd: folder });
      await chmod(join(folder, 'server.p12'), 0o644);
      const classes = join(folder, 'classes');
      await mkdir(classes);
      await chmod(classes, 0o777);
      mounts = ['-v', `${classes}:/classes`, '-v', `${join(folder, 'server.p12')}:/server.p12:ro`];
    });
    afterAll(() => bench.remove());

    const output = (name: string, command: readonly string[], ...flags: readonly string[]): Promise<string> =>
      bench.output(name, command, { flags: [...mounts, ...flags] });

    it(`${COMPILER}:debug compiles programs and packs them`, async () => {
      const sources = ['Facts', 'Secure', 'Draw'].map((name) => `/programs/java/${name}.java`);
      const entrypoint = (name: string): string[] => ['--entrypoint', name];
      expect(
        await output(
          `${COMPILER}:debug`,
          ['-encoding', 'UTF-8', '-d', '/classes', ...sources],
          ...entrypoint('javac'),
        ),
      ).toBe('');
      const jar = ['--create', '--file', '/classes/facts.jar', '--main-class', 'Facts', '-C', '/classes'];
      expect(await output(`${COMPILER}:debug`, [...jar, 'Facts.class'], ...entrypoint('jar'))).toBe('');
    });

    it.each(IMAGES)('%s runs an archive, knows itself and what the image has', async (image, feature) => {
      const command = ['/classes/facts.jar', 'one', 'two'];
      expect(await output(`${image}:latest`, command, '--env', 'TZ=Europe/Berlin')).toBe(
        `feature: ${feature}
JAVA_VERSION is the version: true
shares classes: true
architecture: amd64
charset: UTF-8 UTF-8
user: nonroot /home/nonroot
time: 2023-11-14T23:13:20+01:00[Europe/Berlin]
number: 1.234,50
more than 100 authorities: true
arguments: one two
Grüße: 世界
`,
      );
    });

    it.each(IMAGES)('%s cannot but share the classes of its archive', async (image, feature) => {
      const flags = ['--entrypoint', '/usr/bin/java'];
      const { code, stderr } = await bench.run(`${image}:latest`, ['-Xshare:on', '-version'], { flags });
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/mixed mode, sharing\)\n$/);
      expect(stderr).toMatch(new RegExp(`^openjdk version "${feature}\\.`));
    });

    it.each(IMAGES)('%s draws text', async (image) => {
      const flags = ['--entrypoint', '/usr/bin/java'];
      expect(await output(`${image}:latest`, ['-cp', '/classes', 'Draw'], ...flags)).toBe(
        'headless: true\nwritten: true true\ndark: true\nwidth: true\nfont: SansSerif true\nDejaVu: true\nmonospaced: true\n',
      );
    });

    it.each(IMAGES)('%s serves by TLS, and trusts an authority of a definition', async (image) => {
      const flags = ['--entrypoint', '/usr/bin/java'];
      const command = ['-cp', '/classes', 'Secure', '/server.p12'];
      expect(await output(`own-${image}:latest`, command, ...flags)).toBe('a secret TLSv1.3\n');
    });

    it.each(IMAGES)('%s trusts no one else', async (image) => {
      const flags = ['--entrypoint', '/usr/bin/java'];
      const command = ['-cp', '/classes', 'Secure', '/server.p12'];
      expect(await output(`${image}:latest`, command, ...flags)).toMatch(
        /^refused: .*unable to find valid certification path to requested target\n$/,
      );
    });

    it.each(IMAGES)('%s has no compiler', async (image) => {
      expect(await output(`${image}:latest`, [], '--entrypoint', 'javac')).toMatch(/not found/);
    });
  },
);

describeWith('Java for arm64', { tools: ARM64_TOOLS, unless: unlessRoot() }, () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  it('says its version', async () => {
    const layout = join(folder, 'images');
    const targets = IMAGES.map(([image]) => `${image}:latest`);
    await pithBuild([...targets, '--platform', 'linux/arm64', '-o', `oci:${layout}`]);
    for (const [image, feature] of IMAGES) {
      const output = await unpackForArm64(layout, `${image}:latest`, join(folder, image));
      expect(await output('/usr/bin/java', '--version')).toMatch(new RegExp(`^openjdk ${feature}\\.\\d`));
    }
  });
});

function definitionOf(name: string, base: string): string {
  return `name: ${name}\nextends: ${base}\nfiles: [{from: authority.crt, certificate: true}]\n`;
}
