import { PithError } from '../core/index.ts';
import type { LoadedDefinition } from './image-spec.ts';

/** An entry of `users` or `groups`, and where it stands. */
interface Entry {
  readonly name: string;
  readonly id: number;
  /** `users.1` */
  readonly key: string;
  readonly path: string;
}

/**
 * A user or group is one name and one number.
 * @param chain definitions that extend each other, the most basic one first
 * @throws PithError DEFINITION_INVALID if two entries of `users`, or of `groups`, have the same name or number
 */
export function checkAccounts(chain: readonly Pick<LoadedDefinition, 'definition' | 'path'>[]): void {
  const users = chain.flatMap(({ definition: { users: list = [] }, path }) =>
    list.map(({ name, uid }, index): Entry => ({ name, id: uid, key: `users.${index}`, path })),
  );
  const groups = chain.flatMap(({ definition: { groups: list = [] }, path }) =>
    list.map(({ name, gid }, index): Entry => ({ name, id: gid, key: `groups.${index}`, path })),
  );
  checkUnique(users, 'name', 'name');
  checkUnique(users, 'id', 'uid');
  checkUnique(groups, 'name', 'name');
  checkUnique(groups, 'id', 'gid');
}

function checkUnique(entries: readonly Entry[], by: 'name' | 'id', what: string): void {
  const seen = new Map<string | number, Entry>();
  for (const entry of entries) {
    const { key, path, name } = entry;
    const other = seen.get(entry[by]);
    if (other) {
      const where = other.path === path ? '' : ` of ${other.path}`;
      throw new PithError(
        'DEFINITION_INVALID',
        `${path}: \`${key}\` (${name}) has the ${what} ${entry[by]}, which \`${other.key}\`${where} (${other.name}) has already`,
        { path, hint: `Leave one of the two out, or give one another ${what}.` },
      );
    }
    seen.set(entry[by], entry);
  }
}
