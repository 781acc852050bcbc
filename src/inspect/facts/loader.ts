import { readLdSoCache } from '../../rootfs/index.ts';
import type { FileReader } from '../model.ts';
import { smallFile } from './small-file.ts';

const MAX_CONFIGURATION = 64 << 10;
const MAX_CACHE = 16 << 20;
const CONFIGURATION = /^etc\/(?:ld\.so\.conf|ld\.so\.conf\.d\/[^/]+\.conf|ld-musl-[^/]+\.path)$/;

/** Where the loader looks for libraries (ld.so(8), ldconfig(8)). */
export const loaderReader: FileReader = {
  open(file) {
    if (!file.path.startsWith('etc/ld')) return undefined;
    if (file.path === 'etc/ld.so.cache')
      return smallFile(file, MAX_CACHE, (bytes) => {
        const libraries = readLdSoCache(bytes);
        return libraries ? [{ kind: 'library-cache', libraries }] : [];
      });
    if (!CONFIGURATION.test(file.path)) return undefined;
    return smallFile(file, MAX_CONFIGURATION, (bytes) => [
      { kind: 'library-folders', text: bytes.toString('utf8') },
    ]);
  },
};
