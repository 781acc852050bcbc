import type { FileReader } from '../model.ts';
import { accountsReader } from './accounts.ts';
import { certificatesReader } from './certificates.ts';
import { loaderReader } from './loader.ts';
import { osReleaseReader } from './os-release.ts';
import { programReader } from './programs.ts';
import { scriptReader } from './script.ts';
import { secretsReader } from './secrets/reader.ts';

/** Who looks for everything but packages. */
export const factReaders: readonly FileReader[] = [
  programReader,
  scriptReader,
  secretsReader,
  certificatesReader,
  accountsReader,
  osReleaseReader,
  loaderReader,
];
