import type { FileReader } from '../model.ts';
import { alpineReader } from './alpine.ts';
import { debianReader } from './debian/readers.ts';
import { goReader } from './go.ts';
import { javaReader } from './java/reader.ts';
import { nodejsReader } from './nodejs.ts';
import { pythonReader } from './python/reader.ts';
import { rpmReader } from './rpm/reader.ts';

export { type FileFacts, joinPackages } from './join.ts';
export type { FoundPackage, InstalledPackage, OwnedFile } from './model.ts';
export { type FileOwners, mergedPath, ownersOf } from './owners.ts';

/** Find the packages of an image, whatever brought them. */
export const packageReaders: readonly FileReader[] = [
  debianReader,
  alpineReader,
  rpmReader,
  nodejsReader,
  pythonReader,
  javaReader,
  goReader,
];
