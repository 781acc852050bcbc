import type { OwnedFile } from '../model.ts';
import { linesOf, PathMaker } from '../texts.ts';

const SHA256 = /^sha256=([\w-]{43})=?$/;

/**
 * The files of a RECORD (Recording installed projects, "The RECORD file"): path, digest and size a line, in CSV.
 * @param folder of the packages, in the image: paths are relative to it
 */
export function readRecord(text: string, folder: string): OwnedFile[] {
  const paths = new PathMaker();
  return linesOf(text).flatMap((line) => {
    const [, quoted, plain, digest = ''] = /^(?:"((?:[^"]|"")+)"|([^",]+))(?:,([^,]*))?/.exec(line) ?? [];
    const name = quoted?.replaceAll('""', '"') ?? plain;
    const path = name === undefined ? undefined : placeOf(name, folder, paths);
    const sum = SHA256.exec(digest)?.[1];
    if (path === undefined) return [];
    return [
      { path, ...(sum === undefined ? {} : { sha256: Buffer.from(sum, 'base64url').toString('hex') }) },
    ];
  });
}

/** The files of an installed-files.txt: a path a line, relative to the folder of the `.egg-info`. */
export function readInstalledFiles(text: string, folder: string): OwnedFile[] {
  const paths = new PathMaker();
  return linesOf(text).flatMap((line) => {
    const path = line === '' ? undefined : placeOf(line, folder, paths);
    return path === undefined ? [] : [{ path }];
  });
}

function placeOf(name: string, folder: string, paths: PathMaker): string | undefined {
  return paths.of(name.startsWith('/') || folder === '' ? '' : `${folder}/`, name);
}
