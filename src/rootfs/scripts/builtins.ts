import type { ParsedScript } from 'unbash';
import type { Field } from './expand.ts';
import { type Leave, type Outcome, SUCCESS, UNCERTAIN } from './flow.ts';
import { echo, printf } from './printing.ts';
import type { Shell } from './shell.ts';
import { isSoundPath } from './sound-path.ts';
import type { Streams } from './streams.ts';
import { evaluateTest } from './test-expression.ts';
import { findProgram } from './test-files.ts';
import { concat, known, type Status, unknown, type Value } from './value.ts';

interface BuiltinCall {
  readonly name: string;
  readonly args: readonly Field[];
  readonly streams: Streams;
  readonly shell: Shell;
}

type Builtin = (call: BuiltinCall) => Outcome;

const FAILURE: Outcome = { status: 1 };

/** Builtins that functions cannot replace (POSIX.1-2017, XCU 2.14). */
const SPECIAL: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', () => SUCCESS],
  ['.', source],
  ['source', source],
  ['break', leaveLoops],
  ['continue', leaveLoops],
  ['eval', evaluate],
  ['exec', exec],
  ['exit', leave],
  ['export', declare],
  ['readonly', declare],
  ['return', leave],
  ['set', set],
  ['shift', shift],
  ['times', () => SUCCESS],
  ['trap', () => SUCCESS],
  ['unset', unset],
]);

const ORDINARY: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['[', test],
  ['alias', () => SUCCESS],
  ['bg', () => UNCERTAIN],
  ['cd', changeFolder],
  ['command', command],
  ['builtin', command],
  ['declare', declare],
  ['echo', print],
  ['env', env],
  ['false', () => FAILURE],
  ['getopts', getopts],
  ['hash', locate],
  ['let', () => UNCERTAIN],
  ['local', declare],
  ['mktemp', makeTemporary],
  ['printf', print],
  ['pwd', printFolder],
  ['read', read],
  ['shopt', () => UNCERTAIN],
  ['test', test],
  ['true', () => SUCCESS],
  ['type', locate],
  ['typeset', declare],
  ['ulimit', () => SUCCESS],
  ['umask', umask],
  ['wait', () => SUCCESS],
  ['which', locate],
]);

export function findBuiltin(
  name: string,
): { readonly run: Builtin; readonly isSpecial: boolean } | undefined {
  const special = SPECIAL.get(name);
  if (special) return { run: special, isSpecial: true };
  const ordinary = ORDINARY.get(name);
  return ordinary && { run: ordinary, isSpecial: false };
}

function statusOf(arg: Value | undefined, otherwise: Status): Status {
  if (!arg) return otherwise;
  return arg.known && /^\d{1,3}$/.test(arg.text) ? Number(arg.text) & 255 : undefined;
}

function leave({ name, args: [arg], shell }: BuiltinCall): Outcome {
  const kind: Leave['kind'] = name === 'exit' ? 'exit' : 'return';
  return { status: statusOf(arg, shell.state.status), leave: { kind, depth: 1 } };
}

function leaveLoops({ name, args: [arg] }: BuiltinCall): Outcome {
  const depth = arg?.known && /^[1-9]$/.test(arg.text) ? Number(arg.text) : 1;
  return { status: 0, leave: { kind: name === 'break' ? 'break' : 'continue', depth } };
}

/** What a file holds that is read is not at hand: variables may have any value afterwards. */
function source({ args: [path], shell: { state } }: BuiltinCall): Outcome {
  if (!path?.text.endsWith('/debconf/confmodule')) state.hasRead = true;
  return SUCCESS;
}

function evaluate({ args, streams, shell }: BuiltinCall): Outcome {
  const text = concat(args.flatMap((arg, index) => (index === 0 ? [arg] : [known(' '), arg])));
  if (args.length === 0) return SUCCESS;
  shell.budget.spend(1 + text.text.length / 16);
  const script = text.known ? (shell.parse(text.text) as ParsedScript) : undefined;
  if (script && (script.errors ?? []).length === 0) return shell.runScript(script, text.text, streams);
  shell.report(`eval ${text.text}`, false, '');
  shell.state.hasRead = true;
  return UNCERTAIN;
}

