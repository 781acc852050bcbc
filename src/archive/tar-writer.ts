import { decodeName, encodeName } from './names.ts';
import { BLOCK, checksumOf, FIELD, type TarEntry, TYPE_FLAG, XATTR_KEYWORD } from './tar-format.ts';

/** The two zero blocks that end an archive. */
export const END_OF_ARCHIVE: Uint8Array = new Uint8Array(2 * BLOCK);

const EMPTY_HEADER = emptyHeader();

/** Number of zero bytes that follow a content of `size` bytes. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/**
 * The header blocks of an entry: ustar, preceded by a pax header for what ustar cannot say (long names, large numbers,
 * extended attributes) and by GNU long-name members for long names that are not UTF-8, which pax has no room for.
 * The same entry gives the same bytes everywhere; owner and group names are empty.
 */
export function encodeHeader(entry: TarEntry): Uint8Array {
  const path = entry.type === 'directory' && entry.path !== '' ? `${entry.path}/` : entry.path;
  const header = Buffer.from(EMPTY_HEADER);
  let extensions: Uint8Array[] | undefined;
  if (isShortAscii(path) && isShortAscii(entry.linkName)) {
    putText(header, FIELD.name, path);
    putText(header, FIELD.linkName, entry.linkName);
    if (needsPax(entry)) extensions = paxHeader(paxOfValues(entry));
  } else {
    extensions = putLongNames(header, encodeName(path), encodeName(entry.linkName), paxOfValues(entry));
  }
  putNumber(header, FIELD.mode, entry.mode & 0o7777);
  putNumber(header, FIELD.uid, entry.uid);
  putNumber(header, FIELD.gid, entry.gid);
  putNumber(header, FIELD.size, entry.size);
  putNumber(header, FIELD.mtime, entry.mtime);
  putNumber(header, FIELD.deviceMajor, entry.deviceMajor);
  putNumber(header, FIELD.deviceMinor, entry.deviceMinor);
  finish(header, TYPE_FLAG[entry.type]);
  return extensions ? Buffer.concat([...extensions, header]) : header;
}

type PaxRecord = readonly [string, Uint8Array];

