import { PithError } from '../core/index.ts';
import type { WantedImage } from './lock.ts';
import type { ImageSpec, LoadedDefinition } from './image-spec.ts';
import { parseTarget, platformsOf, variantsOf } from './plan.ts';
import type { Catalogue, Pins } from './catalogue.ts';
import type { Workspace } from './workspace.ts';

/** An image with the platforms and variants that are wanted of it. */
export interface WantedVariants extends WantedImage {
  readonly variants: readonly string[];
}

/** `NAME[:VARIANT]`, the path of a definition file, or a definition that is in none. */
export type BuildTarget = string | { readonly loaded: LoadedDefinition; readonly variant?: string };

/**
 * What targets and platforms mean, with every name checked before anything is fetched.
 * @param pins digests of images that definitions extend, as a lockfile has them
 */
export async function planTargets(
  targets: readonly BuildTarget[],
  platforms: readonly string[],
  workspace: Workspace,
  pins: Pins = {},
): Promise<WantedVariants[]> {
  const { catalogue } = workspace;
  const asked: BuildTarget[] =
    targets.length > 0 ? [...targets] : (await catalogue.images()).map(({ name }) => name);
  const byName = new Map<string, WantedVariants>();
  for (const target of asked) {
    const { image, variant } = await findImage(target, catalogue, pins);
    const known = byName.get(image.name);
    if (known && known.image.file !== image.file) throw sameName(known.image, image);
    const before = known?.variants ?? [];
    const variants = Object.keys(image.variants).filter(
      (name) => before.includes(name) || variantsOf(image, variant).includes(name),
    );
    byName.set(image.name, { image, platforms: platformsOf(image, platforms), variants });
  }
  return [...byName.values()];
}

function sameName(...images: readonly ImageSpec[]): PithError {
  const [one = '', other = ''] = images.map(({ file }) => file ?? 'the catalogue');
  const { name = '' } = images[0] ?? {};
  return new PithError(
    'DEFINITION_INVALID',
    `the image ${name} is defined twice: by ${one} and by ${other}`,
    {
      hint: 'Give one of them another `name`.',
    },
  );
}

async function findImage(
  target: BuildTarget,
  catalogue: Catalogue,
  pins: Pins,
): Promise<{ image: ImageSpec; variant: string | undefined }> {
  if (typeof target === 'string') {
    const { name, variant } = parseTarget(target);
    return { image: await catalogue.image(name, pins), variant };
  }
  return {
    image: await catalogue.imageOf(target.loaded, target.loaded.definition.extends),
    variant: target.variant,
  };
}
