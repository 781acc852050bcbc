import type { Account, FileEntry, GroupsFact } from '../inspect/index.ts';

type Groups = GroupsFact['groups'];

/** As whom an image runs. */
export interface RunUser {
  /** As the configuration has it. */
  readonly text: string;
  /** The part of it that names a user, empty if none does. */
  readonly user: string;
  /** Undefined for a name that the image does not know. */
  readonly uid: number | undefined;
  readonly gids: ReadonlySet<number>;
  /** Names that the image does not know. */
  readonly unknown: readonly { readonly kind: 'user' | 'group'; readonly name: string }[];
}

const NUMBER = /^\d+$/;

/**
 * Finds out whom `config.User` means (OCI image-spec 1.1, config.md): `user`, `uid`, `user:group` …; nothing is root.
 * As in runc, a number is a number, even if an account has it as its name.
 */
export function runUserOf(text: string, accounts: readonly Account[], groups: Groups): RunUser {
  const [user = '', group = ''] = text.split(':');
  const account = accounts.find(
    NUMBER.test(user) ? ({ uid }) => uid === Number(user) : ({ name }) => name === user,
  );
  const uid = user === '' ? 0 : NUMBER.test(user) ? Number(user) : account?.uid;
  const known = groups.find(({ name }) => name === group);
  const gid = group === '' ? (account?.gid ?? 0) : NUMBER.test(group) ? Number(group) : known?.gid;
  const more = group === '' && account ? groups.filter(({ members }) => members.includes(account.name)) : [];
  return {
    text,
    user,
    uid,
    gids: new Set([...(gid === undefined ? [] : [gid]), ...more.map((one) => one.gid)]),
    unknown: [
      ...(uid === undefined ? [{ kind: 'user' as const, name: user }] : []),
      ...(gid === undefined ? [{ kind: 'group' as const, name: group }] : []),
    ],
  };
}

/**
 * Whether a user may execute a file, or enter a folder (path_resolution(7), execve(2)): root needs one bit of the three.
 * Whoever is not known is taken for somebody else.
 */
export function mayExecute(
  { uid, gids }: Pick<RunUser, 'uid' | 'gids'>,
  file: Pick<FileEntry, 'mode' | 'uid' | 'gid' | 'type'>,
): boolean {
  if (uid === 0) return file.type === 'directory' || (file.mode & 0o111) !== 0;
  if (uid === file.uid) return (file.mode & 0o100) !== 0;
  return (file.mode & (gids.has(file.gid) ? 0o010 : 0o001)) !== 0;
}
