import { type ImageFile, type Paths, symlink } from '../files.ts';
import { MERGED_FOLDERS } from '../paths.ts';

/**
 * The links /bin, /lib … into /usr that Debian's installer makes for a merged /usr: one for each of these folders
 * that the image has below /usr.
 */
export function deriveMergedUsr(paths: Paths): ImageFile[] {
  return MERGED_FOLDERS.filter((name) => paths.has(`usr/${name}`)).map((name) =>
    symlink(name, `usr/${name}`, 'merged /usr'),
  );
}
