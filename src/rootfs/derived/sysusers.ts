import { type AccountBook, SYSTEM_MAX } from '../scripts/account-book.ts';
import { isAccountName, isAccountText } from '../scripts/account-text.ts';
import { configurationLines, expandSpecifiers, splitWords } from '../scripts/conf-words.ts';

/** A file of usr/lib/sysusers.d. */
export interface SysusersFile {
  /** Its name without folder, by which files are ordered. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Name of the package. */
  readonly origin: string;
}

/** A line that was not followed. */
export interface SkippedLine {
  readonly origin: string;
  readonly line: string;
  readonly why: string;
}

type Line = { readonly origin: string; readonly line: string } & (
  | { readonly type: 'g'; readonly name: string; readonly id: string }
  | {
      readonly type: 'u';
      readonly name: string;
      readonly id: string;
      readonly comment: string;
      readonly home: string;
      readonly shell: string;
    }
  | { readonly type: 'm'; readonly name: string; readonly group: string }
  | { readonly type: 'r'; readonly first: number; readonly last: number }
);

/** What of the image a line may ask for: who owns a file. */
type FindOwner = (path: string) => { readonly uid: number; readonly gid: number } | undefined;

const MAX_LINES = 1000;
const MAX_RANGES = 16;
/** Highest number that is looked for: those above are not a system's own. */
const MAX_NUMBER = 65533;
const NOGROUP = { name: 'nogroup', gid: 65534 };

/**
 * Adds the users and groups of sysusers.d(5), as systemd-sysusers would: files in the order of their names, of two lines
 * for one name the first, groups before users, and numbers that are left to it from 999 downwards. Who is in the image
 * already stays as is.
 */
export function addSysusers(
  files: readonly SysusersFile[],
  accounts: AccountBook,
  findOwner: FindOwner,
): SkippedLine[] {
  const skipped: SkippedLine[] = [];
  const lines = [...files]
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .flatMap(({ content, origin }) => configurationLines(content).map((line) => ({ line, origin })))
    .slice(0, MAX_LINES)
    .flatMap(({ line, origin }) => {
      const parsed = parseLine(line, origin);
      if (typeof parsed !== 'string') return [parsed];
      skipped.push({ origin, line, why: parsed });
      return [];
    });
  const plan = new Plan(lines, accounts, findOwner);
  plan.apply();
  return [...skipped, ...plan.skipped];
}

function parseLine(line: string, origin: string): Line | string {
  const split = splitWords(line, 6);
  if (split?.rest !== '') return 'it cannot be read';
  const words = split.words.map((word) => (word === '-' ? '' : expandSpecifiers(word)));
  if (words.includes(undefined)) return 'it depends on the running machine';
  const [type = '', name = '', id = '', comment = '', home = '', shell = ''] = words as string[];
  const isSound =
    isAccountText(comment) && [home, shell].every((path) => /^(?:|\/.*)$/.test(path) && isAccountText(path));
  switch (type) {
    case 'u':
    case 'u!':
      return isAccountName(name) && isSound
        ? { type: 'u', name, id, comment, home, shell, origin, line }
        : 'it cannot be read';
    case 'g':
      return isAccountName(name) ? { type: 'g', name, id, origin, line } : 'it cannot be read';
    case 'm':
      return isAccountName(name) && isAccountName(id)
        ? { type: 'm', name, group: id, origin, line }
        : 'it cannot be read';
    case 'r': {
      const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(id) ?? [];
      return first === undefined
        ? 'it cannot be read'
        : { type: 'r', first: Number(first), last: Number(last), origin, line };
    }
    default:
      return 'it cannot be read';
  }
}

class Plan {
  readonly skipped: SkippedLine[] = [];
  readonly #accounts: AccountBook;
  readonly #findOwner: FindOwner;
  /** By name, in the order of the lines. */
  readonly #users = new Map<string, Extract<Line, { type: 'u' }>>();
  readonly #groups = new Map<string, Extract<Line, { type: 'g' }>>();
  /** Groups that lines of their own make. */
  readonly #made = new Set<string>();
  readonly #members: Extract<Line, { type: 'm' }>[];
  readonly #ranges: readonly { readonly first: number; readonly last: number }[];
  /** The number before the next one to be tried. */
  #next: number;

