import type { OwnedFile } from '../model.ts';
import { imagePath, linesOf } from '../texts.ts';

/** `info/PACKAGE.list`: a path a line (dpkg(1), "FILES"). Folders that hold others of the list are left out. */
export function readList(text: string): OwnedFile[] {
  const paths = pathsOf(text);
  const folders = new Set(paths.map((path) => path.slice(0, Math.max(path.lastIndexOf('/'), 0))));
  return paths.filter((path) => !folders.has(path)).map((path) => ({ path }));
}

/** `info/PACKAGE.conffiles`: a path a line (deb-conffiles(5)), perhaps behind a flag. */
export function readConfigurationList(text: string): OwnedFile[] {
  return pathsOf(text.replace(/^remove-on-upgrade[ \t].*$/gm, '')).map((path) => ({
    path,
    configuration: true,
  }));
}

/** `PACKAGE.md5sums`: sum, two spaces (or a space and an asterisk), path (deb-md5sums(5)). */
export function readSums(text: string): OwnedFile[] {
  return linesOf(text).flatMap((line) => {
    const [, md5, name = ''] = /^([0-9a-f]{32}) [ *](.+)$/.exec(line) ?? [];
    const path = imagePath(name);
    return md5 === undefined || path === undefined ? [] : [{ path, md5 }];
  });
}

function pathsOf(text: string): string[] {
  return linesOf(text).flatMap((line) => imagePath(line) ?? []);
}
