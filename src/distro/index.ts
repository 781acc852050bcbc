export type {
  Cache,
  FetchOptions,
  MultiArch,
  Package,
  PackageContents,
  PackageFile,
  PackageSource,
} from './contract.ts';
export { readAptSources, type AptSource } from './debian/apt-sources.ts';
export { DebianArchive, type DebianArchiveOptions } from './debian/archive.ts';
export { selectEntries, sortCves, type ChangelogEntry } from './debian/changelog.ts';
export { readChangelog, type FoundChangelog } from './debian/changelog-file.ts';
export { openDeb } from './debian/deb.ts';
export { buildIndexOfFile } from './debian/index-file.ts';
export { parseStanzas, type Stanza } from './debian/deb822.ts';
export { parseInstalled } from './debian/installed.ts';
export { keyringOf, loadKeyring, type KeyFile, type Keyring } from './debian/keyring.ts';
export { mirrorsOfEnvironment, type MirrorOptions, type SuiteSpec } from './debian/mirrors.ts';
export {
  appliesTo,
  parseDependencies,
  parseProvides,
  satisfies,
  type Dependency,
  type Provided,
  type Relation,
  type VersionBound,
} from './debian/relation.ts';
export type { Note, SuiteState } from './debian/suites.ts';
export { compareVersions, isVersion } from './debian/version.ts';
export type { NpmRelease } from './npm/packument.ts';
export { NpmRegistry, type NpmFetchOptions, type NpmOptions, type NpmTarball } from './npm/registry.ts';
export { openTarball } from './npm/tarball.ts';
