import { encodeHeader, paddingOf, type TarEntry } from '../archive/index.ts';
import { byText, digestOf, PithError } from '../core/index.ts';
import { ElfScanner } from './elf.ts';
import { parentsOf } from './paths.ts';
import type { ListedFile } from './segment.ts';

/** A file that no package brings: declared by a definition or derived from what the packages hold. */
export interface ImageFile {
  /** Relative to the root; the empty text is the root itself. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly content: Uint8Array;
  /** Target of a symbolic link. */
  readonly target: string;
  /** Where it comes from, in words, for `pith show`. */
  readonly origin: string;
  /** Whether a package that comes later may bring another file in its place. */
  readonly yields?: boolean;
}

/** What there is in an image. */
export interface Paths {
  has(path: string): boolean;
}

const DEFAULTS = { mode: 0o644, uid: 0, gid: 0, mtime: 0, content: new Uint8Array(0), target: '' } as const;

export function regularFile(
  path: string,
  content: Uint8Array | string,
  origin: string,
  more: Partial<ImageFile> = {},
): ImageFile {
  return {
    ...DEFAULTS,
    path,
    kind: 'file',
    content: typeof content === 'string' ? Buffer.from(content) : content,
    origin,
    ...more,
  };
}

export function folder(path: string, origin: string, more: Partial<ImageFile> = {}): ImageFile {
  return { ...DEFAULTS, path, kind: 'directory', mode: 0o755, origin, ...more };
}

export function symlink(
  path: string,
  target: string,
  origin: string,
  more: Partial<ImageFile> = {},
): ImageFile {
  return { ...DEFAULTS, path, kind: 'symlink', mode: 0o777, target, origin, ...more };
}

/**
 * Files as a segment, ordered by path, with the folders above them that are neither among them nor in `existing`.
 * Of two files with one path the later one is taken.
 */
export function writeFiles(
  files: readonly ImageFile[],
  existing: Paths,
): { bytes: Uint8Array; listing: ListedFile[] } {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const file of [...byPath.values()]) {
    for (const parent of parentsOf(file.path)) {
      const above = byPath.get(parent);
      if (above === undefined) {
        if (!existing.has(parent)) byPath.set(parent, folder(parent, file.origin, { mtime: file.mtime }));
      } else if (above.kind !== 'directory') {
        throw new PithError(
          'DEFINITION_INVALID',
          `the file /${file.path} (${file.origin}) lies below /${parent} (${above.origin}), which is no folder`,
        );
      }
    }
  }
  const parts: Uint8Array[] = [];
  const listing: ListedFile[] = [];
  for (const file of [...byPath.values()].sort((a, b) => byText(a.path, b.path))) {
    const entry = entryOf(file);
    parts.push(encodeHeader(entry), file.content, new Uint8Array(paddingOf(file.content.length)));
    listing.push(file.kind === 'file' ? { ...entry, ...describe(file.content) } : entry);
  }
  return { bytes: Buffer.concat(parts), listing };
}

function describe(content: Uint8Array): Pick<ListedFile, 'digest' | 'elf'> {
  const scanner = new ElfScanner(content.length);
  scanner.write(content);
  const elf = scanner.finish();
  return { digest: digestOf(content), ...(elf ? { elf } : {}) };
}

function entryOf(file: ImageFile): TarEntry {
  return {
    path: file.path === '' ? '.' : file.path,
    type: file.kind,
    mode: file.mode,
    uid: file.uid,
    gid: file.gid,
    size: file.content.length,
    mtime: file.mtime,
    linkName: file.target,
    deviceMajor: 0,
    deviceMinor: 0,
  };
}
