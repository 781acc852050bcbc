import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestsOf, pithBuild, temporaryFolder } from '../../testing/commands.ts';
import { makeDeb } from '../../testing/deb.ts';
import { createArchive, type Publication, type TestArchive } from '../../testing/debian-archive.ts';

const HOUR = 3_600_000;
const FLAGS = ['--platform', 'linux/amd64', '--refresh', '--json'];
const { folder, remove } = temporaryFolder();
let archive: TestArchive;

function publication(hoursAgo: number, version = '1.0'): Publication {
  const files = [{ path: './usr/share/app/version', content: version }];
  const fields = { Package: 'app', Version: version, Architecture: 'amd64' };
  const packages = [{ fields, deb: makeDeb({ name: 'app', version, files }) }];
  return { packages, date: new Date(Date.now() - hoursAgo * HOUR) };
}

beforeAll(async () => {
  archive = await createArchive(publication(3));
  await writeFile(join(folder, 'key.asc'), archive.signer.publicKey);
  const suites = 'suites: [{archive: debian, suite: trixie}]';
  const definition = [
    'name: app',
    'keys: [key.asc]',
    'platforms: [linux/amd64]',
    suites,
    'packages: [app]',
    '',
  ];
  await writeFile(join(folder, 'pith.yaml'), definition.join('\n'));
});
afterAll(async () => {
  await archive.close();
  await remove();
});

async function build(): Promise<string | undefined> {
  const mirror = ['--mirror', `debian=${archive.mirrors['debian'] ?? ''}`];
  const places = ['--cache-dir', join(folder, 'cache'), '-o', `oci:${folder}/images`];
  return digestsOf(await pithBuild([...FLAGS, ...mirror, ...places], { cwd: folder }))['app:latest'];
}

it('a suite that is published again with the same packages gives the same image', async () => {
  const first = await build();
  await archive.publish(publication(2));
  const before = archive.server.requests.length;
  expect(await build()).toBe(first);
  expect(archive.server.requests.slice(before).map(({ path }) => path)).toContain(
    '/debian/dists/trixie/InRelease',
  );
  await archive.publish(publication(1, '1.1'));
  expect(await build()).not.toBe(first);
});
