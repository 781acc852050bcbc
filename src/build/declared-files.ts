import { PithError } from '../core/index.ts';
import { folder, type ImageFile, regularFile, safePath, symlink, type User } from '../rootfs/index.ts';
import type { FileDefinition } from './definition-types.ts';
import { timeOf } from './file-rules.ts';
import type { PlannedFile } from './planned-file.ts';

/** Largest UID and GID; the one above means "none" to the kernel (chown(2)). */
const MAX_ID = 4_294_967_294;

/** The files of a definition whose content is in memory: all but those that are taken from the disk as they are. */
export function declaredFiles(file: PlannedFile, users: readonly User[], level: string): ImageFile[] {
  const { content, link, mode, certificates, tree } = file;
  const origin = `the definition ${level}`;
  const more = {
    ...ownerOf(file, users, level),
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
  };
  if (certificates)
    return certificates.map(({ path, content: text, mtime }) =>
      regularFile(safePath(path, origin), text, origin, { ...more, mtime }),
    );
  if (tree) return [];
  const [path = ''] = pathsOf(file, level);
  const timed = { ...more, mtime: timeOf(file, 0) };
  if (link !== undefined) return [symlink(path, link, origin, timed)];
  if (file.folder) return [folder(path, origin, timed)];
  return [regularFile(path, content ?? '', origin, timed)];
}

/** Where the files lie whose content is in memory, relative to the root. */
export function pathsOf({ to = '', certificates, tree }: PlannedFile, level: string): string[] {
  const what = `the definition ${level}`;
  if (certificates) return certificates.map(({ path }) => safePath(path, what));
  return tree ? [] : [safePath(to.replace(/^\/+/, ''), what)];
}

/** @throws PithError DEFINITION_INVALID for a user that does not exist, with those that do */
export function ownerOf(
  { owner, to, from }: FileDefinition,
  users: readonly User[],
  level: string,
): { uid: number; gid: number } {
  if (owner === undefined) return { uid: 0, gid: 0 };
  const fail = (why: string, hint: string): never => {
    throw new PithError(
      'DEFINITION_INVALID',
      `the file ${to ?? from ?? ''} of ${level} belongs to ${owner}, ${why}`,
      {
        hint,
      },
    );
  };
  const [, uid, gid] = (/^(\d+):(\d+)$/.exec(owner) ?? []).map(Number);
  if (uid !== undefined && gid !== undefined) {
    if (Math.max(uid, gid) > MAX_ID) fail('which is out of range', `IDs are numbers up to ${MAX_ID}.`);
    return { uid, gid };
  }
  const user = users.find(({ name }) => name === owner);
  if (user) return { uid: user.uid, gid: user.gid };
  return fail(
    'but there is no such user',
    `The users are ${users.map(({ name }) => name).join(', ')}; or write UID:GID.`,
  );
}