/** Nearly all names are so: they need no encoding and no extension. */
function isShortAscii(name: string): boolean {
  if (name.length > FIELD.name[1]) return false;
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

const NUMBERS = ['uid', 'gid', 'size', 'mtime'] as const;

function needsPax({ xattrs, uid, gid, size, mtime }: TarEntry): boolean {
  const isUsual =
    fits(uid, FIELD.uid) && fits(gid, FIELD.gid) && fits(size, FIELD.size) && fits(mtime, FIELD.mtime);
  return xattrs !== undefined || !isUsual;
}

/** What ustar's fields have no room for but the names: large numbers and extended attributes. */
function paxOfValues(entry: TarEntry): PaxRecord[] {
  const numbers = NUMBERS.filter((name) => !fits(entry[name], FIELD[name]));
  const xattrs = Object.entries(entry.xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...numbers.map((name): PaxRecord => [name, Buffer.from(String(entry[name]))]),
    ...xattrs.map(([name, value]): PaxRecord => [XATTR_KEYWORD + name, value]),
  ];
}

/** Writes names into a header as far as they fit, and gives the members that have to come before it. */
function putLongNames(
  header: Buffer,
  path: Buffer,
  link: Buffer,
  values: readonly PaxRecord[],
): Uint8Array[] {
  const split = splitPath(path);
  put(header, FIELD.name, split ? split.name : path.subarray(0, FIELD.name[1]));
  if (split) put(header, FIELD.prefix, split.prefix);
  put(header, FIELD.linkName, link.subarray(0, FIELD.linkName[1]));
  const long = [
    ...(split ? [] : [{ bytes: path, keyword: 'path', gnuType: 'L' }]),
    ...(link.length > FIELD.linkName[1] ? [{ bytes: link, keyword: 'linkpath', gnuType: 'K' }] : []),
  ];
  const isUtf8 = (bytes: Buffer): boolean => decodeName(bytes).isWellFormed();
  const pax = long
    .filter(({ bytes }) => isUtf8(bytes))
    .map(({ keyword, bytes }): PaxRecord => [keyword, bytes]);
  const gnu = long.filter(({ bytes }) => !isUtf8(bytes));
  return [
    ...gnu.flatMap(({ gnuType, bytes }) =>
      extension(gnuType, '././@LongLink', Buffer.concat([bytes, Buffer.alloc(1)])),
    ),
    ...paxHeader([...pax, ...values]),
  ];
}

function paxHeader(records: readonly PaxRecord[]): Uint8Array[] {
  if (records.length === 0) return [];
  return extension(
    'x',
    'PaxHeaders',
    Buffer.concat(records.map(([keyword, value]) => paxRecord(keyword, value))),
  );
}

/** Divides a path at a slash into prefix and name as ustar has room for them; undefined where it has not. */
function splitPath(path: Buffer): { name: Uint8Array; prefix: Uint8Array } | undefined {
  const [, nameLength] = FIELD.name;
  const [, prefixLength] = FIELD.prefix;
  if (path.length <= nameLength) return { name: path, prefix: new Uint8Array(0) };
  if (path.length > nameLength + prefixLength + 1) return undefined;
  const slash = path.indexOf(0x2f, path.length - nameLength - 1);
  if (slash <= 0 || slash > prefixLength || slash === path.length - 1) return undefined;
  return { name: path.subarray(slash + 1), prefix: path.subarray(0, slash) };
}

function extension(type: string, name: string, content: Buffer): Uint8Array[] {
  const header = Buffer.from(EMPTY_HEADER);
  putText(header, FIELD.name, name);
  putNumber(header, FIELD.mode, 0o644);
  for (const field of [FIELD.uid, FIELD.gid, FIELD.mtime]) putNumber(header, field, 0);
  putNumber(header, FIELD.size, content.length);
  finish(header, type);
  return [header, content, new Uint8Array(paddingOf(content.length))];
}

/** A pax record counts its own length: "%d %s=%s\n". */
function paxRecord(keyword: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${keyword}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

type Field = readonly [offset: number, length: number];

/** First number that has no room in a field of so many bytes: octal digits, and a byte that ends them. */
const LIMITS: Readonly<Record<number, number>> = { 8: 8 ** 7, 12: 8 ** 11 };

function fits(value: number, [, length]: Field): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < (LIMITS[length] ?? 0);
}

function put(header: Buffer, [offset]: Field, bytes: Uint8Array): void {
  header.set(bytes, offset);
}

/** @param text of characters up to U+00FF */
function putText(header: Buffer, [offset]: Field, text: string): void {
  for (let at = 0; at < text.length; at++) header[offset + at] = text.charCodeAt(at);
}

/** Writes a number in octal; one that does not fit is left 0, since a pax record carries it. */
function putNumber(header: Buffer, field: Field, value: number): void {
  const [offset, length] = field;
  let left = fits(value, field) ? value : 0;
  for (let at = offset + length - 2; at >= offset; at--) {
    header[at] = 0x30 + (left % 8);
    left = Math.floor(left / 8);
  }
}

function finish(header: Buffer, type: string): void {
  putText(header, FIELD.type, type);
  let sum = checksumOf(header);
  const [offset] = FIELD.checksum;
  for (let at = offset + 5; at >= offset; at--) {
    header[at] = 0x30 + (sum & 7);
    sum >>= 3;
  }
  header[offset + 6] = 0;
  header[offset + 7] = 0x20;
}

/** A header with what all have: the mark of the format. */
function emptyHeader(): Buffer {
  const header = Buffer.alloc(BLOCK);
  putText(header, FIELD.magic, 'ustar\0');
  putText(header, FIELD.version, '00');
  return header;
}
