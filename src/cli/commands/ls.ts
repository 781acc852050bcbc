import { formatRequest } from '../../resolve/index.ts';
import { formatTable } from '../format.ts';
import type { CommonOptions } from '../flags.ts';
import { openCatalogue } from '../workspace.ts';

/** `pith ls`: the images of the catalogue. */
export async function ls({ json }: CommonOptions): Promise<void> {
  const images = (await openCatalogue().images()).map((image) => ({
    name: image.name,
    description: image.description,
    distribution: image.distribution,
    platforms: image.platforms,
    variants: Object.keys(image.variants),
    packages: image.levels.flatMap((level) => level.packages.map(formatRequest)),
  }));
  if (json) {
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
