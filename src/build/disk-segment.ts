import { encodeHeader, paddingOf } from '../archive/index.ts';
import { Digester, digestOf } from '../core/index.ts';
import type { ListedFile } from '../rootfs/index.ts';
import { changedFile, readWhole } from './disk-content.ts';
import { isAtOnce } from './disk-facts.ts';
import { type DiskSource, readSource } from './disk-member.ts';

/** A file of an image; the content of a regular file is on the disk. */
export interface DiskFile {
  readonly file: ListedFile;
  readonly source?: DiskSource;
}

const ZEROS = new Uint8Array(512);

/**
 * The bytes of a segment of these files, in pieces that are valid until the next one is taken.
 * @throws PithError DEFINITION_INVALID for a file that is not what it was when its digest was made
 */
export function* encodeDiskFiles(files: Iterable<DiskFile>): Generator<Uint8Array> {
  for (const { file, source } of files) {
    yield encodeHeader(file);
    if (!source) continue;
    const { path, name } = source;
    if (isAtOnce(source, file.size)) {
      const bytes = readWhole(path, name, file.size);
      if (digestOf(bytes) !== file.digest) throw changedFile(path, name);
      yield bytes;
    } else {
      const digester = new Digester();
      for (const piece of readSource(source, file.size)) {
        digester.update(piece);
        yield piece;
      }
      if (digester.digest() !== file.digest) throw changedFile(path, name);
    }
    const padding = paddingOf(file.size);
    if (padding > 0) yield ZEROS.subarray(0, padding);
  }
}

/** Files whose texts are joined before they go into a digest. */
const BATCH = 1000;

/** What tells a segment of such files from every other, without their content being read: what their headers say, and digests. */
export function identityOfFiles(files: readonly DiskFile[]): string {
  const digester = new Digester();
  for (let start = 0; start < files.length; start += BATCH) {
    let text = '';
    for (const { file } of files.slice(start, start + BATCH)) {
      const { path, type, mode, uid, gid, size, mtime, linkName, digest = '' } = file;
      text += JSON.stringify([path, type, mode, uid, gid, size, mtime, linkName, digest]);
    }
    digester.update(Buffer.from(text));
  }
  return digester.digest();
}
