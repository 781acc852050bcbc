import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pithBuild, succeed, temporaryFolder } from '../../testing/commands.ts';
import { factsOfFolder, factsOfImage } from '../../testing/folder-files.ts';
import { openImage, readImageFiles } from '../../testing/image-files.ts';
import { describeWith, unlessRoot } from '../../testing/tools.ts';

const DISTRIBUTIONS = ['debian12', 'debian13'];
const NAMES = DISTRIBUTIONS.flatMap((each) =>
  ['static', 'base-nossl', 'base', 'cc'].map((name) => `${name}-${each}`),
);
/** Every image, and every variant of the largest one. */
const TAGS = [
  ...NAMES.map((name) => `${name}:latest`),
  ...DISTRIBUTIONS.flatMap((each) =>
    ['nonroot', 'debug', 'debug-nonroot'].map((variant) => `cc-${each}:${variant}`),
  ),
];

describeWith('umoci unpacks', { tools: ['umoci'], unless: unlessRoot() }, () => {
  const { folder, remove } = temporaryFolder();
  const layout = join(folder, 'images');

  beforeAll(async () => {
    await pithBuild([...NAMES, '--platform', 'linux/amd64', '-o', `oci:${layout}`]);
  });
  afterAll(remove);

  it.each(TAGS)('%s, and finds what its layers say', async (tag) => {
    const bundle = join(folder, 'bundle');
    await succeed('umoci', ['unpack', '--image', `${layout}:${tag}`, bundle]);
    const unpacked = factsOfFolder(join(bundle, 'rootfs'));
    await rm(bundle, { recursive: true });
    const expected = factsOfImage(await readImageFiles(await openImage(layout, tag)));
    expect(unpacked.size).toBeGreaterThan(500);
    expect(unpacked).toEqual(expected);
  });
});
