import { digestOf, PithError } from '../core/index.ts';
import {
  deriveAccounts,
  deriveApplets,
  deriveCaBundle,
  deriveJavaKeystore,
  deriveLdSoCache,
  deriveMergedUsr,
  type FileTree,
  type Group,
  type ImageFile,
  type Installation,
  type InstalledPackage,
  KEYSTORE,
  isLibraryPath,
  isLoaderConfiguration,
  type ListedFile,
  parentsOf,
  type User,
  writeFiles,
} from '../rootfs/index.ts';
import { declaredFiles } from './declared-files.ts';
import { changedFile } from './disk-content.ts';
import { placeDiskFiles } from './disk-files.ts';
import { readSource } from './disk-member.ts';
import type { DiskFile } from './disk-segment.ts';
import type { Given } from './on-base.ts';
import type { PlannedLevel } from './plan.ts';

const LD_SO_CACHE = 'etc/ld.so.cache';
/** A file that is larger says nothing of the loader. */
const MAX_CONFIGURATION = 1 << 20;

/** What is known of an image once the packages of a level are in its tree. */
export interface LevelState {
  readonly tree: FileTree;
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  /**
   * Content of the files that derived files are made of, by path, with their package's newest time; what a level says
   * itself of the loader is put in by {@link addFiles}.
   */
  readonly captured: Map<string, { readonly content: Uint8Array; readonly newest: number }>;
  /** Certificates that definitions add, by path in the image; those of a level are put in by {@link addFiles}. */
  readonly certificates: Map<string, { readonly content: Uint8Array; readonly newest: number }>;
  readonly mergedUsr: boolean;
  /** What was there before the first level. */
  readonly given: Given;
  /** Debian's name. */
  readonly architecture: string;
  /** What the installation of the packages so far left behind. */
  readonly installation: Installation;
}

/** What a level adds besides its packages. */
export interface AddedFiles {
  /** Files with content in memory, as a segment; nothing if the image has all of them as they should be. */
  readonly made: { readonly bytes: Uint8Array; readonly listing: readonly ListedFile[] } | undefined;
  /** Files of the disk; they are applied last. */
  readonly disk: readonly DiskFile[];
}

/**
 * Adds the files that no package brings to the tree, for one level: those that are derived from what the packages hold, those
 * that the definition declares, which win, and the cache of libraries, which is made of all of these.
 * @param packages those of the level, in their order
 * @param latest no file gets a later time than this, in seconds since 1970
 */
export function addFiles(
  level: PlannedLevel,
  packages: readonly InstalledPackage[],
  state: LevelState,
  latest: number,
): AddedFiles {
  const { tree, certificates } = state;
  const below = accountFiles(state);
  const scripted = installPackages(packages, state);
  const onDisk = new Map<string, string>();
  /** Paths that are new with this level, but for those of the disk. */
  const added = new Set<string>();
  /** Paths that were there before the disk's files took their place. */
  const replaced = new Set<string>();
  const isNew = (path: string): boolean => added.has(path) || (onDisk.has(path) && !replaced.has(path));
  const existing = { has: (path: string): boolean => tree.has(path) && !isNew(path) };
  const place = (files: readonly ImageFile[]): NonNullable<AddedFiles['made']> => {
    const made = writeFiles(
      files.map((file) => ({ ...file, mtime: Math.min(file.mtime, latest) })),
      existing,
    );
    const byPath = new Map(files.map((file) => [file.path === '' ? '.' : file.path, file]));
    const listing = made.listing.filter(({ path }) => !onDisk.has(path));
    for (const { path } of listing) if (!tree.has(path)) added.add(path);
    tree.addFiles(
      listing,
      (path) =>
        (byPath.get(path) ?? files.find((file) => file.path.startsWith(`${path}/`)))?.origin ??
        `the definition ${level.name}`,
      (path) => byPath.get(path)?.yields === true,
    );
    return made;
  };
  for (const { path, content, mtime } of level.files.flatMap((file) => file.certificates ?? []))
    certificates.set(path, { content: Buffer.from(content), newest: mtime });
  const hasCertificates =
    level.files.some((file) => file.certificates) ||
    packages.some(({ captured }) => [...captured.keys()].some(isCertificate));
  const files = deriveFiles(level, state, scripted, { accounts: below, hasCertificates });
  const declared = place(files).listing;
  const own = new Set(files.map(({ path }) => path));
  const isKept = (path: string): boolean => existing.has(path) || own.has(path);
  const users = state.installation.accounts.users();
  const disk = placeDiskFiles(level, tree, isKept, users, latest);
  const listing = disk.map(({ file }) => file);
  for (const { file, source } of disk) {
    if (existing.has(file.path)) replaced.add(file.path);
    onDisk.set(file.path, source?.name ?? '');
  }
  tree.addFiles(listing, (path) => originOf(onDisk.get(path), level));
  const isConfigured = captureConfiguration(files, disk, state);
  const mayChange = packages.length > 0 || declared.some(isOfLibraries) || listing.some(isOfLibraries);
  const derived =
    isConfigured || (mayChange && hasNewLibraries(state))
      ? deriveLdSoCache(tree.entries(), libraryOptions(state))
      : [];
  const caches = derived.filter((file) => !isInTree(file, tree) && !onDisk.has(file.path));
  const isMade = files.length + caches.length > 0;
  return { made: isMade ? place([...files, ...caches]) : undefined, disk };
}

