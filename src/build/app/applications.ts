import type { BuildTools } from '../builder.ts';
import type { ImageOptions } from '../image.ts';
import { requireLockfile, type WantedImage } from '../lock.ts';
import { chooseBase } from './choose.ts';
import type { FoundApplication } from './definitions.ts';
import type { OpenLockfile } from './locked.ts';
import { readApplications } from './read.ts';
import type { ChosenBase } from './remember.ts';

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
  options: ImageOptions & { readonly lockfile?: string },
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
    const found = await readApplications(app, one.platforms, tools);
    const chosen = await chooseBase(app, found, one.platforms, options, tools, await open());
    packed.push({ ...chosen, found });
    images.push({ ...one, image: chosen.image });
  }
  return { wanted: images, packed };
}

/** What the user should know of applications, each thing once. */
export function notesOf(packed: readonly PackedApplication[]): string[] {
  return [...new Set(packed.flatMap(({ found }) => found.flatMap(({ application }) => application.notes)))];
}
