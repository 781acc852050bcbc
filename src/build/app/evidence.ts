import { findMissingVersions } from '../../rootfs/index.ts';
import type { Platform } from '../../oci/index.ts';
import { type BuildTools, createBuilder } from '../builder.ts';
import type { ImageOptions } from '../image.ts';
import type { ImageSpec } from '../image-spec.ts';
import { resolveImages } from '../lock.ts';
import { OwnFiles } from '../own-files.ts';
import { planImage } from '../plan.ts';

/** What keeps an application from running in an image. */
export interface Lack {
  /** The file of the application, as it lies in the image. */
  readonly path: string;
  /** A library's name or the path of the loader. */
  readonly needed: string;
  /** The version of a symbol that the library does not have; without one, the library itself is missing. */
  readonly version?: string;
  /** The functions that are wanted of that version. */
  readonly symbols?: readonly string[];
}

/**
 * What the files of an application need and would not find in an image: libraries, the loader, versions of symbols. The
 * image is composed for it, not written.
 * @param isOwn whether a path of the image is one of the application's
 * @param libraries others that it opens while it runs
 */
export async function findLacks(
  image: ImageSpec,
  platform: Platform,
  isOwn: (path: string) => boolean,
  libraries: readonly { readonly soname: string; readonly because: string }[],
  options: ImageOptions,
  tools: BuildTools,
): Promise<Lack[]> {
  const { archives, workspace } = tools;
  const lockfile = await resolveImages([{ image, platforms: [platform] }], archives, workspace);
  const { builder } = createBuilder([image], lockfile, options, tools);
  const plan = await new OwnFiles(workspace).read(planImage(image, 'latest', platform, lockfile));
  const { tree, missing, libraries: search } = await builder.compose(plan);
  const present = new Set([...tree.paths()].map((path) => path.slice(path.lastIndexOf('/') + 1)));
  return [
    ...missing.filter(({ path }) => isOwn(path)).map(({ path, needed }) => ({ path, needed })),
    ...findMissingVersions(tree.entries(), search)
      .filter(({ path }) => isOwn(path))
      .map(({ path, needed, version }) => ({ path, needed, version })),
    ...libraries
      .filter(({ soname }) => !present.has(soname))
      .map(({ soname, because }) => ({ path: because, needed: soname })),
  ];
}
