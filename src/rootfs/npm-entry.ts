import type { TarEntry } from '../archive/index.ts';
import { safePath } from './paths.ts';

const FOLDER_MODE = 0o755;
const PROGRAM_MODE = 0o755;
const FILE_MODE = 0o644;

/**
 * A member of an npm tarball as npm installs it: without the first part of its path (`package/`), owned by root, with the
 * mode of a program or of a plain file, and without extended attributes. Times stay, npm packs all with the same.
 * @param what the package's name and version, for errors
 * @returns undefined for the package's own folder and for what lies beside it, which npm leaves out too
 */
export function npmEntry(raw: TarEntry, what: string): TarEntry | undefined {
  const path = withoutFirst(safePath(raw.path, what));
  if (path === '') return undefined;
  const { type, size, mtime, deviceMajor, deviceMinor } = raw;
  const linkName = type === 'hardlink' ? withoutFirst(safePath(raw.linkName, what)) : raw.linkName;
  return { path, type, mode: modeOf(raw), uid: 0, gid: 0, size, mtime, linkName, deviceMajor, deviceMinor };
}

function withoutFirst(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? '' : path.slice(slash + 1);
}

function modeOf({ type, mode }: TarEntry): number {
  if (type === 'symlink') return mode;
  if (type === 'directory') return FOLDER_MODE;
  return (mode & 0o111) === 0 ? FILE_MODE : PROGRAM_MODE;
}
