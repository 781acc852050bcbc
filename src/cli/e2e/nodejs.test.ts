import type { Server } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../../testing/certificates.ts';
import { pithBuild, temporaryFolder } from '../../testing/commands.ts';
import { ARM64_TOOLS, unpackForArm64 } from '../../testing/emulated.ts';
import { createImageBench, type ImageBench } from '../../testing/own-images.ts';
import { portOf, serveSecret } from '../../testing/secret-server.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const IMAGES = [22, 24, 26].map((major) => [`nodejs${major}-debian13`, major] as const);

describeWith(
  'Node.js in podman, confined',
  { tools: ['podman', 'runc', 'openssl'], unless: unlessRoot() },
  () => {
    let bench: ImageBench;
    let server: Server;

    beforeAll(async () => {
      bench = await createImageBench();
      const certificates = await makeCertificates(bench.storage.folder);
      server = await serveSecret(certificates.server);
      await bench.write('authority.crt', certificates.authority);
      const own = await Promise.all(
        IMAGES.map(([image]) =>
          bench.write(
            `${image}.yaml`,
            `name: own-${image}\nextends: ${image}\nfiles: [{from: authority.crt, certificate: true}]\n`,
          ),
        ),
      );
      const targets = [...IMAGES.map(([image]) => image), ...own].map((target) => `${target}:latest`);
      const { notes } = await bench.build(...targets, `${IMAGES[0]![0]}:nonroot`);
      expect(notes.filter((note) => !/has .* already, but/.test(note))).toEqual([]);
    });
    afterAll(async () => {
      await new Promise((resolve) => server.close(resolve));
      await bench.remove();
    });

    it.each(IMAGES)('%s serves by HTTP and knows what the image has', async (image, major) => {
      const flags = ['--env', 'TZ=Europe/Berlin'];
      const output = await bench.output(`${image}:latest`, ['/programs/node/facts.mjs'], { flags });
      expect(JSON.parse(output)).toEqual({
        major,
        arch: 'x64',
        libc: true,
        answer: 'you asked for /this',
        worked: 42,
        child: '42',
        write: 'EROFS',
        user: [65532, 'nonroot', '/home/nonroot'],
        files: ['LICENSE', 'bin', 'bin/node'],
        time: '14.11.2023, 23:13:20 MEZ',
        localhost: '127.0.0.1',
        hash: '741e',
        brotli: 'text',
        executable: '/nodejs/bin/node',
      });
    });

    it.each(IMAGES)(
      '%s trusts an authority of a definition in all the ways that are documented',
      async (image) => {
        for (const variable of [
          'NODE_OPTIONS=--use-openssl-ca',
          'NODE_OPTIONS=--use-system-ca',
          'NODE_EXTRA_CA_CERTS=/usr/local/share/ca-certificates/authority.crt',
        ]) {
          const command = ['/programs/node/request.mjs', portOf(server)];
          const options = { network: 'host', flags: ['--env', variable] } as const;
          expect(await bench.output(`own-${image}:latest`, command, options), variable).toBe(
            'a secret TLSv1.3\n',
          );
        }
      },
    );

    it.each(IMAGES)('%s trusts no one else', async (image) => {
      for (const flags of [[], ['--use-openssl-ca']]) {
        const command = [...flags, '/programs/node/request.mjs', portOf(server)];
        expect(await bench.output(`${image}:latest`, command, { network: 'host' })).toBe(
          'UNABLE_TO_VERIFY_LEAF_SIGNATURE\n',
        );
      }
    });

    it('is nonroot by itself in that variant', async () => {
      const [image] = IMAGES[0]!;
      const command = ['-p', '[process.getuid(), process.cwd()].join(" ")'];
      expect(await bench.output(`${image}:nonroot`, command, { flags: ['--user', ''] })).toBe(
        '65532 /home/nonroot\n',
      );
    });
  },
);

describeWith('Node.js for arm64', { tools: ARM64_TOOLS, unless: unlessRoot() }, () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  it('says its version', async () => {
    const layout = join(folder, 'images');
    const targets = IMAGES.map(([image]) => `${image}:latest`);
    await pithBuild([...targets, '--platform', 'linux/arm64', '-o', `oci:${layout}`]);
    for (const [image, major] of IMAGES) {
      const output = await unpackForArm64(layout, `${image}:latest`, join(folder, image));
      expect(await output('/nodejs/bin/node', '--version')).toMatch(
        new RegExp(`^v${major}\\.\\d+\\.\\d+\n$`),
      );
    }
  });
});
