import { formatTable } from '../format.ts';
import type { CommonOptions } from '../flags.ts';
import { workspaceOf } from '../workspace.ts';

/** `pith ls`: the images of the catalogue. */
export async function ls(options: CommonOptions): Promise<void> {
  const images = (await workspaceOf(options).catalogue.images()).map((image) => ({
    name: image.name,
    description: image.description,
    distribution: image.distribution,
    platforms: image.platforms,
    variants: Object.keys(image.variants),
    packages: image.levels.flatMap((level) => level.packages.map(({ request }) => request)),
  }));
  if (options.json) {
    process.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
    return;
  }
  process.stdout.write(
    formatTable(
      [
        { title: 'NAME' },
        { title: 'DISTRIBUTION' },
        { title: 'PLATFORMS' },
        { title: 'VARIANTS' },
        { title: 'PACKAGES' },
      ],
      images.map((image) => [
        image.name,
        image.distribution,
        image.platforms.map((platform) => platform.replace('linux/', '')).join(' '),
        image.variants.join(' '),
        image.packages.join(' '),
      ]),
    ),
  );
}
