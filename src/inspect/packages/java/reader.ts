import type { FileReader } from '../../model.ts';
import { wholeFile } from '../../whole-file.ts';
import { packagesFact } from '../found-package.ts';
import { packagesOfArchive } from './archive-packages.ts';

const MAX_ARCHIVE = 256 << 20;
const ARCHIVE = /\.[jwe]ar$/i;

/** Java's archives. */
export const javaReader: FileReader = {
  open({ path, size }) {
    if (size > MAX_ARCHIVE || !ARCHIVE.test(path)) return undefined;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return wholeFile(size, async (bytes) => packagesFact(await packagesOfArchive(bytes, name)));
  },
};
