import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { decompress, limitExpansion } from '../../archive/index.ts';

/** Bytes read from the file at once: bounds memory, not speed. */
const READ_SIZE = 256 * 1024;

/**
 * The uncompressed tar archive in an npm tarball, read from the file while it is iterated. The file's digest has been
 * verified by the caller; what is inside is still not trusted.
 * @param name the package's name and version, for errors
 * @throws PithError ARCHIVE_INVALID or ARCHIVE_TOO_LARGE with `name` in the message
 */
export async function* openTarball(path: string, name: string): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path);
  const file = createReadStream(path, { highWaterMark: READ_SIZE }) as AsyncIterable<Uint8Array>;
  yield* limitExpansion(decompress('gzip', file, name), size, name);
}
