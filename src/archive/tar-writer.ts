import { decodeName, encodeName } from './names.ts';
import { BLOCK, checksumOf, FIELD, type TarEntry, TYPE_FLAG, XATTR_KEYWORD } from './tar-format.ts';

/** The two zero blocks that end an archive. */
export const END_OF_ARCHIVE: Uint8Array = new Uint8Array(2 * BLOCK);

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
  const path = encodeName(entry.type === 'directory' && entry.path !== '' ? `${entry.path}/` : entry.path);
  const link = encodeName(entry.linkName);
  const blocks: Uint8Array[] = [];
  const pax: [string, Uint8Array][] = [];

  const split = splitPath(path);
  if (!split) longName(path, 'path', 'L', blocks, pax);
  if (link.length > FIELD.linkName[1]) longName(link, 'linkpath', 'K', blocks, pax);
  for (const [keyword, value, field] of [
    ['uid', entry.uid, FIELD.uid],
    ['gid', entry.gid, FIELD.gid],
    ['size', entry.size, FIELD.size],
    ['mtime', entry.mtime, FIELD.mtime],
  ] as const) {
    if (!fits(value, field[1])) pax.push([keyword, Buffer.from(String(value))]);
  }
  for (const [name, value] of Object.entries(entry.xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    pax.push([XATTR_KEYWORD + name, value]);
  }
  if (pax.length > 0)
    blocks.push(...extension('x', 'PaxHeaders', Buffer.concat(pax.map(([k, v]) => paxRecord(k, v)))));

  const header = new Uint8Array(BLOCK);
  put(header, FIELD.name, split ? split.name : path.subarray(0, FIELD.name[1]));
  put(header, FIELD.prefix, split ? split.prefix : Buffer.alloc(0));
  put(header, FIELD.linkName, link.subarray(0, FIELD.linkName[1]));
  putNumber(header, FIELD.mode, entry.mode & 0o7777);
  putNumber(header, FIELD.uid, entry.uid);
  putNumber(header, FIELD.gid, entry.gid);
  putNumber(header, FIELD.size, entry.size);
  putNumber(header, FIELD.mtime, entry.mtime);
  putNumber(header, FIELD.deviceMajor, entry.deviceMajor);
  putNumber(header, FIELD.deviceMinor, entry.deviceMinor);
  finish(header, TYPE_FLAG[entry.type]);
  if (blocks.length === 0) return header;
  return Buffer.concat([...blocks, header]);
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

function longName(
  bytes: Buffer,
  keyword: string,
  gnuType: string,
  blocks: Uint8Array[],
  pax: [string, Uint8Array][],
): void {
  if (decodeName(bytes).isWellFormed()) pax.push([keyword, bytes]);
  else blocks.push(...extension(gnuType, '././@LongLink', Buffer.concat([bytes, Buffer.alloc(1)])));
}

function extension(type: string, name: string, content: Buffer): Uint8Array[] {
  const header = new Uint8Array(BLOCK);
  put(header, FIELD.name, Buffer.from(name));
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

function fits(value: number, length: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 8 ** (length - 1);
}

function put(header: Uint8Array, [offset]: readonly [number, number], bytes: Uint8Array): void {
  header.set(bytes, offset);
}

/** Writes a number in octal; one that does not fit is left 0, since a pax record carries it. */
function putNumber(header: Uint8Array, [offset, length]: readonly [number, number], value: number): void {
  const octal = (fits(value, length) ? value : 0).toString(8).padStart(length - 1, '0');
  for (let i = 0; i < length - 1; i++) header[offset + i] = octal.charCodeAt(i);
}

function finish(header: Uint8Array, type: string): void {
  header[FIELD.type[0]] = type.charCodeAt(0);
  put(header, FIELD.magic, Buffer.from('ustar\0'));
  put(header, FIELD.version, Buffer.from('00'));
  const [offset] = FIELD.checksum;
  put(header, FIELD.checksum, Buffer.from(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `));
  header[offset + 7] = 0x20;
}
