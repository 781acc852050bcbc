import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pithBuild } from '../../testing/commands.ts';
import { makeCertificates } from '../../testing/certificates.ts';
import { compile } from '../../testing/compile.ts';
import { createContainerStorage, type ContainerStorage } from '../../testing/containers.ts';
import { makeDeb } from '../../testing/deb.ts';
import { createArchive, type TestArchive } from '../../testing/debian-archive.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

/** Distributions and the suites of Debian that their images are made from. */
const DISTRIBUTIONS = [
  ['debian12', '{archive: debian, suite: bookworm}, {archive: debian, suite: trixie, pinned: true}'],
  ['debian13', '{archive: debian, suite: trixie}'],
] as const;

/**
 * Images that hold one more certificate authority, in a package of a small archive: pith has to put it into the bundle.
 * The client is linked with OpenSSL's library and trusts what that library finds by itself.
 */
describeWith(
  'a TLS client in an image',
  { tools: ['podman', 'runc', 'gcc', 'openssl'], unless: unlessRoot() },
  () => {
    let storage: ContainerStorage;
    let archive: TestArchive;
    let server: Server;
    let port: number;
    let layout: string;

    beforeAll(async () => {
      storage = await createContainerStorage();
      const { folder } = storage;
      layout = join(folder, 'images');
      const certificates = await makeCertificates(folder);
      server = createServer(certificates.server, (_request, response) => response.end('a secret'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
      archive = await createArchive({
        packages: [publishedAuthority(certificates.authority)],
        suites: [{ archive: 'debian-security', suite: 'authorities', components: ['main'] }],
        architectures: ['amd64'],
      });
      await writeFile(join(folder, 'archive.asc'), archive.signer.publicKey);
      await compile('tls.c', folder, 'tls', ['-lssl', '-lcrypto']);
      for (const [distribution, suites] of DISTRIBUTIONS) {
        const [extended, plain] = [
          join(folder, `with-${distribution}.yaml`),
          join(folder, `without-${distribution}.yaml`),
        ];
        await writeFile(
          extended,
          definitionOf(`with-${distribution}`, distribution, suites, '[test-authority]'),
        );
        await writeFile(plain, definitionOf(`without-${distribution}`, distribution, suites, '[]'));
        const mirror = `debian-security=${archive.mirrors['debian-security'] ?? ''}`;
        await pithBuild([
          extended,
          plain,
          '--mirror',
          mirror,
          '--platform',
          'linux/amd64',
          '-o',
          `oci:${layout}`,
        ]);
      }
    });
    afterAll(async () => {
      await new Promise((resolve) => server.close(resolve));
      await archive.close();
      await storage.remove();
    });

    async function connect(name: string): Promise<string> {
      const image = await storage.pull(layout, name);
      const flags = ['-v', `${join(storage.folder, 'tls')}:/tls:ro`];
      const { stdout, stderr } = await storage.runImage(image, {
        network: 'host',
        flags,
        command: ['/tls', String(port)],
      });
      return stdout + stderr;
    }

    it.each(DISTRIBUTIONS)('trusts what the bundle of a %s image holds', async (distribution) => {
      expect(await connect(`with-${distribution}:latest`)).toMatch(/\r\n\r\na secret\nTLSv1\.3\n$/);
    });

    it.each(DISTRIBUTIONS)('trusts no one else in a %s image', async (distribution) => {
      expect(await connect(`without-${distribution}:latest`)).toBe(
        'refused: unable to get local issuer certificate\n',
      );
    });

    it.each(DISTRIBUTIONS)('leaves the authorities of %s in the bundle', async (distribution) => {
      const counts: number[] = [];
      for (const name of [`with-${distribution}:latest`, `without-${distribution}:latest`]) {
        const container = (await storage.podman('create', await storage.pull(layout, name), '/tls')).trim();
        const path = join(storage.folder, `${name.replace(':', '-')}.crt`);
        await storage.podman('cp', `${container}:/etc/ssl/certs/ca-certificates.crt`, path);
        counts.push((await readFile(path, 'utf8')).match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0);
      }
      const [extended = 0, base = 0] = counts;
      expect(base).toBeGreaterThan(100);
      expect(extended).toBe(base + 1);
    });
  },
);

function publishedAuthority(certificate: string): Parameters<typeof createArchive>[0]['packages'][number] {
  const fields = { Package: 'test-authority', Version: '1.0', Architecture: 'all' };
  const path = './usr/share/ca-certificates/test/authority.crt';
  const files = [{ path, content: certificate }];
  return { fields, deb: makeDeb({ name: 'test-authority', architecture: 'all', files }) };
}

function definitionOf(name: string, distribution: string, suites: string, packages: string): string {
  return `name: ${name}
extends: base-${distribution}
keys: [archive.asc]
suites: [${suites}, {archive: debian-security, suite: authorities}]
packages: ${packages}
`;
}
