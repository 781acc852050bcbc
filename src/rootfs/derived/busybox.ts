import { PithError } from '../../core/index.ts';
import { type ImageFile, symlink } from '../files.ts';

/** The first applets in the order of busybox's table, which is sorted; each name ends with a NUL byte. */
const TABLE_START = Buffer.from('\0[\0[[\0');
const APPLET = /^[A-Za-z0-9_.[-]+$/;

/** The names of the applets that a busybox binary holds, read from the table of names in it (busybox: include/applet_tables.h). */
export function readApplets(binary: Uint8Array, path: string): string[] {
  const bytes = Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength);
  const applets: string[] = [];
  for (let at = bytes.indexOf(TABLE_START) + 1; at > 0; ) {
    const end = bytes.indexOf(0, at);
    const name = end < 0 ? '' : bytes.toString('latin1', at, end);
    const previous = applets.at(-1);
    if (!APPLET.test(name) || (previous !== undefined && previous >= name)) break;
    applets.push(name);
    at = end + 1;
  }
  if (!applets.includes('sh')) throw new PithError('ARCHIVE_UNSUPPORTED', `no table of applets with a shell was found in /${path}`);
  return applets;
}

/** A link beside the binary for each of its applets, as `busybox --install -s` makes them. */
export function deriveApplets(path: string, binary: Uint8Array, mtime: number): ImageFile[] {
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  const base = path.slice(parent.length);
  return readApplets(binary, path)
    .filter((applet) => applet !== base)
    .map((applet) => symlink(`${parent}${applet}`, base, `applet of /${path}`, { mtime }));
}
