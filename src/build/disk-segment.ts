import { encodeHeader, paddingOf } from '../archive/index.ts';
import { Digester } from '../core/index.ts';
import type { ListedFile } from '../rootfs/index.ts';
import { changedFile } from './disk-content.ts';
import { type DiskSource, readSource } from './disk-member.ts';

/** A file of an image; the content of a regular file is on the disk. */
export interface DiskFile {
  readonly file: ListedFile;
  readonly source?: DiskSource;
}

/**
 * The bytes of a segment of these files, in pieces that are valid until the next one is taken.
 * @throws PithError DEFINITION_INVALID for a file that is not what it was when its digest was made
 */
export function* encodeDiskFiles(files: readonly DiskFile[]): Generator<Uint8Array> {
  for (const { file, source } of files) {
    yield encodeHeader(file);
    if (!source) continue;
    const { path, name } = source;
    const digester = new Digester();
    for (const piece of readSource(source, file.size)) {
      digester.update(piece);
      yield piece;
    }
    if (digester.digest() !== file.digest) throw changedFile(path, name);
    yield new Uint8Array(paddingOf(file.size));
  }
}

/** What tells a segment of such files from every other, without their content being read: their headers and digests. */
export function identityOfFiles(files: readonly DiskFile[]): string {
  const digester = new Digester();
  for (const { file } of files) {
    digester.update(encodeHeader(file));
    if (file.digest !== undefined) digester.update(Buffer.from(file.digest));
  }
  return digester.digest();
}
