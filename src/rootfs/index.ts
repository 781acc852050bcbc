export { deriveAccounts, type Group, type User } from './accounts.ts';
export { matcher, type ContentsRules } from './contents.ts';
export { deriveApplets } from './derived/busybox.ts';
export { readCertificates } from './certificates.ts';
export { deriveCaBundle } from './derived/ca-bundle.ts';
export { deriveJavaKeystore, KEYSTORE } from './derived/java-keystore.ts';
export { deriveLdSoCache } from './derived/ld-so-cache.ts';
export { findMissingLibraries, type MissingLibrary } from './derived/missing-libraries.ts';
export { isLibraryPath } from './derived/shared-libraries.ts';
export { deriveMergedUsr } from './derived/merged-usr.ts';
export { type ElfInfo, ElfScanner } from './elf.ts';
export { folder, regularFile, symlink, writeFiles, type ImageFile } from './files.ts';
export { LayeredFiles } from './layered-files.ts';
export { npmEntry } from './npm-entry.ts';
export { leadsOut, parentsOf, safePath } from './paths.ts';
export type { ScriptEffect } from './scripts/effect.ts';
export { Installation, type InstalledPackage } from './scripts/installation.ts';
export { loadShellParser } from './scripts/parse-shell.ts';
export {
  isCaptured,
  SEGMENT_VERSION,
  SegmentWriter,
  type ListedFile,
  type ReadEntry,
  type SegmentListing,
  type SegmentRules,
} from './segment.ts';
export { FileTree, type PlacedFile } from './tree.ts';
