import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { PithError } from '../core/index.ts';
import type { LockedImage, Lockfile } from '../resolve/index.ts';
import type { Catalogue } from './catalogue.ts';
import type { ImageSpec } from './image-spec.ts';

/** An image of a lockfile. */
export interface HeldImage {
  /** Its name in the lockfile. */
  readonly name: string;
  readonly locked: LockedImage;
  /** Its definition as it is now; the name may be another one. */
  readonly image: ImageSpec;
}

/**
 * The images that a lockfile holds, with their definitions: by name in the catalogue, or by path.
 * @param path of the lockfile, where paths of definitions start
 * @param names of some of its images; all unless given
 * @throws PithError LOCKFILE_MISMATCH if a definition is gone
 */
export async function heldImages(
  lockfile: Lockfile,
  path: string,
  catalogue: Catalogue,
  names: readonly string[] = Object.keys(lockfile.images),
): Promise<HeldImage[]> {
  const held: HeldImage[] = [];
  for (const name of names) {
    const locked = lockfile.images[name];
    if (locked) held.push({ name, locked, image: await definitionOf(name, locked, path, catalogue) });
  }
  return held;
}

function definitionOf(
  name: string,
  { definition }: LockedImage,
  path: string,
  catalogue: Catalogue,
): Promise<ImageSpec> {
  const gone = (what: string, hint: string): PithError =>
    new PithError('LOCKFILE_MISMATCH', `${path}: holds the image ${name}, ${what}`, {
      path,
      hint: `${hint}, or remove the lockfile and write it anew with the images that you want: \`pith lock NAME…\`.`,
    });
  if (definition === undefined) {
    if (catalogue.names().includes(name)) return catalogue.image(name);
    throw gone('which the catalogue does not have', 'Use the release of pith that wrote it');
  }
  const file = resolve(dirname(path), definition);
  if (existsSync(file)) return catalogue.image(file);
  throw gone(`whose definition ${definition} is gone`, 'Put the file back');
}

/**
 * The names in a lockfile of images that are asked for by name or by the path of a definition.
 * @throws PithError UNKNOWN_IMAGE, LOCKFILE_MISMATCH if the lockfile does not hold one
 */
export async function findHeld(
  lockfile: Lockfile,
  path: string,
  catalogue: Catalogue,
  asked: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const name of asked) {
    if (Object.hasOwn(lockfile.images, name)) found.push(name);
    else found.push(heldName(lockfile, path, await catalogue.image(name), name));
  }
  return [...new Set(found)];
}

function heldName({ images }: Lockfile, path: string, { name, file }: ImageSpec, asked: string): string {
  const isSame = ({ definition }: LockedImage): boolean =>
    definition !== undefined && resolve(dirname(path), definition) === file;
  const held = Object.keys(images).find((key) => {
    const locked = images[key];
    return locked && isSame(locked);
  });
  if (held !== undefined) return held;
  if (Object.hasOwn(images, name)) return name;
  throw new PithError('LOCKFILE_MISMATCH', `${path}: does not hold the image ${name}`, {
    path,
    hint: `Lock it with \`pith lock ${asked}\`.`,
  });
}

/** The lockfile with its images under the names that their definitions have now. */
export function renameHeld(lockfile: Lockfile, held: readonly HeldImage[]): Lockfile {
  const renamed = new Map(held.map(({ name, image }) => [name, image.name]));
  const entries = Object.entries(lockfile.images).map(([name, locked]): [string, LockedImage] => [
    renamed.get(name) ?? name,
    locked,
  ]);
  return { ...lockfile, images: Object.fromEntries(entries) };
}

/** The lockfile with the paths of the definitions that are not of the catalogue. */
export function recordDefinitions(lockfile: Lockfile, images: readonly ImageSpec[], path: string): Lockfile {
  const files = new Map(images.map(({ name, file }) => [name, file]));
  const entries = Object.entries(lockfile.images).map(([name, locked]): [string, LockedImage] => {
    const file = files.get(name);
    return [
      name,
      file === undefined ? locked : { ...locked, definition: relative(dirname(resolve(path)), file) },
    ];
  });
  return { ...lockfile, images: Object.fromEntries(entries) };
}
