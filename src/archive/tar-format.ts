/** Offsets and lengths of a tar header block: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format". */
export const BLOCK = 512;

export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [number, number]>;

export const TYPE_FLAG = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
} as const;

/** Prefix of the pax keyword that carries an extended attribute (star, bsdtar, GNU tar, Docker). */
export const XATTR_KEYWORD = 'SCHILY.xattr.';

/** Sum of the header's bytes with the checksum field taken as spaces. */
export function checksumOf(block: Uint8Array): number {
  const [start, length] = FIELD.checksum;
  let sum = length * 0x20;
  for (let i = 0; i < start; i++) sum += block[i] ?? 0;
  for (let i = start + length; i < BLOCK; i++) sum += block[i] ?? 0;
  return sum;
}

export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/** One member of a tar archive, without its content. Owner and group names are not kept: images speak in numbers. */
export interface TarEntry {
  /** As in the archive, but a trailing slash of a folder is removed. Bytes that are not UTF-8: see decodeName. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with setuid, setgid and sticky (octal 7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Content length in bytes; 0 unless a file. */
  readonly size: number;
  /** Seconds since 1970, whole. */
  readonly mtime: number;
  /** Target of a symbolic link, or path of the file that a hard link repeats; else empty. */
  readonly linkName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes (such as security.capability) as their bytes; undefined if none. */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}
