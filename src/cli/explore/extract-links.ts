import { posix } from 'node:path';

/**
 * The target that a link gets when a folder of an image is extracted: relative, and without `..` behind a link, so that it
 * cannot lead out of the folder whatever other links are there.
 * @param folder path of the folder in the image, without a slash at either end, `.` for the root
 * @param link path of the link in the image
 * @param target as it stands in the link
 * @returns undefined for a link that leads out of the folder
 */
export function relativeTarget(folder: string, link: string, target: string): string | undefined {
  const base = posix.join('/', posix.dirname(link));
  const lead = posix.resolve(base, target);
  const inside = posix.join('/', folder);
  if (lead !== inside && inside !== '/' && !lead.startsWith(`${inside}/`)) return undefined;
  const relative = posix.relative(base, lead);
  return relative === '' ? '.' : relative;
}
