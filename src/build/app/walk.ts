import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import {
  type ApplicationKind,
  createIgnore,
  dependencyPlace,
  mayHoldDependencies,
  type ProjectFile,
} from '../../app/index.ts';
import { byText, PithError, throwIfInterrupted } from '../../core/index.ts';
import { unreadable } from '../disk-content.ts';
import { decodeName, kindOfSpecial } from '../disk-names.ts';
import type { FileState } from './file-memory.ts';

/** A file with what only the disk knows of it. */
export interface WalkedFile extends ProjectFile {
  /** Seconds since 1970, whole. */
  readonly mtime: number;
  /** Same for all names of one file that has several (hard links). */
  readonly inode: string | undefined;
  /** What tells whether its content is what it was; nothing of a link. */
  readonly state: FileState | undefined;
}

type Ignore = ReturnType<typeof createIgnore>;

/** More is no application, but the wrong folder. */
const MAX_FILES = 1_000_000;
const MAX_RULES = 1 << 20;

/**
 * Lists what a folder holds, in the order of paths, without OCI layouts and what its `.dockerignore` leaves out; nothing is read but names, links and rules. Of a
 * file, itself.
 * @param location absolute path without links
 * @param leftOut absolute paths of files and folders in it that are no part of it
 * @throws PithError APP_INVALID for what an image cannot hold, such as a socket, and for what cannot be read
 */
export function walkProject(
  location: string,
  signal: AbortSignal | undefined,
  leftOut: ReadonlySet<string> = new Set(),
): WalkedFile[] {
  const top = statOf(location, location);
  if (!top.isDirectory()) return [fileOf(basename(location), location, top)];
  const dockerignore = rulesOf(`${location}/.dockerignore`);
  const rules = createIgnore({
    ...(dockerignore === undefined ? {} : { dockerignore }),
    gitignores: new Map(),
  });
  const gitignores = new Map<string, string>();
  const files: WalkedFile[] = [];
  let hasManifest = false;
  const visit = (folder: string, within?: Kept): void => {
    throwIfInterrupted(signal);
    const members = membersOf(location, folder);
    if (folder === '') hasManifest = members.some(({ name }) => name === 'package.json');
    if (folder !== '' && isLayout(members)) return;
    for (const { name, path, full, stat, isFolder } of members) {
      if (leftOut.size > 0 && leftOut.has(full)) continue;
      const isExcluded = rules.isExcluded(path, isFolder);
      const kept = isExcluded ? keptBy(rules, path, isFolder, within, hasManifest) : undefined;
      if (isFolder) {
        const mayHold = rules.mayHoldIncluded(path) || mayHoldDependencies(path);
        if (!isExcluded || kept || mayHold) visit(path, kept ?? placeOf(path, within));
      } else if (!isExcluded || kept) {
        if (files.length === MAX_FILES)
          throw new PithError('APP_INVALID', `${location} holds more than ${MAX_FILES} files`, {
            path: location,
            hint: 'Name a smaller folder, or leave some out with a .dockerignore.',
          });
        if (name === '.gitignore') gitignores.set(folder, rulesOf(full) ?? '');
        const file = fileOf(path, full, stat);
        files.push(kept ? { ...file, dependencyOf: kept.kind } : file);
      }
    }
  };
  visit('');
  if (gitignores.size === 0) return files;
  const git = createIgnore({ gitignores });
  return files.map((file) =>
    git.isIgnoredByGit(file.path, false) ? { ...file, isIgnoredByGit: true } : file,
  );
}

/** What is seen though `.dockerignore` leaves it out. */
interface Kept {
  readonly kind: ApplicationKind;
  /** The line that leaves it out, if one leaves out all of it; what another line leaves out below it stays out then. */
  readonly line: number | undefined;
}

/** A folder whose members are named, such as by `node_modules/**`. */
function placeOf(folder: string, within: Kept | undefined): Kept | undefined {
  const kind = within?.kind ?? dependencyPlace(folder, true);
  return kind && { kind, line: within?.line };
}

