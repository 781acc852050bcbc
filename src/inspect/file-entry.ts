import type { TarEntryType } from '../archive/index.ts';
import type { Digest } from '../core/index.ts';

/** One entry of a layer. Whiteouts are entries of type `file` whose last name begins with `.wh.`. */
export interface FileEntry {
  /** Without a slash at either end, `.` for the root; bytes that are not UTF-8 as the tar reader gives them. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with setuid, setgid and sticky (octal 7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the content; 0 unless a file. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Target of a symbolic link as it stands there, or path of the file that a hard link repeats; else empty. */
  readonly linkName: string;
  /** SHA-256 of the content of a file. */
  readonly digest?: Digest;
  /** Extended attributes as their bytes: `security.capability` … */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}
