import { canonicalJson } from '../core/index.ts';
import { type ListedFile, matcher, parentsOf } from '../rootfs/index.ts';
import type { BaseContents } from './base-image.ts';
import { type RebaseFinding, showPath } from './rebase-report.ts';
import type { Root } from './rebase-root.ts';

/** What builds and engines write by the way; no program is the worse for an old one. */
const isByTheWay = matcher([
  'etc/ld.so.cache',
  'etc/hostname',
  'etc/hosts',
  'etc/resolv.conf',
  'var/cache/**',
  'var/log/**',
  'var/tmp/**',
  'tmp/**',
  'run/**',
]);

/** What the checks of a platform found so far. */
export interface Findings {
  readonly findings: RebaseFinding[];
  readonly notes: string[];
}

interface Bases {
  readonly oldBase: BaseContents;
  readonly newBase: BaseContents;
  readonly oldRoot: Root;
  readonly newRoot: Root;
}

/**
 * Whether the application's layers leave alone what is the base's: no file of the old base is changed or deleted, none hides a
 * newer one, none takes the place of a folder or link of the new base.
 */
export function checkFiles(
  { oldBase, newBase, oldRoot, newRoot }: Bases,
  { findings, notes }: Findings,
): void {
  const report = (path: string, message: string): void => {
    if (isByTheWay(path)) notes.push(`${message}; programs do not depend on it`);
    else findings.push({ check: 'files', path, message });
  };
  const before = new Map(oldBase.files.map((file) => [file.path, file]));
  const told = new Set<string>();
  for (const file of inOrder(oldBase.files)) {
    const { path } = file;
    const now = oldRoot.files.get(path);
    if (now === file || parentsOf(path).some((parent) => told.has(parent))) continue;
    if (now && isSame(file, now)) continue;
    if (now?.type === 'directory' && file.type === 'directory') {
      notes.push(`the application gives the folder ${showPath(path)} of the old base another mode or owner`);
      continue;
    }
    told.add(path);
    report(path, `${showPath(path)} of the old base is ${now ? 'changed' : 'deleted'} by the application`);
  }
  for (const file of inOrder(newBase.files)) {
    const { path } = file;
    const now = newRoot.files.get(path);
    if (now === file || [path, ...parentsOf(path)].some((one) => told.has(one))) continue;
    if (now && (isSame(file, now) || (now.type === 'directory' && file.type === 'directory'))) continue;
    told.add(path);
    const isFolder = file.type === 'directory' || now?.type === 'directory';
    if (now && before.has(path))
      report(path, `the application has ${showPath(path)} as the old base had it and would hide the new one`);
    else if (now && isFolder)
      report(
        path,
        `${showPath(path)} is a ${kindOf(now)} of the application, but a ${kindOf(file)} of the new base`,
      );
    else
      notes.push(
        `the application hides ${showPath(path)}, which the new base has and the old one did not have`,
      );
  }
  const wereBlocked = new Set(oldRoot.files.blocked);
  for (const path of newRoot.files.blocked.filter((one) => !wereBlocked.has(one)))
    report(
      path,
      `${showPath(path)} of the application would lie below something that is no folder in the new base`,
    );
}

/** Folders before what is in them. */
function inOrder(files: readonly ListedFile[]): ListedFile[] {
  const sorted = files.filter(({ path }) => path !== '.');
  return sorted.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether two files are the same but for their time. */
function isSame(one: ListedFile, other: ListedFile): boolean {
  return canonicalJson(identityOf(one)) === canonicalJson(identityOf(other));
}

function identityOf(file: ListedFile): unknown[] {
  const { type, mode, uid, gid, size, digest, linkName, deviceMajor, deviceMinor, xattrs = {} } = file;
  // The mode of a link says nothing, and archives write it as they like.
  return [
    type,
    type === 'symlink' ? 0 : mode,
    uid,
    gid,
    size,
    digest,
    linkName,
    deviceMajor,
    deviceMinor,
    xattrs,
  ];
}

function kindOf({ type }: ListedFile): string {
  const names = { directory: 'folder', symlink: 'link', hardlink: 'hard link' };
  return Object.hasOwn(names, type) ? names[type as keyof typeof names] : type;
}
