import type { FileReader } from '../../model.ts';
import { wholeFile } from '../../whole-file.ts';
import { MAX_PACKAGES, packagesFact } from '../found-package.ts';
import type { FoundPackage } from '../model.ts';
import { PathMaker } from '../texts.ts';
import { readBerkeley } from './berkeley.ts';
import { readHeader } from './header.ts';
import { readNdb } from './ndb.ts';
import { SqliteFile } from './sqlite.ts';

/** A desktop with all languages has 200 MB. */
const MAX_DATABASE = 256 << 20;
/** Where distributions have it (`%_dbpath`); Debian's rpm keeps it in the home of its user. */
const DATABASE =
  /^(?:(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm|root\/\.rpmdb)\/(rpmdb\.sqlite|Packages\.db|Packages)$/;
/** The column of `Packages (hnum, blob)` in rpmdb.sqlite. */
const BLOB = 1;

/** RPM's database in any of its forms. */
export const rpmReader: FileReader = {
  open({ path }) {
    const form = DATABASE.exec(path)?.[1];
    if (form === undefined) return undefined;
    return wholeFile(MAX_DATABASE, (bytes) => packagesFact(readRpmDatabase(form, bytes)));
  },
};

/** @param form name of the file: `rpmdb.sqlite`, `Packages.db` (ndb) or `Packages` (Berkeley DB) */
export function readRpmDatabase(form: string, bytes: Buffer): FoundPackage[] {
  const packages: FoundPackage[] = [];
  const paths = new PathMaker();
  for (const header of headersOf(form, bytes)) {
    if (packages.length >= MAX_PACKAGES) break;
    const found = readHeader(header, paths);
    if (found) packages.push(found);
  }
  return packages;
}

function headersOf(form: string, bytes: Buffer): Iterable<Buffer> {
  if (form === 'Packages.db') return readNdb(bytes);
  return form === 'Packages' ? readBerkeley(bytes) : sqliteHeaders(bytes);
}

function* sqliteHeaders(bytes: Buffer): Generator<Buffer> {
  for (const row of SqliteFile.open(bytes)?.rows('Packages') ?? []) {
    const header = row[BLOB];
    if (Buffer.isBuffer(header)) yield header;
  }
}
