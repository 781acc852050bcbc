import type { FileReader } from '../../model.ts';
import { wholeFile } from '../../whole-file.ts';
import { packagesFact } from '../found-package.ts';
import { licencesOfCopyright } from './copyright.ts';
import { readDatabase } from './database.ts';
import { readConfigurationList, readList, readSums } from './file-lists.ts';

const MAX_DATABASE = 64 << 20;
const MAX_LIST = 32 << 20;
/** Those of browsers and kernels have 2 MB. */
const MAX_COPYRIGHT = 8 << 20;

const DATABASE = /^var\/lib\/dpkg\/(?:status|status\.d\/[A-Za-z0-9][^/]*)$/;
const LIST = /^var\/lib\/dpkg\/(?:info|status\.d)\/([A-Za-z0-9][^/]*)\.(list|md5sums|conffiles)$/;
const COPYRIGHT = /^usr\/share\/doc\/([a-z0-9][a-z0-9+.-]*)\/copyright$/;

const READ_LIST = { list: readList, md5sums: readSums, conffiles: readConfigurationList } as const;

/** dpkg's database, whole or a file a package, and the copyright files of packages. */
export const debianReader: FileReader = {
  open({ path }) {
    if (!path.startsWith('var/lib/dpkg/') && !path.startsWith('usr/share/doc/')) return undefined;
    const list = LIST.exec(path);
    if (list) {
      const [, name = '', kind = ''] = list;
      const read = READ_LIST[kind as keyof typeof READ_LIST];
      return wholeFile(MAX_LIST, (bytes) => {
        const files = read(bytes.toString());
        return files.length > 0
          ? [{ kind: 'owned-files', owned: { type: 'deb', package: name, files } }]
          : [];
      });
    }
    if (DATABASE.test(path))
      return wholeFile(MAX_DATABASE, (bytes) => packagesFact(readDatabase(bytes.toString())));
    const name = COPYRIGHT.exec(path)?.[1];
    if (name === undefined) return undefined;
    return wholeFile(MAX_COPYRIGHT, (bytes) => {
      const licences = licencesOfCopyright(bytes.toString());
      return licences.length > 0 ? [{ kind: 'licences', package: name, licences }] : [];
    });
  },
};
