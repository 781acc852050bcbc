export { deriveAccounts, type Group, type User } from './accounts.ts';
export { matcher, type ContentsRules } from './contents.ts';
export { deriveApplets } from './derived/busybox.ts';
export { readCertificates } from './certificates.ts';
export { deriveCaBundle } from './derived/ca-bundle.ts';
export { deriveJavaKeystore, KEYSTORE } from './derived/java-keystore.ts';
export { deriveLdSoCache } from './derived/ld-so-cache.ts';
export { isLoaderConfiguration } from './derived/ld-so-conf.ts';
export {
  type CachedName,
  knowsLibraries,
  type LibrarySearch,
  searchLibraries,
} from './derived/library-search.ts';
export { readLdSoCache } from './derived/read-ld-so-cache.ts';
export { findMissingLibraries, type MissingLibrary } from './derived/missing-libraries.ts';
export type { LibraryOptions } from './derived/library-search.ts';
export { findMissingVersions } from './derived/missing-versions.ts';
export { isLibraryPath } from './derived/shared-libraries.ts';
export { deriveMergedUsr } from './derived/merged-usr.ts';
export {
  ELF_MAGIC,
  ElfReader,
  type ElfHeader,
  locate,
  MACHINE,
  MAX_HEADERS,
  readHeader,
  SEGMENT_FLAG,
  SEGMENT_TYPE,
} from './elf-header.ts';
export { architectureOf } from './elf-platform.ts';
export { certificatesWish, isTlsLibrary, timeZonesWish, WISH_TEXTS } from './program-wishes.ts';
export { type ElfDetails, type ElfInfo, ElfScanner } from './elf.ts';
export { openElf, type OpenElf, readSection } from './elf-file.ts';
export type { Hardening } from './elf-hardening.ts';
export { readSymbolsOfVersion } from './elf-symbols.ts';
export { folder, regularFile, symlink, writeFiles, type ImageFile } from './files.ts';
export { type GoBuild, type GoModule, readGoBuild } from './go-build.ts';
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
export { StackedFiles } from './stacked-files.ts';
export { FileTree, type PlacedFile } from './tree.ts';
export { type TreeFile, TreeLookup } from './tree-lookup.ts';
