import type { Account, GroupsFact, PasswordsFact } from '../facts.ts';
import type { FileReader } from '../model.ts';
import { smallFile } from './small-file.ts';

const LIMIT = 4 << 20;
const MAX_LINES = 20_000;

type Group = GroupsFact['groups'][number];
type Password = PasswordsFact['passwords'][number];

/** `etc/passwd`, `etc/group` and `etc/shadow` (passwd(5), group(5), shadow(5)). */
export const accountsReader: FileReader = {
  open(file) {
    switch (file.path) {
      case 'etc/passwd':
        return smallFile(file, LIMIT, (bytes) => [{ kind: 'accounts', accounts: lines(bytes, readAccount) }]);
      case 'etc/group':
        return smallFile(file, LIMIT, (bytes) => [{ kind: 'groups', groups: lines(bytes, readGroup) }]);
      case 'etc/shadow':
        return smallFile(file, LIMIT, (bytes) => [
          { kind: 'passwords', passwords: lines(bytes, readPassword) },
        ]);
      default:
        return undefined;
    }
  },
};

/** The lines that make sense; a line that begins with `#`, `+` or `-` is none (comments, and entries of NIS). */
function lines<T>(bytes: Buffer, read: (fields: readonly string[]) => T | undefined): T[] {
  return bytes
    .toString('utf8')
    .split('\n', MAX_LINES)
    .filter((line) => /^[^#+\-:\s]/.test(line))
    .map((line) => read(line.split(':')))
    .filter((item) => item !== undefined);
}

function readAccount(fields: readonly string[]): Account | undefined {
  const [name = '', password = '', uid, gid, , home = '', shell = ''] = fields;
  const [user, group] = [number(uid), number(gid)];
  if (user === undefined || group === undefined) return undefined;
  return { name, uid: user, gid: group, home, shell: shell.trim(), emptyPassword: password === '' };
}

function readGroup([name = '', , gid, members = '']: readonly string[]): Group | undefined {
  const id = number(gid);
  if (id === undefined) return undefined;
  return {
    name,
    gid: id,
    members: members
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== ''),
  };
}

/** What begins with `!` or `*` is no password that anything could match, nor is what is too short for a hash. */
function readPassword([name = '', hash]: readonly string[]): Password | undefined {
  if (hash === undefined) return undefined;
  if (hash === '') return { name, state: 'empty' };
  return { name, state: /^[!*]/.test(hash) || hash.length < 13 ? 'locked' : 'set' };
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
