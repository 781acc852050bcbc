export { deriveAccounts, type Group, type User } from './accounts.ts';
export type { ContentsRules } from './contents.ts';
export { deriveApplets } from './derived/busybox.ts';
export { deriveCaBundle } from './derived/ca-bundle.ts';
export { deriveLdSoCache } from './derived/ld-so-cache.ts';
export { findMissingLibraries, type MissingLibrary } from './derived/missing-libraries.ts';
export { deriveMergedUsr } from './derived/merged-usr.ts';
export type { ElfInfo } from './elf.ts';
export { folder, regularFile, symlink, writeFiles, type ImageFile } from './files.ts';
export { leadsOut, safePath } from './paths.ts';
export {
  SEGMENT_VERSION,
  SegmentWriter,
  type ListedFile,
  type SegmentListing,
  type SegmentRules,
} from './segment.ts';
export { FileTree, type PlacedFile } from './tree.ts';