function exec({ args: [name, ...args], streams, shell }: BuiltinCall): Outcome {
  if (!name) return SUCCESS;
  const outcome = shell.runCommand(name, args, streams);
  return outcome.leave ? outcome : { ...outcome, leave: { kind: 'exit', depth: 1 } };
}

function declare({ name, args, shell: { state, frames } }: BuiltinCall): Outcome {
  for (const arg of args) {
    const [, variable = '', equals = '', text = ''] = /^([A-Za-z_]\w*)(=?)(.*)$/s.exec(arg.text) ?? [];
    if (variable === '') continue;
    const frame = frames.at(-1);
    const isLocal = name === 'local' || name === 'declare' || name === 'typeset';
    if (isLocal && frame && !frame.has(variable)) frame.set(variable, state.variables.get(variable));
    if (equals !== '') state.set(variable, { text, known: arg.known });
    else if (isLocal) state.variables.delete(variable);
  }
  return SUCCESS;
}

function set({ args, shell: { state } }: BuiltinCall): Outcome {
  const first = args.findIndex((arg) => !arg.known || !/^[-+][a-zA-Z]/.test(arg.text));
  const isEnd = first >= 0 && args[first]?.text === '--';
  // `set -o pipefail` has a word that is no parameter.
  if (first < 0 || (!isEnd && (args[first - 1]?.text ?? '').endsWith('o'))) return SUCCESS;
  state.positional = args.slice(isEnd ? first + 1 : first);
  state.isCountKnown = args.every((arg) => !arg.many);
  return SUCCESS;
}

function shift({ args: [arg], shell: { state, isBash } }: BuiltinCall): Outcome {
  const count = statusOf(arg, 1);
  if (count === undefined || !state.isCountKnown) {
    state.isCountKnown = false;
    state.positional = state.positional.map((_value, index) => unknown(`$${index + 1}`));
    return UNCERTAIN;
  }
  // An error of a special builtin ends a shell of POSIX (XCU 2.8.1).
  if (count > state.positional.length)
    return isBash ? FAILURE : { status: 2, leave: { kind: 'exit', depth: 1 } };
  state.positional = state.positional.slice(count);
  return SUCCESS;
}

function unset({ args, shell: { state } }: BuiltinCall): Outcome {
  const isFunction = args[0]?.text === '-f';
  for (const { text } of args) {
    if (isFunction) state.functions.delete(text);
    else if (/^\w+$/.test(text)) {
      if (state.hasRead) state.set(text, known(''));
      else state.variables.delete(text);
    }
  }
  return SUCCESS;
}

function test({ name, args, shell: { files } }: BuiltinCall): Outcome {
  const words = name === '[' ? args.slice(0, -1) : args;
  if (args.some((arg) => arg.many)) return UNCERTAIN;
  const truth = evaluateTest(words, files);
  return truth === undefined ? UNCERTAIN : { status: truth ? 0 : 1 };
}

function print({ name, args, streams: { output }, shell }: BuiltinCall): Outcome {
  if (!output) return SUCCESS;
  const text = name === 'echo' ? echo(args, shell.isBash) : printf(args);
  shell.budget.spend(1 + text.text.length / 256);
  output.write(text);
  return SUCCESS;
}

function changeFolder({ args, shell: { state, files } }: BuiltinCall): Outcome {
  const path = args.findLast((arg) => !arg.text.startsWith('-'));
  const folder = path?.known ? files.find(path.text, true) : undefined;
  if (!path || folder === undefined) {
    state.folder = undefined;
    return UNCERTAIN;
  }
  if (folder?.type !== 'directory') return FAILURE;
  const full = path.text.startsWith('/') ? path.text : `${state.folder ?? ''}/${path.text}`;
  state.folder = isSoundPath(full) ? full : undefined;
  return SUCCESS;
}

function printFolder({ streams: { output }, shell: { state } }: BuiltinCall): Outcome {
  output?.write(state.folder === undefined ? unknown('$PWD') : known(`${state.folder}\n`));
  return SUCCESS;
}

