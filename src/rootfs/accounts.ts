import { folder, type ImageFile, regularFile } from './files.ts';

/** A user of the image: a line of passwd(5) and, where `createHome` says so, a home folder that only the user may read. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly createHome: boolean;
  /** The comment field; the name unless given. */
  readonly comment?: string;
}

/** A line of group(5). */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/**
 * `/etc/passwd`, `/etc/group` and the home folders. Nothing without users and groups.
 * @param packages names of the packages that brought some of them
 */
export function deriveAccounts(
  users: readonly User[],
  groups: readonly Group[],
  packages: readonly string[] = [],
): ImageFile[] {
  if (users.length === 0 && groups.length === 0) return [];
  const more = packages.length > 0 ? ` and of ${packages.join(', ')}` : '';
  const passwd = users.map(
    ({ name, uid, gid, home, shell, comment = name }) =>
      `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}\n`,
  );
  const group = groups.map(({ name, gid, members }) => `${name}:x:${gid}:${members.join(',')}\n`);
  const homes = users.filter((user) => user.createHome);
  return [
    regularFile('etc/passwd', passwd.join(''), `the users of the definition${more}`),
    regularFile('etc/group', group.join(''), `the groups of the definition${more}`),
    ...homes.map((user) =>
      folder(user.home.replace(/^\/+/, ''), `the home of ${user.name}`, {
        mode: 0o700,
        uid: user.uid,
        gid: user.gid,
      }),
    ),
  ];
}
