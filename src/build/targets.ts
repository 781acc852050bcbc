import type { WantedImage } from './lock.ts';
import { parseTarget, platformsOf, type Target, variantsOf } from './plan.ts';
import type { Pins } from './catalogue.ts';
import type { Workspace } from './workspace.ts';

/** An image with the platforms and variants that are wanted of it. */
export interface WantedVariants extends WantedImage {
  readonly variants: readonly string[];
}

/**
 * What targets and platforms mean, with every name checked before anything is fetched.
 * @param pins digests of images that definitions extend, as a lockfile has them
 */
export async function planTargets(
  targets: readonly string[],
  platforms: readonly string[],
  workspace: Workspace,
  pins: Pins = {},
): Promise<WantedVariants[]> {
  const asked: Target[] =
    targets.length > 0
      ? targets.map(parseTarget)
      : (await workspace.catalogue.images()).map(({ name }) => ({ name }));
  const byName = new Map<string, WantedVariants>();
  for (const { name, variant } of asked) {
    const image = await workspace.catalogue.image(name, pins);
    const before = byName.get(image.name)?.variants ?? [];
    const variants = Object.keys(image.variants).filter(
      (known) => before.includes(known) || variantsOf(image, variant).includes(known),
    );
    byName.set(image.name, { image, platforms: platformsOf(image, platforms), variants });
  }
  return [...byName.values()];
}
