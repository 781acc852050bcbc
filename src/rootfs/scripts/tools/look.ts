import { baseOf, folderOf } from '../../tree-lookup.ts';
import type { User } from '../../accounts.ts';
import type { AccountBook } from '../account-book.ts';
import { type Call, DONE, FAILED, type Host, pathOf, type Result, type Tool } from '../host.ts';
import { readOptions } from '../options.ts';
import { isSoundPath } from '../sound-path.ts';
import { known, trimEnd, unknown } from '../value.ts';

const UNKNOWN: Result = { status: undefined };

function print(text: string): Result {
  return { status: 0, output: known(`${text}\n`) };
}

export const basename: Tool = ({ args }) => {
  const [path = '', suffix = '', more] = args;
  if (!isSoundPath(path) || path.startsWith('-') || more !== undefined) return UNKNOWN;
  const name = baseOf(trimEnd(path, '/')) || '/';
  return print(
    name !== suffix && suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name,
  );
};

export const dirname: Tool = ({ args }) => {
  const [path = '', more] = args;
  if (!isSoundPath(path) || path.startsWith('-') || more !== undefined) return UNKNOWN;
  const trimmed = trimEnd(path, '/');
  if (!trimmed.includes('/')) return print(path.startsWith('/') ? '/' : '.');
  return print(trimEnd(folderOf(trimmed), '/') || '/');
};

/** cat(1) of its input and of files that scripts made. */
export const cat: Tool = (call, host) => {
  if (call.args.some((arg) => arg.startsWith('-') && arg !== '-')) return UNKNOWN;
  const texts = (call.args.length === 0 ? ['-'] : call.args).map((word) => {
    const path = pathOf(word, call);
    if (word === '-') return call.readInput();
    if (path === '/dev/null') return '';
    const made = path === undefined ? undefined : host.tree.madeFile(path);
    return made && Buffer.from(made.content).toString('utf8');
  });
  if (texts.every((text) => text !== undefined)) return { status: 0, output: known(texts.join('')) };
  return areAbsent(call.args, call, host) ? { status: 1, output: known('') } : UNKNOWN;
};

/** cut(1) with -d and -f. */
export const cut: Tool = ({ args, readInput }) => {
  const input = readInput();
  const options = readOptions(args, { flags: 's', values: 'df', long: { delimiter: 'd', fields: 'f' } });
  const delimiter = options?.value('d') ?? '\t';
  const [, from = '', dash = '', to = ''] = /^(\d{1,3})(-?)(\d{0,3})$/.exec(options?.value('f') ?? '') ?? [];
  if (input === undefined || !options || options.operands.length > 0 || options.has('s') || from === '')
    return UNKNOWN;
  const lines = linesOf(input).map((line) => {
    if (!line.includes(delimiter)) return line;
    const last = dash === '' ? Number(from) : to === '' ? undefined : Number(to);
    return line
      .split(delimiter)
      .slice(Number(from) - 1, last)
      .join(delimiter);
  });
  return { status: 0, output: known(lines.map((line) => `${line}\n`).join('')) };
};

/** head(1) and tail(1) of their input. */
export const headOrTail: Tool = ({ name, args, readInput }) => {
  const input = readInput();
  const [, count = ''] = /^-n?\s?(\d{1,4})$/.exec(args.join(' ')) ?? [];
  if (input === undefined || (args.length > 0 && count === '')) return UNKNOWN;
  const lines = linesOf(input);
  const number = count === '' ? 10 : Number(count);
  const kept = name === 'head' ? lines.slice(0, number) : lines.slice(Math.max(0, lines.length - number));
  return { status: 0, output: known(kept.map((line) => `${line}\n`).join('')) };
};

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** expr(1) of two numbers. */
export const expr: Tool = ({ args }) => {
  const [left = '', operator = '', right = '', more] = args;
  if (![left, right].every((text) => /^-?\d{1,9}$/.test(text)) || more !== undefined) return UNKNOWN;
  const [a, b] = [Number(left), Number(right)];
  const results: Readonly<Record<string, number | boolean>> = {
    '+': a + b,
    '-': a - b,
    '*': a * b,
    '<': a < b,
    '<=': a <= b,
    '=': a === b,
    '!=': a !== b,
    '>=': a >= b,
    '>': a > b,
  };
  if (!Object.hasOwn(results, operator)) return UNKNOWN;
  const value = Number(results[operator]);
  return { ...print(String(value)), status: value === 0 ? 1 : 0 };
};

/** readlink(1) and realpath(1) */
export const readlink: Tool = (call, { tree }) => {
  const options = readOptions(call.args, { flags: 'efmnqsv', values: '', long: { canonicalize: 'f' } });
  const [word = '', more] = options?.operands ?? [];
  const path = pathOf(word, call);
  if (!options || path === undefined || more !== undefined || tree.isDoubtful(path)) return UNKNOWN;
  const isCanonical = call.name === 'realpath' || ['e', 'f', 'm'].some((letter) => options.has(letter));
  if (!isCanonical) {
    const file = tree.linkOrFile(path);
    return file?.type === 'symlink' ? print(file.linkName) : { ...FAILED, output: known('') };
  }
  const at = tree.resolve(path) ?? tree.locate(path);
  return at === undefined ? UNKNOWN : print(`/${at}`);
};

