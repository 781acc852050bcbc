import { formatPlatform, type Platform } from '../../oci/index.ts';
import type { BuildTools } from '../builder.ts';
import type { ImageOptions } from '../image.ts';
import { requireLockfile, type WantedImage } from '../lock.ts';
import { candidateNames, chooseBase } from './choose.ts';
import type { FoundApplication } from './definitions.ts';
import type { OpenLockfile } from './locked.ts';
import { fittingPlatforms, readApplications } from './read.ts';
import type { ChosenBase } from './remember.ts';
import type { Written } from './written-places.ts';

/** What an image is for, and what it was put on. */
export interface PackedApplication extends ChosenBase {
  readonly found: readonly FoundApplication[];
}

/**
 * Puts the applications of definitions into their images.
 * @param options.lockfile path of the lockfile that decides, if one does
 * @returns the images as they are to be built, and what was found of those with an application
 * @throws PithError APP_INVALID, and as build
 */
export async function packApplications<Wanted extends WantedImage>(
  wanted: readonly Wanted[],
  options: ImageOptions & Written,
  tools: BuildTools,
): Promise<{ wanted: Wanted[]; packed: PackedApplication[] }> {
  const images: Wanted[] = [];
  const packed: PackedApplication[] = [];
  const { lockfile: path } = options;
  const open = async (): Promise<OpenLockfile | undefined> =>
    path === undefined ? undefined : { path, lockfile: await requireLockfile(path) };
  for (const one of wanted) {
    const { app } = one.image;
    if (!app) {
      images.push(one);
      continue;
    }
    const found = await readApplications(app, one.platforms, options, tools);
    const chosen = await chooseBase(app, found, one.platforms, options, tools, await open());
    packed.push({ ...chosen, found });
    images.push({ ...one, image: chosen.image });
  }
  return { wanted: images, packed };
}

/**
 * The images with those of all platforms that their applications are for, where no definition names any.
 * @param asked platforms as text; images are taken as they are unless it says `all`
 */
export async function onFittingPlatforms<Wanted extends WantedImage>(
  wanted: readonly Wanted[],
  asked: readonly string[],
  tools: BuildTools,
): Promise<readonly Wanted[]> {
  if (!asked.includes('all')) return wanted;
  const images: Wanted[] = [];
  for (const one of wanted) {
    const { app } = one.image;
    if (!app || app.definition.platforms) {
      images.push(one);
      continue;
    }
    const { platforms, found } = await fittingPlatforms(app, one.platforms, tools);
    const [base] = candidateNames(app, found, tools);
    const image = base === undefined ? one.image : await tools.workspace.catalogue.imageOf(app, base);
    const isKnown = (platform: Platform): boolean => image.platforms.includes(formatPlatform(platform));
    images.push({ ...one, platforms: platforms.filter(isKnown) });
  }
  return images;
}

/** What the user should know of applications, each thing once. */
export function notesOf(packed: readonly PackedApplication[]): string[] {
  return [...new Set(packed.flatMap(({ found }) => found.flatMap(({ application }) => application.notes)))];
}