  constructor(lines: readonly Line[], accounts: AccountBook, findOwner: FindOwner) {
    this.#accounts = accounts;
    this.#findOwner = findOwner;
    this.#members = lines.filter((line) => line.type === 'm');
    const ranges = lines.filter((line) => line.type === 'r');
    this.#ranges = ranges.length > 0 ? ranges.slice(0, MAX_RANGES) : [{ first: 1, last: SYSTEM_MAX }];
    this.#next = Math.min(MAX_NUMBER, Math.max(...this.#ranges.map(({ last }) => last))) + 1;
    for (const line of lines) {
      if (line.type === 'u' && !this.#users.has(line.name)) this.#users.set(line.name, line);
      if (line.type === 'g' && !this.#groups.has(line.name)) this.#groups.set(line.name, line);
    }
    for (const group of new Set(this.#members.map((line) => line.group))) {
      const members = this.#members.filter((line) => line.group === group);
      for (const { name, origin, line } of members)
        if (!this.#users.has(name))
          this.#users.set(name, { type: 'u', name, id: '', comment: '', home: '', shell: '', origin, line });
      const [first] = members;
      if (first && !this.#users.has(group) && !this.#groups.has(group))
        this.#groups.set(group, { type: 'g', name: group, id: '', origin: first.origin, line: first.line });
    }
  }

  apply(): void {
    for (const line of this.#groups.values()) {
      if (!this.#accounts.group(line.name)) this.#made.add(line.name);
      this.#addGroup(line, line.name, line.id);
    }
    for (const line of this.#users.values()) this.#addUser(line);
    for (const { name, group, origin } of this.#members) this.#accounts.addMember(name, group, origin, true);
  }

  /** @returns the group's number */
  #addGroup(line: Line, name: string, id: string, wish?: number): number | undefined {
    const there = this.#accounts.group(name);
    if (there) return there.gid;
    const own = numberOf(id);
    const gid =
      own !== undefined && !this.#taken(undefined).has(own)
        ? own
        : ([this.#owner(id)?.gid, wish].find((one) => one !== undefined && !this.#taken(name).has(one)) ??
          this.#search(name));
    if (gid === undefined) this.#skip(line, 'there is no free number');
    else this.#accounts.addGroup({ name, gid, members: [] }, line.origin);
    return gid;
  }

  #addUser(line: Extract<Line, { type: 'u' }>): void {
    const { name, id, comment, home, shell, origin } = line;
    if (this.#accounts.user(name)) return;
    const [userId = '', groupId] = id.startsWith('/') ? [id] : id.split(':');
    const wish = this.#wish(userId);
    const gid =
      groupId === undefined ? this.#addGroup(line, name, '', wish?.gid) : this.#groupOf(line, groupId);
    if (gid === undefined) return;
    // A number is not looked for among those of groups where a line says which group it is.
    const isStrict = groupId !== undefined || this.#made.has(name);
    const taken = isStrict ? this.#accounts.uids() : this.#taken(name);
    const isWishFree = wish !== undefined && !taken.has(wish.uid) && !this.#accounts.uids().has(wish.uid);
    const isGroupFree = this.#accounts.group(name)?.gid === gid && !this.#accounts.uids().has(gid);
    const uid = isWishFree ? wish.uid : isGroupFree ? gid : this.#search(name);
    if (uid === undefined) {
      this.#skip(line, 'there is no free number');
      return;
    }
    const user = {
      name,
      uid,
      gid,
      comment,
      home: home || '/',
      shell: shell || (uid === 0 ? '/bin/sh' : '/usr/sbin/nologin'),
      createHome: false,
    };
    this.#accounts.addUser(user, origin);
  }

  #wish(id: string): { uid: number; gid: number } | undefined {
    const number = numberOf(id);
    return number === undefined ? this.#owner(id) : { uid: number, gid: number };
  }

  #groupOf(line: Line, id: string): number | undefined {
    const number = numberOf(id);
    const isThere = number !== undefined && this.#accounts.gids().has(number);
    if (isThere || number === NOGROUP.gid) return number;
    const group = this.#accounts.group(id);
    if (group) return group.gid;
    if (id === NOGROUP.name) return NOGROUP.gid;
    this.#skip(line, `the image has no group ${id}`);
    return undefined;
  }

  /** The owner of a file that a line names; root is no new user. */
  #owner(path: string): { uid: number; gid: number } | undefined {
    const owner = path.startsWith('/') ? this.#findOwner(path) : undefined;
    return owner && owner.uid > 0 && owner.gid > 0 ? owner : undefined;
  }

  /** The highest number that is free for both, a user and a group of this name, below those that were found before. */
  #search(name: string): number | undefined {
    const taken = this.#taken(name);
    while (--this.#next > 0) {
      const id = this.#next;
      if (!taken.has(id) && this.#ranges.some(({ first, last }) => first <= id && id <= last)) return id;
    }
    return undefined;
  }

  /** Numbers of groups, and of users where a name is given: those of this name aside. */
  #taken(name: string | undefined): Set<number> {
    const isOther = (one: { name: string }): boolean => one.name !== name;
    const users = name === undefined ? [] : this.#accounts.users().filter(isOther);
    const groups = this.#accounts.groups().filter(isOther);
    return new Set([...users.map(({ uid }) => uid), ...groups.map(({ gid }) => gid)]);
  }

  #skip({ origin, line }: Line, why: string): void {
    this.skipped.push({ origin, line, why });
  }
}

/** A user's number; the two highest of 16 and 32 bits mean none (systemd.io/UIDS-GIDS). */
function numberOf(text: string): number | undefined {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return number === undefined || number === 65535 || number > 4294967294 ? undefined : number;
}