function keptBy(
  rules: Ignore,
  path: string,
  isFolder: boolean,
  within: Kept | undefined,
  hasManifest: boolean,
): Kept | undefined {
  const kind = within?.kind ?? dependencyPlace(path, isFolder);
  if (kind === undefined || (kind === 'nodejs' && !hasManifest)) return undefined;
  const line = rules.namedBy(path);
  const isOther = within?.line !== undefined && within.line !== line;
  return line === undefined || isOther ? undefined : { kind, line };
}

/** Whether a folder is an OCI layout, such as the images that were packed into the project before. */
function isLayout(members: readonly Member[]): boolean {
  return ['oci-layout', 'index.json', 'blobs'].every((wanted) => members.some(({ name }) => name === wanted));
}

interface Member {
  readonly name: string;
  readonly path: string;
  readonly full: string;
  readonly stat: Stats;
  readonly isFolder: boolean;
}

/** What lies in a folder, in the order that all paths have then: `a-b` is before `a/b`, though `a` is before `a-b`. */
function membersOf(location: string, folder: string): Member[] {
  const place = folder === '' ? location : `${location}/${folder}`;
  const members: Member[] = [];
  for (const name of namesIn(place, folder)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const full = `${place}/${name}`;
    const stat = statOf(full, path);
    members.push({ name, path, full, stat, isFolder: stat.isDirectory() });
  }
  return members.sort(byRank);
}

function byRank(a: Member, b: Member): number {
  if (!a.isFolder && !b.isFolder) return byText(a.name, b.name);
  return byText(a.isFolder ? `${a.name}/` : a.name, b.isFolder ? `${b.name}/` : b.name);
}

function fileOf(path: string, full: string, stat: Stats): WalkedFile {
  const { dev, ino, size, mtimeMs, ctimeMs } = stat;
  const isExecutable = (stat.mode & 0o100) !== 0;
  const mtime = Math.max(0, Math.floor(mtimeMs / 1000));
  const isIgnoredByGit = false;
  if (stat.isFile()) {
    const inode = stat.nlink > 1 ? `${dev}:${ino}` : undefined;
    const state = { dev, ino, size, mtimeMs, ctimeMs };
    return { path, type: 'file', size, isExecutable, target: '', isIgnoredByGit, mtime, inode, state };
  }
  if (stat.isSymbolicLink()) {
    const target = decodeName(
      readlinkSync(full, { encoding: 'buffer' }),
      full,
      `the target of the link ${path}`,
      'APP_INVALID',
    );
    const none = { size: 0, inode: undefined, state: undefined };
    return { path, type: 'symlink', isExecutable, target, isIgnoredByGit, mtime, ...none };
  }
  const kind = kindOfSpecial(stat);
  throw new PithError('APP_INVALID', `${path} is a ${kind}, which images do not hold`, {
    path: full,
    hint: 'Remove it, or leave it out with a line in .dockerignore.',
  });
}

function rulesOf(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  if (stat.size > MAX_RULES)
    throw new PithError('APP_INVALID', `${path} is larger than ${MAX_RULES} bytes`, { path });
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, basename(path), error);
  }
}

function statOf(path: string, name: string): Stats {
  try {
    return lstatSync(path);
  } catch (error) {
    throw unreadable(path, name, error);
  }
}

function namesIn(path: string, name: string): string[] {
  try {
    const names = readdirSync(path);
    if (!names.some((one) => one.includes(REPLACEMENT))) return names;
    return readdirSync(path, { encoding: 'buffer' }).map((bytes) =>
      decodeName(bytes, path, `a name in ${name === '' ? basename(path) : name}`, 'APP_INVALID'),
    );
  } catch (error) {
    if (error instanceof PithError) throw error;
    throw unreadable(path, name, error);
  }
}

/** What stands for bytes that are not UTF-8, and for itself. */
const REPLACEMENT = '\uFFFD';
