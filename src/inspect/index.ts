export { type ElfFile, resolveElf } from './elf-view.ts';
export { Entries } from './entries.ts';
export type { Account, Fact, GroupsFact, ToolFact } from './facts.ts';
export { findSecretInVariable, findSecrets } from './facts/secrets/find.ts';
export type { FileEntry, FileReader, FileScanner, ImageContents, LayerContents } from './model.ts';
/** @internal */
export { type NamedView, diffImages } from './difference/diff.ts';
/** @internal */
export { compareFiles, pairFiles } from './difference/files.ts';
/** @internal */
export type { DiffReport } from './difference/diff-schema.ts';
/** @internal */
export { compareImages, toolsOf } from './difference/compare.ts';
/** @internal */
export type { CompareReport } from './difference/compare-schema.ts';
/** @internal */
export { loadCompareVersions } from './difference/versions.ts';
export { exportForDive } from './dive/export.ts';
export { loadReaders, READERS_VERSION } from './load-readers.ts';
export { joinPackages } from './packages/join.ts';
export type { FoundPackage, InstalledPackage } from './packages/model.ts';
export { type FileOwners, ownersOf } from './packages/owners.ts';
export { readFiles, visitFiles } from './read-files.ts';
export { readImage, type ImageReading, type LayerMemory } from './read-image.ts';
/** @internal */
export type { BaseCandidate } from './report/base.ts';
export { readCapabilities } from './report/capabilities.ts';
/** @internal */
export type { InspectSummary } from './report/inspect-schema.ts';
export { type MeasuredPackage, packagesOf } from './report/packages.ts';
/** @internal */
export { reportFiles, reportOn } from './report/report.ts';
export { ImageTree, type FileStatus, type StackFlaw, type StackOptions, type TreeTotals } from './tree.ts';
export { ImageView, type Found } from './view.ts';
