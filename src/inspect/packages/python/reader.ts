import type { FileReader } from '../../model.ts';
import { wholeFile } from '../../whole-file.ts';
import { packagesFact } from '../found-package.ts';
import { readMetadata } from './metadata.ts';
import { readInstalledFiles, readRecord } from './record.ts';

const MAX_METADATA = 8 << 20;
const MAX_RECORD = 64 << 20;
const METADATA = /\.dist-info\/METADATA$|\.egg-info\/PKG-INFO$|\/EGG-INFO\/PKG-INFO$|\.egg-info$/;
const LIST = /\/(RECORD|installed-files\.txt)$/;
const TITLE = /([^/]+)\.(?:dist|egg)-info$/;

/** Python's packages where they are installed, and the lists of their files. */
export const pythonReader: FileReader = {
  open({ path }) {
    if (METADATA.test(path))
      return wholeFile(MAX_METADATA, (bytes) => {
        const found = readMetadata(bytes.toString());
        return packagesFact(found ? [found] : []);
      });
    const list = LIST.exec(path)?.[1];
    if (list === undefined) return undefined;
    const folder = path.slice(0, -list.length - 1);
    const title = TITLE.exec(folder)?.[1];
    if (title === undefined) return undefined;
    const site = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0));
    const name = title.split('-', 1)[0] ?? title;
    return wholeFile(MAX_RECORD, (bytes) => {
      const text = bytes.toString();
      const files = list === 'RECORD' ? readRecord(text, site) : readInstalledFiles(text, folder);
      return files.length > 0 ? [{ kind: 'owned-files', owned: { type: 'pypi', package: name, files } }] : [];
    });
  },
};
