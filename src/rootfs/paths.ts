import { PithError } from '../core/index.ts';

/** PATH_MAX of Linux without the byte that ends a path. */
const LONGEST = 4095;

/**
 * A path of a package or definition as paths in an image are written: relative to the root, without `.` and empty parts;
 * the root itself is the empty text.
 * @param what names the origin in the error ARCHIVE_UNSAFE, which absolute paths, `..`, NUL bytes and paths longer than Linux takes get
 */
export function safePath(path: string, what: string): string {
  if (isPlain(path)) return path;
  if (path.length > LONGEST) throw unsafe(what, `${path.slice(0, 60)}…`, `is longer than ${LONGEST} bytes`);
  if (path.startsWith('/')) throw unsafe(what, path, 'is absolute');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw unsafe(what, path, 'leads out of its folder');
  if (path.includes('\0')) throw unsafe(what, path, 'holds a NUL byte');
  return parts.join('/');
}

/** Whether a path is without doubt as it should be, like most. */
function isPlain(path: string): boolean {
  const isPlainEnd = path !== '' && !path.startsWith('/') && !path.startsWith('.') && !path.endsWith('/');
  const hasSpecial = path.includes('//') || path.includes('/.') || path.includes('\0');
  return isPlainEnd && !hasSpecial && path.length <= LONGEST;
}

/**
 * Checks that a symbolic link, read relative to its own folder, does not climb above the root.
 * An absolute target is one below the image's root and is right.
 */
export function checkLink(path: string, target: string, what: string): void {
  if (target === '' || target.includes('\0')) throw unsafe(what, path, 'is a link without a usable target');
  if (target.length > LONGEST) throw unsafe(what, path, `is a link to more than ${LONGEST} bytes`);
  if (leadsOut(path, target))
    throw unsafe(what, path, `is a link out of the root (to ${JSON.stringify(target)})`);
}

/** Whether a symbolic link at `path`, read relative to its own folder, climbs above the root. */
export function leadsOut(path: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  let depth = path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

function unsafe(what: string, path: string, why: string): PithError {
  return new PithError('ARCHIVE_UNSAFE', `${what}: ${JSON.stringify(path)} ${why}`, {
    hint: 'No sound package holds such a path; it was not used.',
  });
}

/** The folders above a path, outermost first: `usr`, `usr/share` for `usr/share/doc`. */
export function parentsOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}

/** Top-level folders that a merged-/usr system has as links into /usr (Debian's usrmerge; file-hierarchy(7)). */
export const MERGED_FOLDERS: readonly string[] = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libo32', 'libx32'];

/** Where a path lies once the top-level folders are links into /usr. */
export function mergeUsr(path: string): string {
  const slash = path.indexOf('/');
  return MERGED_FOLDERS.includes(slash < 0 ? path : path.slice(0, slash)) ? `usr/${path}` : path;
}