function command(call: BuiltinCall): Outcome {
  const [first, ...rest] = call.args;
  if (!first) return SUCCESS;
  if (first.known && /^-[vV]$/.test(first.text)) return locate({ ...call, args: rest });
  if (first.known && first.text === '-p') return command({ ...call, args: rest });
  const builtin = first.known ? findBuiltin(first.text) : undefined;
  if (builtin) return builtin.run({ ...call, name: first.text, args: rest });
  const { shell, streams } = call;
  return first.known ? shell.runProgram(first.text, rest, streams) : shell.runCommand(first, rest, streams);
}

function env({ args, streams, shell }: BuiltinCall): Outcome {
  const first = args.findIndex((arg) => !/^(?:-|[A-Za-z_]\w*=)/.test(arg.text));
  const name = args[first];
  if (!name) {
    streams.output?.write(unknown('$(env)'));
    return SUCCESS;
  }
  const rest = args.slice(first + 1);
  return name.known ? shell.runProgram(name.text, rest, streams) : shell.runCommand(name, rest, streams);
}

/** Where programs lie: `command -v`, `which`, `type`, `hash`. */
function locate({ name, args, streams: { output }, shell: { state, host } }: BuiltinCall): Outcome {
  const words = args.filter((arg) => !arg.text.startsWith('-'));
  if (words.some((word) => !word.known)) {
    output?.write(unknown(`$(${name} …)`));
    return UNCERTAIN;
  }
  const found = words.map(({ text }) => {
    const isOwn = state.functions.has(text) || (findBuiltin(text) !== undefined && text !== 'mktemp');
    return isOwn ? text : findProgram(text, host);
  });
  for (const path of found) if (path !== undefined) output?.write(known(`${path}\n`));
  return found.length > 0 && !found.includes(undefined) ? SUCCESS : FAILURE;
}

/** `mktemp`: a file or folder that is gone when the installation is over. */
function makeTemporary({ args, streams: { input, output }, shell }: BuiltinCall): Outcome {
  const template = args.findLast((arg) => !arg.text.startsWith('-'));
  if (template && !template.known) {
    output?.write(unknown('$(mktemp …)'));
    return UNCERTAIN;
  }
  const own = `${++shell.temporaries}`;
  const path = template?.text.startsWith('/') ? template.text.replace(/X{3,}/, own) : `/tmp/${own}`;
  const isFolder = args.some((arg) => /^-[a-z]*d/.test(arg.text));
  output?.write(known(`${path}\n`));
  const words = [...(isFolder ? ['-p'] : []), path].map((text) => ({ ...known(text), many: false }));
  return shell.runProgram(isFolder ? 'mkdir' : 'touch', words, { input, output: undefined });
}

function read({ args, streams: { input }, shell: { state } }: BuiltinCall): Outcome {
  const names = args.filter((arg) => /^[A-Za-z_]\w*$/.test(arg.text)).map((arg) => arg.text);
  const line = input.readLine();
  if (line === undefined) {
    for (const name of names) state.set(name, unknown(`$${name}`));
    return UNCERTAIN;
  }
  const separators = state.get('IFS');
  const isPlain = separators === undefined || (separators.known && separators.text === '');
  let rest = separators === undefined ? (line ?? '').trim() : (line ?? '');
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const word = isLast ? rest : (/^\S*/.exec(rest)?.[0] ?? '');
    state.set(name, isPlain && !word.includes('\\') ? known(word) : unknown(`$${name}`));
    rest = rest.slice(word.length).trimStart();
  }
  return line === null ? FAILURE : SUCCESS;
}

function getopts({ args: [, name], shell: { state } }: BuiltinCall): Outcome {
  if (name?.known) state.set(name.text, unknown(`$${name.text}`));
  state.set('OPTARG', unknown('$OPTARG'));
  return UNCERTAIN;
}

function umask({ args: [arg], streams: { output }, shell: { state } }: BuiltinCall): Outcome {
  if (!arg) output?.write(known(`${state.umask.toString(8).padStart(4, '0')}\n`));
  else if (arg.known && /^[0-7]{1,4}$/.test(arg.text)) state.umask = Number.parseInt(arg.text, 8) & 0o777;
  return SUCCESS;
}
