import { existsSync } from 'node:fs';
import { PithError } from '../core/index.ts';
import {
  detectLocation,
  isLocation,
  parseLocation,
  parseRegistryReference,
  type Location,
  type RegistryReference,
} from '../location/index.ts';

/** Where `pith build` writes unless told. */
export const LOCAL_IMAGES = './images';

/** What is meant by the name of an image: a location, or without a kind a name in a registry. @throws BAD_LOCATION */
export function locationOf(text: string): Location {
  if (isLocation(text)) return parseLocation(text);
  if (/^[./~]|^[^/]*\.tar$/.test(text))
    throw new PithError('BAD_LOCATION', `${JSON.stringify(text)} is not the name of an image`, {
      hint: 'A folder is written as oci:DIR, an archive as oci-archive:FILE or docker-archive:FILE.',
    });
  return parseLocation(`docker://${text}`);
}

/** A name in a registry, with or without `docker://`. @throws BAD_LOCATION */
export function registryNameOf(text: string): RegistryReference {
  const location = locationOf(text);
  if (location.kind === 'docker') return parseRegistryReference(location.reference);
  throw new PithError('BAD_LOCATION', `${JSON.stringify(text)} is not in a registry`, {
    hint: 'Name it as REGISTRY/REPOSITORY[:TAG|@DIGEST].',
  });
}

/** Whether a text can be nothing but the path of a layout or an archive. */
export function isPathOfImage(text: string): boolean {
  return /^[./~]|\.(?:tar(?:\.(?:gz|zst|xz))?|tgz)$/.test(text);
}

/**
 * What `pith push` is to send: a location, a folder or archive of images, or the name of an image that was built into
 * `./images`.
 * @throws BAD_LOCATION, UNKNOWN_IMAGE, IMAGE_INVALID
 */
export async function localImageOf(text: string): Promise<Location> {
  if (isLocation(text)) return parseLocation(text);
  const isPath = isPathOfImage(text);
  const detected = isPath || existsSync(text) ? await detectLocation(text) : undefined;
  if (detected) return detected;
  if (isPath)
    throw new PithError('UNKNOWN_IMAGE', `there is nothing at ${text}`, {
      path: text,
      hint: 'Name a folder or an archive of images, or an image of ./images.',
    });
  if (existsSync(LOCAL_IMAGES)) return parseLocation(`oci:${LOCAL_IMAGES}:${text}`);
  throw new PithError(
    'UNKNOWN_IMAGE',
    `there is no image ${text}: nothing was built into ${LOCAL_IMAGES} yet`,
    {
      hint: 'Build it with `pith build`, or name where it is, such as oci:DIR:TAG.',
    },
  );
}

/** A location, or a folder or archive of images. @throws BAD_LOCATION, UNKNOWN_IMAGE, IMAGE_INVALID */
export async function detectedLocation(text: string): Promise<Location> {
  if (isLocation(text)) return parseLocation(text);
  const detected = await detectLocation(text);
  if (detected) return detected;
  throw new PithError('UNKNOWN_IMAGE', `there is nothing at ${text}`, {
    path: text,
    hint: 'Name a folder or an archive of images, or a location.',
  });
}

/** Where `pith pull` is to write: a location, or a path of an archive for Docker (`.tar`) or of a layout. */
export function localTargetOf(text: string): Location {
  if (isLocation(text)) return parseLocation(text);
  return text.endsWith('.tar') ? { kind: 'docker-archive', path: text } : { kind: 'oci', path: text };
}

/**
 * The name that an image keeps where the destination gives it none: `REPOSITORY:TAG`, as others call it.
 * @returns undefined where the destination says it, or nothing is known
 */
export function keptName(from: Location, to: Location): string | undefined {
  const isFolder = to.kind === 'docker' && parseRegistryReference(to.reference).isFolder;
  const isNamed = to.kind === 'docker' ? !isFolder : to.reference !== undefined;
  if (isNamed) return undefined;
  if (from.kind !== 'docker') return from.reference?.startsWith('@') ? undefined : from.reference;
  const reference = parseRegistryReference(from.reference);
  return reference.tag === undefined ? undefined : `${lastPart(reference)}:${reference.tag}`;
}

/** The name of a repository without its folders. */
export function lastPart({ repository }: RegistryReference): string {
  return repository.slice(repository.lastIndexOf('/') + 1);
}
