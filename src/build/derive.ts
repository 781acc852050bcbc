import { digestOf, PithError } from '../core/index.ts';
import {
  deriveAccounts,
  deriveApplets,
  deriveCaBundle,
  deriveLdSoCache,
  deriveMergedUsr,
  type FileTree,
  folder,
  type Group,
  type ImageFile,
  type ListedFile,
  regularFile,
  safePath,
  symlink,
  type User,
  writeFiles,
} from '../rootfs/index.ts';
import type { FileDefinition } from './definition-types.ts';
import type { PlannedLevel } from './plan.ts';

/** What is known of an image once the packages of a level are in its tree. */
export interface LevelState {
  readonly tree: FileTree;
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  /** Content of the files that derived files are made of, by path, with their package's newest time. */
  readonly captured: ReadonlyMap<string, { readonly content: Uint8Array; readonly newest: number }>;
  readonly mergedUsr: boolean;
  /** Debian's name. */
  readonly architecture: string;
}

/**
 * Adds the files that no package brings to the tree, for one level: those that are derived from what the packages hold, those
 * that the definition declares, which win, and the cache of libraries, which is made of all of these.
 * @param latest no file gets a later time than this, in seconds since 1970
 * @returns the files as a segment; undefined if the tree has all of them as they should be
 */
export function addFiles(
  level: PlannedLevel,
  state: LevelState,
  latest: number,
): { bytes: Uint8Array; listing: ListedFile[] } | undefined {
  const { tree } = state;
  const existing = tree.paths();
  const place = (files: readonly ImageFile[]): { bytes: Uint8Array; listing: ListedFile[] } => {
    const made = writeFiles(
      files.map((file) => ({ ...file, mtime: Math.min(file.mtime, latest) })),
      existing,
    );
    const origins = new Map(files.map((file) => [file.path === '' ? '.' : file.path, file.origin]));
    tree.addFiles(made.listing, (path) => origins.get(path) ?? `the definition ${level.name}`);
    return made;
  };
  const files = deriveFiles(level, state);
  place(files);
  const caches = deriveLdSoCache(tree.entries(), libraryOptions(state)).filter(
    (file) => !isInTree(file, tree),
  );
  return files.length + caches.length === 0 ? undefined : place([...files, ...caches]);
}

/** What the loader of the image knows of libraries besides the files themselves. */
export function libraryOptions({ captured, architecture }: LevelState): {
  configuration: ReadonlyMap<string, Uint8Array>;
  architecture: string;
} {
  return {
    configuration: new Map([...captured].map(([path, { content }]) => [path, content])),
    architecture,
  };
}

/** Files that are derived and declared, without those that are in the tree already as they should be. */
function deriveFiles(level: PlannedLevel, state: LevelState): ImageFile[] {
  const paths = state.tree.paths();
  const contents = new Map([...state.captured].map(([path, { content }]) => [path, content]));
  const newest = Math.max(
    0,
    ...[...state.captured].filter(([path]) => path.endsWith('.crt')).map(([, file]) => file.newest),
  );
  const files = [
    ...(state.mergedUsr ? deriveMergedUsr(paths) : []),
    ...deriveAccounts(state.users, state.groups),
    ...deriveCaBundle(contents, newest),
    ...level.packages.filter((one) => one.applets).flatMap((one) => applets(one.locked.name, state)),
    ...level.files.map((file) => declaredFile(file, state.users, level.name)),
  ];
  return files.filter((file) => !isInTree(file, state.tree));
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

function declaredFile(file: FileDefinition, users: readonly User[], level: string): ImageFile {
  const path = safePath(file.to.replace(/^\/+/, ''), `the definition ${level}`);
  const kinds = [file.content, file.link, file.folder].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) {
    throw new PithError(
      'DEFINITION_INVALID',
      `the file ${file.to} of ${level} needs exactly one of content, link and folder`,
    );
  }
  const more = {
    ...ownerOf(file, users, level),
    ...(file.mode === undefined ? {} : { mode: Number.parseInt(file.mode, 8) }),
  };
  const origin = `the definition ${level}`;
  if (file.link !== undefined) return symlink(path, file.link, origin, more);
  if (file.folder) return folder(path, origin, more);
  return regularFile(path, file.content ?? '', origin, more);
}

function ownerOf(file: FileDefinition, users: readonly User[], level: string): { uid: number; gid: number } {
  const { owner } = file;
  if (owner === undefined) return { uid: 0, gid: 0 };
  const numbers = /^(\d+):(\d+)$/.exec(owner);
  if (numbers) return { uid: Number(numbers[1]), gid: Number(numbers[2]) };
  const user = users.find((candidate) => candidate.name === owner);
  if (user) return { uid: user.uid, gid: user.gid };
  throw new PithError(
    'DEFINITION_INVALID',
    `the file ${file.to} of ${level} belongs to ${owner}, but there is no such user`,
    {
      hint: `The users are ${users.map(({ name }) => name).join(', ')}; or write UID:GID.`,
    },
  );
}

function isInTree(file: ImageFile, tree: FileTree): boolean {
  const there = tree.get(file.path === '' ? '.' : file.path)?.file;
  if (there?.type !== file.kind) return false;
  const sameOwner = there.mode === file.mode && there.uid === file.uid && there.gid === file.gid;
  if (file.kind === 'symlink') return there.linkName === file.target;
  return sameOwner && (file.kind === 'directory' || there.digest === digestOf(file.content));
}