/** Takes what the files of a level say of the loader. @returns whether any says something */
function captureConfiguration(
  files: readonly ImageFile[],
  disk: readonly DiskFile[],
  { captured }: LevelState,
): boolean {
  const isConfiguration = ({ path }: Pick<ImageFile, 'path'>): boolean => isLoaderConfiguration(path);
  const declared = files.filter((file) => file.kind === 'file' && isConfiguration(file));
  for (const { path, content, mtime } of declared) captured.set(path, { content, newest: mtime });
  const found = disk.filter(({ file }) => isConfiguration(file));
  for (const { file, source } of found) {
    if (!source || file.size > MAX_CONFIGURATION) continue;
    const content = Buffer.concat(Array.from(readSource(source, file.size), (piece) => Buffer.from(piece)));
    if (digestOf(content) !== file.digest) throw changedFile(source.path, source.name);
    captured.set(file.path, { content, newest: file.mtime });
  }
  return declared.length + found.length > 0;
}

/** Whether a file of a level may change what the cache of libraries holds: by what it is, or where it leads. */
function isOfLibraries({ path, type, elf }: ListedFile): boolean {
  return type === 'symlink' || elf !== undefined || isLibraryPath(path) || path === LD_SO_CACHE;
}

/** `./conf/app.conf of the definition app` */
function originOf(source = '', { name }: PlannedLevel): string {
  return `${source === '' ? '' : `${source} of `}the definition ${name}`;
}

/** What the loader of the image knows of libraries besides the files themselves. */
export function libraryOptions({ captured, architecture }: LevelState): {
  configuration: ReadonlyMap<string, Uint8Array>;
  architecture: string;
} {
  return {
    configuration: contentsOf(captured),
    architecture,
  };
}

function contentsOf(
  files: Iterable<readonly [string, { readonly content: Uint8Array }]>,
): Map<string, Uint8Array> {
  return new Map([...files].map(([path, { content }]) => [path, content]));
}

/**
 * Files that are derived and declared, without those that are in the tree already as they should be.
 * @param seen.accounts files of the accounts of the levels below, in whose place definitions may have put others
 * @param seen.hasCertificates whether the level adds any: else the bundle stays as it is, which may be one of a definition
 */
