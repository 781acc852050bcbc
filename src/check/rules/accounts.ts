import type { Fault, Rule } from '../model.ts';
import { showList, showText } from '../show.ts';

export const ACCOUNT_RULES: readonly Rule[] = [
  {
    id: 'duplicate-account',
    severity: 'warning',
    title: 'A user or group is there twice',
    why: 'Two users with one number are the same user to the kernel; of two lines with one name only the first is ever found.',
    mend: 'Give each user and each group a name and a number of its own.',
    *find(subject) {
      const { accounts, groups } = subject;
      const users = accounts.map(({ name, uid }) => ({ name, number: uid }));
      yield* twice(users, 'user', { path: 'etc/passwd' });
      yield* twice(
        groups.map(({ name, gid }) => ({ name, number: gid })),
        'group',
        { path: 'etc/group' },
      );
    },
  },
  {
    id: 'empty-password',
    severity: 'error',
    title: 'An account has an empty password',
    why: 'Anybody may become this user, with any program that asks for passwords.',
    mend: 'Lock the account: `*` in place of the empty field of /etc/shadow, or `x` in that of /etc/passwd.',
    *find(subject) {
      for (const { name, emptyPassword } of subject.accounts)
        if (emptyPassword) yield { message: `${showText(name)} has an empty password`, path: 'etc/passwd' };
      for (const { name, state } of subject.factAt('etc/shadow', 'passwords')?.passwords ?? [])
        if (state === 'empty')
          yield { message: `${showText(name)} has an empty password`, path: 'etc/shadow' };
    },
  },
];

interface Entry {
  readonly name: string;
  readonly number: number;
}

function* twice(entries: readonly Entry[], kind: string, place: { path: string }): Generator<Fault> {
  for (const [number, same] of groupBy(entries, (entry) => entry.number))
    if (same.length > 1)
      yield { message: `${showList(same.map(({ name }) => name))} have the same number ${number}`, ...place };
  for (const [name, same] of groupBy(entries, (entry) => entry.name))
    if (same.length > 1)
      yield { message: `there are ${same.length} lines for the ${kind} ${showText(name)}`, ...place };
}

function groupBy<Key>(entries: readonly Entry[], keyOf: (entry: Entry) => Key): Map<Key, Entry[]> {
  const groups = new Map<Key, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group) group.push(entry);
    else groups.set(keyOf(entry), [entry]);
  }
  return groups;
}
