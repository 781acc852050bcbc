import { byText } from '../../core/index.ts';
import type { Group, User } from '../accounts.ts';

/** Highest ID of a system's own users (systemd's and Debian's SYSTEM_UID_MAX; Debian policy 9.2.2). */
export const SYSTEM_MAX = 999;
/** Lowest ID that Debian's adduser gives a system user (adduser.conf(5): FIRST_SYSTEM_UID). */
const ADDUSER_MIN = 100;

/** The users and groups of an image: those that definitions declare, and those that packages bring. */
export class AccountBook {
  /** By name. */
  readonly #declaredUsers = new Map<string, User>();
  readonly #declaredGroups = new Map<string, Group>();
  readonly #users = new Map<string, User>();
  readonly #groups = new Map<string, Group>();
  readonly #origins = new Set<string>();

  /** Adds what a definition declares; it wins over what packages bring under the same name. */
  declare(users: readonly User[], groups: readonly Group[]): void {
    for (const user of users) {
      this.#users.delete(user.name);
      this.#declaredUsers.set(user.name, user);
    }
    for (const group of groups) {
      const members = this.group(group.name)?.members ?? [];
      this.#groups.delete(group.name);
      this.#declaredGroups.set(group.name, {
        ...group,
        members: [...new Set([...group.members, ...members])],
      });
    }
  }

  users(): User[] {
    return [...this.#declaredUsers.values(), ...this.#users.values()];
  }

  groups(): Group[] {
    return [...this.#declaredGroups.values(), ...this.#groups.values()];
  }

  /** The packages that brought users, groups or members. */
  origins(): string[] {
    return [...this.#origins];
  }

  user(name: string): User | undefined {
    return this.#declaredUsers.get(name) ?? this.#users.get(name);
  }

  group(name: string): Group | undefined {
    return this.#declaredGroups.get(name) ?? this.#groups.get(name);
  }

  /** Whether a definition declares the user. */
  isDeclared(name: string): boolean {
    return this.#declaredUsers.has(name);
  }

  uids(): Set<number> {
    return new Set(this.users().map(({ uid }) => uid));
  }

  gids(): Set<number> {
    return new Set(this.groups().map(({ gid }) => gid));
  }

  /** @param origin the package that brings it */
  addUser(user: User, origin: string): void {
    this.#users.set(user.name, user);
    this.#origins.add(origin);
  }

  addGroup(group: Group, origin: string): void {
    this.#groups.set(group.name, group);
    this.#origins.add(origin);
  }

  /**
   * Makes a user a member of a group that exists.
   * @param isSorted whether the members are put in order, as systemd-sysusers does
   */
  addMember(user: string, group: string, origin: string, isSorted = false): void {
    const found = this.group(group);
    if (!found || found.members.includes(user)) return;
    const members = [...found.members, user];
    const more = { ...found, members: isSorted ? members.sort(byText) : members };
    (this.#declaredGroups.has(group) ? this.#declaredGroups : this.#groups).set(group, more);
    this.#origins.add(origin);
  }
}

/** The ID that adduser takes: the lowest free one of a system's own. */
export function lowestFree(taken: ReadonlySet<number>): number | undefined {
  for (let id = ADDUSER_MIN; id <= SYSTEM_MAX; id++) if (!taken.has(id)) return id;
  return undefined;
}
