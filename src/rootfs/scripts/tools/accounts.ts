import { folder as folderFile } from '../../files.ts';
import type { User } from '../../accounts.ts';
import { lowestFree, SYSTEM_MAX } from '../account-book.ts';
import { isAccountName, isAccountText } from '../account-text.ts';
import { type Call, DONE, FAILED, type Host, type Result, type Tool, undone } from '../host.ts';
import { type OptionForm, type Options, readOptions } from '../options.ts';
import { trimEnd } from '../value.ts';
import { findGroup } from './owner.ts';

const NOT_A_SYSTEMS = 'only system users are made';
const NOGROUP = 65534;

const ADDUSER: OptionForm = {
  flags: 'sgPqNfVv',
  values: 'hSiGuc',
  long: {
    system: 's',
    group: 'g',
    quiet: 'q',
    verbose: 'v',
    debug: 'v',
    'no-create-home': 'N',
    'disabled-login': 'P',
    'disabled-password': 'P',
    'force-badname': 'f',
    'allow-badname': 'f',
    'allow-bad-names': 'f',
    'allow-all-names': 'f',
    'no-encrypt-home': 'v',
    home: 'h',
    shell: 'S',
    ingroup: 'i',
    gid: 'G',
    uid: 'u',
    gecos: 'c',
    comment: 'c',
  },
};

/** adduser(8) and addgroup(8): system users and groups, and members. */
export const adduser: Tool = (call, host) => {
  const options = readOptions(call.args, ADDUSER);
  const [name = '', group, more] = options?.operands ?? [];
  if (!options || !isAccountName(name) || more !== undefined) return undone();
  if (group !== undefined) return addMember(name, group, host);
  const isGroup = call.name === 'addgroup' || (options.has('g') && !options.has('s'));
  const isSystem = options.has('s') || (isGroup && options.value('G') !== undefined);
  if (!isSystem) return undone(NOT_A_SYSTEMS);
  if (isGroup) return addGroup(name, options.value('G'), 'up', host);
  return addSystemUser(name, options, host);
};

function addSystemUser(name: string, options: Options, host: Host): Result {
  const { accounts } = host;
  if (accounts.user(name)) return DONE;
  const inGroup = options.value('i') ?? options.value('G');
  const made = options.has('g') ? addGroup(name, options.value('G'), 'up', host) : DONE;
  if (made.status !== 0) return made;
  const gid = options.has('g')
    ? (accounts.group(name)?.gid ?? 0)
    : inGroup === undefined
      ? NOGROUP
      : findGroup(inGroup, host);
  if (typeof gid === 'string') return undone(gid);
  const uid = numberOf(options.value('u')) ?? lowestFree(accounts.uids());
  const home = options.value('h') ?? '/nonexistent';
  const user = {
    name,
    comment: trimEnd(options.value('c') ?? '', ','),
    home,
    shell: options.value('S') ?? '/usr/sbin/nologin',
  };
  return addUser(user, uid, gid, home === '/nonexistent' || options.has('N') ? undefined : 0o755, host);
}

/** @param homeMode the mode of the home folder, if one is made */
function addUser(
  user: Pick<User, 'name' | 'comment' | 'home' | 'shell'>,
  uid: number | undefined,
  gid: number,
  homeMode: number | undefined,
  host: Host,
): Result {
  const { accounts, tree, owner, origin } = host;
  const isSound = [user.comment ?? '', user.home, user.shell].every(isAccountText);
  if (uid === undefined || !isSound || !user.home.startsWith('/')) return undone();
  host.change(() => {
    accounts.addUser({ ...user, uid, gid, createHome: false }, owner.name);
  });
  const at = tree.locate(user.home);
  if (homeMode !== undefined && at !== undefined && !tree.linkOrFile(user.home))
    host.put(folderFile(at, origin, { mode: homeMode, uid, gid, mtime: owner.newest }));
  return DONE;
}

function addGroup(name: string, gid: string | undefined, way: 'up' | 'down', host: Host): Result {
  const { accounts, owner } = host;
  if (accounts.group(name)) return DONE;
  const id = numberOf(gid) ?? (way === 'up' ? lowestFree(accounts.gids()) : shadowFree(accounts.gids()));
  if (id === undefined) return undone('there is no free number');
  host.change(() => {
    accounts.addGroup({ name, gid: id, members: [] }, owner.name);
  });
  return DONE;
}

function addMember(user: string, group: string, host: Host): Result {
  const { accounts, owner } = host;
  if (!accounts.user(user)) return undone(`the image has no user ${user}`);
  const found = accounts.group(group);
  if (!found) return undone(`the image has no group ${group}`);
  if (!found.members.includes(user))
    host.change(() => {
      accounts.addMember(user, group, owner.name);
    });
  return DONE;
}

