import { digestOf, PithError } from '../core/index.ts';
import {
  deriveAccounts,
  deriveApplets,
  deriveCaBundle,
  deriveMergedUsr,
  type FileTree,
  folder,
  type Group,
  type ImageFile,
  regularFile,
  safePath,
  symlink,
  type User,
} from '../rootfs/index.ts';
import type { FileDefinition } from './definition-types.ts';
import type { Level } from './image-spec.ts';

/** What is known of an image once the packages of a level are in its tree. */
export interface LevelState {
  readonly tree: FileTree;
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  /** Content of the files that derived files are made of, by path, with their package's newest time. */
  readonly captured: ReadonlyMap<string, { readonly content: Uint8Array; readonly newest: number }>;
  readonly mergedUsr: boolean;
}

/**
 * The files that no package brings, for one level: derived from what the packages hold, then those that the definition
 * declares, which come last and win. Files that are in the tree already as they should be are left out.
 */
export function deriveFiles(level: Level, state: LevelState): ImageFile[] {
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
    ...level.packages.filter((wanted) => wanted.applets).flatMap((wanted) => applets(wanted.name, state)),
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