/** `getent passwd NAME` and `getent group NAME` (getent(1)) */
export const getent: Tool = ({ args }, { accounts }) => {
  const [database = '', key, more] = args.filter((arg) => !arg.startsWith('-'));
  if (key === undefined || more !== undefined) return UNKNOWN;
  if (database === 'passwd') {
    const user = accounts.user(key) ?? accounts.users().find(({ uid }) => String(uid) === key);
    if (!user) return { status: 2, output: known('') };
    const { name, uid, gid, comment = name, home, shell } = user;
    return print([name, 'x', uid, gid, comment, home, shell].join(':'));
  }
  if (database !== 'group') return UNKNOWN;
  const group = accounts.group(key) ?? accounts.groups().find(({ gid }) => String(gid) === key);
  return group
    ? print([group.name, 'x', group.gid, group.members.join(',')].join(':'))
    : { status: 2, output: known('') };
};

/** id(1) of a user by name. */
export const id: Tool = ({ args }, { accounts }) => {
  const options = readOptions(args, {
    flags: 'ugnGr',
    values: '',
    long: { user: 'u', group: 'g', name: 'n' },
  });
  const [name, more] = options?.operands ?? [];
  if (!options || more !== undefined || (options.has('G') && !options.has('n'))) return UNKNOWN;
  if (name === undefined) return options.has('u') && !options.has('n') ? print('0') : UNKNOWN;
  const user = accounts.user(name);
  if (!user) return { ...FAILED, output: known('') };
  if (options.has('G')) return print(groupsOf(user, accounts).join(' '));
  if (options.has('u')) return print(options.has('n') ? name : String(user.uid));
  if (!options.has('g')) return DONE;
  const group = accounts.groups().find(({ gid }) => gid === user.gid);
  return print(options.has('n') && group ? group.name : String(user.gid));
};

function groupsOf(user: User, accounts: AccountBook): string[] {
  const groups = accounts.groups();
  const own = groups.filter(({ gid }) => gid === user.gid);
  const more = groups.filter(({ gid, members }) => gid !== user.gid && members.includes(user.name));
  return [...own, ...more].map(({ name }) => name);
}

/** grep(1) of files that are not there, and with -q of its input for words in which no sign but the dot has a meaning. */
export const grep: Tool = (call, host) => {
  const options = readOptions(call.args, {
    flags: 'aceEFhHiIlLnoPqrRsvwxz',
    values: '',
    long: {
      quiet: 'q',
      silent: 'q',
      'no-messages': 's',
      'word-regexp': 'w',
      'line-regexp': 'x',
      'fixed-strings': 'F',
      'extended-regexp': 'E',
      'ignore-case': 'i',
      'invert-match': 'v',
    },
  });
  const [word = '', ...files] = options?.operands ?? [];
  if (!options || options.has('e')) return UNKNOWN;
  if (files.length > 0) return areAbsent(files, call, host) ? { status: 2, output: known('') } : UNKNOWN;
  const input = call.readInput();
  const isPlain = !['i', 'v', 'c', 'P'].some((letter) => options.has(letter));
  if (!options.has('q') || !isPlain || input === undefined || !/^[A-Za-z0-9_:/. -]+$/.test(word))
    return UNKNOWN;
  const hasDot = word.includes('.') && !options.has('F');
  if (hasDot && (options.has('x') || options.has('w'))) return UNKNOWN;
  const pattern = new RegExp(hasDot ? word : word.replaceAll('.', '\\.'), 's');
  const isFound = linesOf(input).some((line) =>
    options.has('x')
      ? line === word
      : options.has('w')
        ? ` ${line} `
            .split(/[^A-Za-z0-9_]/)
            .join(' ')
            .includes(` ${word} `)
        : pattern.test(line),
  );
  return isFound ? DONE : FAILED;
};

/** stat(1) -c of mode and owner. */
export const stat: Tool = (call, { tree, accounts }) => {
  const options = readOptions(call.args, {
    flags: 'L',
    values: 'c',
    long: { format: 'c', dereference: 'L' },
  });
  const [word = '', more] = options?.operands ?? [];
  const format = options?.value('c') ?? '';
  const path = pathOf(word, call);
  if (!options || more !== undefined || path === undefined || tree.isDoubtful(path)) return UNKNOWN;
  const file = options.has('L') ? tree.file(path) : tree.linkOrFile(path);
  if (!file) return { ...FAILED, output: known('') };
  const values: Readonly<Record<string, string | undefined>> = {
    '%a': file.mode.toString(8),
    '%u': String(file.uid),
    '%g': String(file.gid),
    '%U': accounts.users().find(({ uid }) => uid === file.uid)?.name,
    '%G': accounts.groups().find(({ gid }) => gid === file.gid)?.name,
  };
  const parts = format.split(/(%.)/s).map((part) => (part.startsWith('%') ? values[part] : part));
  return format === '' || parts.includes(undefined) ? UNKNOWN : print(parts.join(''));
};

/** find(1) below folders that are not there. */
export const find: Tool = (call, host) => {
  const end = call.args.findIndex((arg) => /^[-(!]/.test(arg));
  const folders = end < 0 ? call.args : call.args.slice(0, end);
  return areAbsent(folders, call, host) ? { status: 1, output: known('') } : UNKNOWN;
};

/** `ls FILE…`, of which scripts want to know whether it fails. */
export const ls: Tool = (call, host) => {
  const words = call.args.filter((arg) => !arg.startsWith('-'));
  const found = words.map((word) => {
    const path = pathOf(word, call);
    return path === undefined || host.tree.isDoubtful(path) ? undefined : host.tree.file(path) !== undefined;
  });
  if (found.includes(undefined) || words.length === 0) return UNKNOWN;
  if (found.includes(false)) return found.includes(true) ? { status: 2 } : { status: 2, output: known('') };
  return { status: 0, output: unknown('$(ls)') };
};

function areAbsent(words: readonly string[], call: Call, { tree }: Host): boolean {
  if (words.length === 0) return false;
  return words.every((word) => {
    const path = pathOf(word, call);
    return path !== undefined && !tree.isDoubtful(path) && !tree.linkOrFile(path);
  });
}