/** groupadd(8) with --system */
export const groupadd: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'rfo',
    values: 'gKR',
    long: { system: 'r', force: 'f', gid: 'g' },
  });
  const [name = '', more] = options?.operands ?? [];
  if (!options || !isAccountName(name) || more !== undefined) return undone();
  if (host.accounts.group(name)) return options.has('f') ? DONE : FAILED;
  if (!options.has('r') && options.value('g') === undefined) return undone(NOT_A_SYSTEMS);
  return addGroup(name, options.value('g'), 'down', host);
};

/** useradd(8) with --system */
export const useradd: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'rmMNUlo',
    values: 'bcdegGsuKR',
    long: {
      system: 'r',
      comment: 'c',
      'home-dir': 'd',
      home: 'd',
      gid: 'g',
      groups: 'G',
      shell: 's',
      uid: 'u',
      'create-home': 'm',
      'no-create-home': 'M',
      'no-user-group': 'N',
      'user-group': 'U',
      'no-log-init': 'l',
    },
  });
  const [name = '', more] = options?.operands ?? [];
  if (!options || !isAccountName(name) || more !== undefined) return undone();
  const { accounts } = host;
  if (accounts.user(name)) return FAILED;
  if (!options.has('r')) return undone(NOT_A_SYSTEMS);
  const groups = (options.value('G') ?? '').split(',').filter((group) => group !== '');
  const absent = groups.find((group) => !accounts.group(group));
  if (absent !== undefined) return undone(`the image has no group ${absent}`);
  const uid = numberOf(options.value('u')) ?? shadowFree(accounts.uids());
  const ownGroup = options.value('g');
  if (ownGroup === undefined && !options.has('N')) addGroup(name, freeAs(uid, host), 'down', host);
  const gid = ownGroup === undefined ? (accounts.group(name)?.gid ?? 100) : findGroup(ownGroup, host);
  if (typeof gid === 'string') return undone(gid);
  const user = {
    name,
    comment: options.value('c') ?? '',
    home: options.value('d') ?? `/home/${name}`,
    shell: options.value('s') ?? '/bin/sh',
  };
  const made = addUser(user, uid, gid, options.has('m') ? 0o700 : undefined, host);
  for (const group of made === DONE ? groups : []) addMember(name, group, host);
  return made;
};

/** usermod(8): further groups, and home, shell or own group of a user that packages brought. */
export const usermod: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'aLU',
    values: 'cdgGs',
    long: { append: 'a', groups: 'G', home: 'd', shell: 's', gid: 'g', comment: 'c', lock: 'L', unlock: 'U' },
  });
  const [name = '', more] = options?.operands ?? [];
  const user = host.accounts.user(name);
  if (!options || more !== undefined) return undone();
  if (!user) return undone(`the image has no user ${name}`);
  const gid = options.value('g') === undefined ? user.gid : findGroup(options.value('g') ?? '', host);
  if (typeof gid === 'string') return undone(gid);
  const changed = {
    ...user,
    gid,
    home: options.value('d') ?? user.home,
    shell: options.value('s') ?? user.shell,
    comment: options.value('c') ?? user.comment ?? '',
  };
  if (![changed.home, changed.shell, changed.comment].every(isAccountText)) return undone();
  if (!host.accounts.isDeclared(name))
    host.change(() => {
      host.accounts.addUser(changed, host.owner.name);
    });
  const groups = (options.value('G') ?? '').split(',').filter((group) => group !== '');
  if (groups.length > 0 && !options.has('a')) return undone();
  return groups.map((group) => addMember(name, group, host)).find(({ status }) => status !== 0) ?? DONE;
};

/** gpasswd(1) -a */
export const gpasswd: Tool = (call: Call, host) => {
  const options = readOptions(call.args, { flags: '', values: 'a', long: { add: 'a' } });
  const [group = ''] = options?.operands ?? [];
  const user = options?.value('a');
  return user === undefined ? undone() : addMember(user, group, host);
};

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Lowest number of a system's own that shadow gives (login.defs(5): SYS_UID_MIN, where it is not set). */
const SHADOW_MIN = 101;

/** The number that useradd and groupadd take: below the lowest one, or, if there is none, the highest free one. */
function shadowFree(taken: ReadonlySet<number>): number | undefined {
  const own = [...taken].filter((id) => id >= SHADOW_MIN && id <= SYSTEM_MAX);
  const below = Math.min(SYSTEM_MAX + 1, ...own) - 1;
  if (below >= SHADOW_MIN) return below;
  for (let id = SYSTEM_MAX; id >= SHADOW_MIN; id--) if (!taken.has(id)) return id;
  return undefined;
}

/** A user's own group takes the user's number where that is free. */
function freeAs(uid: number | undefined, { accounts }: Host): string | undefined {
  return uid === undefined || accounts.gids().has(uid) ? undefined : String(uid);
}
