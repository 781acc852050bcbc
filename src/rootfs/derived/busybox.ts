import { PithError } from '../../core/index.ts';
import { type ImageFile, symlink } from '../files.ts';

/** The first applets in the order of busybox's table, which is sorted; each name ends with a NUL byte. */
const TABLE_START = Buffer.from('[\0[[\0');
const APPLET = /^[A-Za-z0-9_.[-]+$/;

/** The names of the applets that a busybox binary holds, read from the table of names in it (busybox: include/applet_tables.h). */
export function readApplets(binary: Uint8Array, path: string): string[] {
  const bytes = Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength);
  let applets: string[] = [];
  // The first names stand together elsewhere too; the table is where most names follow.
  for (let at = bytes.indexOf(TABLE_START); at >= 0; at = bytes.indexOf(TABLE_START, at + 1)) {
    const found = readNames(bytes, at);
    if (found.length > applets.length) applets = found;
  }
  if (applets.includes('sh')) return applets;
  throw new PithError('ARCHIVE_UNSUPPORTED', `no table of applets with a shell was found in /${path}`);
}

/** Names that end with a NUL byte, for as long as they are in order. */
function readNames(bytes: Buffer, start: number): string[] {
  const names: string[] = [];
  for (let at = start; ;) {
    const end = bytes.indexOf(0, at);
    const name = end < 0 ? '' : bytes.toString('latin1', at, end);
    const previous = names.at(-1);
    if (!APPLET.test(name) || (previous !== undefined && previous >= name)) return names;
    names.push(name);
    at = end + 1;
  }
}

/** A link beside the binary for each of its applets, as `busybox --install -s` makes them. */
export function deriveApplets(path: string, binary: Uint8Array, mtime: number): ImageFile[] {
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  const base = path.slice(parent.length);
  return readApplets(binary, path)
    .filter((applet) => applet !== base)
    .map((applet) => symlink(`${parent}${applet}`, base, `applet of /${path}`, { mtime }));
}