function deriveFiles(
  level: PlannedLevel,
  state: LevelState,
  scripted: readonly ImageFile[],
  seen: { readonly accounts: readonly ImageFile[]; readonly hasCertificates: boolean },
): ImageFile[] {
  const { accounts } = state.installation;
  const certified = [...state.captured].filter(([path]) => isCertificate(path));
  const hasNew = seen.hasCertificates && hasNewCertificates(state);
  const newest = Math.max(0, ...[...certified, ...state.certificates].map(([, file]) => file.newest));
  const trusted = { packaged: contentsOf(certified), own: contentsOf(state.certificates) };
  const files = [
    ...(state.mergedUsr ? deriveMergedUsr(state.tree) : []),
    ...(hasNewAccounts(state)
      ? accountFiles(state).filter((file) => !seen.accounts.some((other) => isSame(file, other)))
      : []),
    ...(hasNew ? deriveCaBundle(trusted, newest) : []),
    ...(hasNew || !state.tree.get(KEYSTORE) ? deriveJavaKeystore(state.tree.entries(), trusted, newest) : []),
    ...level.packages.filter((one) => one.applets).flatMap((one) => applets(one.locked.name, state)),
    ...level.files.flatMap((file) => declaredFiles(file, accounts.users(), level.name)),
  ];
  return [...yieldTo(files, scripted), ...files].filter((file) => !isInTree(file, state.tree));
}

function accountFiles({ installation: { accounts } }: LevelState): ImageFile[] {
  return deriveAccounts(accounts.users(), accounts.groups(), accounts.origins());
}

function isSame(one: ImageFile, other: ImageFile): boolean {
  const { path, kind, mode, uid, gid, content } = one;
  const isLike = path === other.path && kind === other.kind && mode === other.mode;
  return isLike && uid === other.uid && gid === other.gid && Buffer.compare(content, other.content) === 0;
}

/** What installing packages makes, besides the users and groups that it adds. */
function installPackages(packages: readonly InstalledPackage[], state: LevelState): ImageFile[] {
  const { installation, tree, mergedUsr, users, groups } = state;
  installation.accounts.declare(users, groups);
  if (packages.every((one) => one.scripts.size + one.captured.size === 0)) return [];
  const links = mergedUsr ? deriveMergedUsr(tree) : [];
  const entries = writeFiles(links, tree).listing.map((file) => [file.path, { file }] as const);
  return installation.install(packages, [...tree.entries(), ...entries]);
}

/** The files of scripts without those that cannot be where other files are, which win. */
function yieldTo(others: readonly ImageFile[], scripted: readonly ImageFile[]): ImageFile[] {
  const kinds = new Map(others.map(({ path, kind }) => [path, kind]));
  const above = new Set(others.flatMap(({ path }) => parentsOf(path)));
  return scripted.filter(
    ({ path, kind }) =>
      !kinds.has(path) &&
      (kind === 'directory' || !above.has(path)) &&
      parentsOf(path).every((parent) => (kinds.get(parent) ?? 'directory') === 'directory'),
  );
}

function hasNewAccounts({ users, groups, given, installation }: LevelState): boolean {
  const isExtended = installation.accounts.origins().length > 0;
  return isExtended || users.length > given.users || groups.length > given.groups;
}

function hasNewCertificates({ captured, certificates, given }: LevelState): boolean {
  const isNew = (path: string): boolean => isCertificate(path) && !given.captured.has(path);
  return certificates.size > 0 || [...captured.keys()].some(isNew);
}

function isCertificate(path: string): boolean {
  return path.endsWith('.crt');
}

function hasNewLibraries({ tree, given }: LevelState): boolean {
  let count = 0;
  for (const path of tree.paths()) if (isLibraryPath(path)) count++;
  return count > given.libraries;
}

function applets(name: string, { captured, tree }: LevelState): ImageFile[] {
  const binary = [...captured].find(
    ([path]) => path.endsWith('/busybox') && tree.get(path)?.origin.startsWith(`${name} `),
  );
  if (!binary) {
    throw new PithError(
      'DEFINITION_INVALID',
      `the package ${name} has no busybox whose applets could be linked`,
      {
        hint: 'Remove `applets` from the package, or keep its busybox in `contents`.',
      },
    );
  }
  const [path, { content, newest }] = binary;
  return deriveApplets(path, content, newest);
}

function isInTree(file: ImageFile, tree: FileTree): boolean {
  const there = tree.get(file.path === '' ? '.' : file.path)?.file;
  if (there?.type !== file.kind) return false;
  const sameOwner = there.mode === file.mode && there.uid === file.uid && there.gid === file.gid;
  if (file.kind === 'symlink') return there.linkName === file.target;
  return sameOwner && (file.kind === 'directory' || there.digest === digestOf(file.content));
}
