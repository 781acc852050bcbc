import { factReaders } from './facts/index.ts';
import type { FileReader } from './model.ts';
import { packageReaders } from './packages/index.ts';

/** All that looks into files. */
export const allReaders: readonly FileReader[] = [...factReaders, ...packageReaders];
