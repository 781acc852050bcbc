import type { Assignment, Command, CommandArgument } from 'unbash';
import { findBuiltin } from './builtins.ts';
import { expandFields, expandValue, type Field } from './expand.ts';
import { type Outcome, SUCCESS, UNCERTAIN } from './flow.ts';
import { baseOf } from '../tree-lookup.ts';
import { LEFT_OUT, pathOf } from './host.ts';
import type { Shell } from './shell.ts';
import { knowCommand } from './known-commands.ts';
import { openRedirects } from './redirects.ts';
import type { Streams } from './streams.ts';
import { findTool } from './tools/table.ts';
import { concat, known, unknown, type Value } from './value.ts';

const PROGRAM_FOLDER = /^\/(?:usr\/(?:local\/)?)?s?bin\//;

/** A simple command (POSIX.1-2017, XCU 2.9.1): assignments, redirections, and a program, function or builtin. */
export function runSimpleCommand(node: Command, streams: Streams, shell: Shell): Outcome {
  shell.substituted = SUCCESS;
  const words = [...(node.name ? [node.name] : []), ...node.args];
  const fields = words.flatMap((word) => expandArgument(word, shell));
  const assignments = node.prefix.filter((part): part is Assignment => part.type === 'Assignment');
  const opened = openRedirects(node.redirects, streams, shell);
  const [name, ...args] = fields;
  if (!name) {
    for (const assignment of assignments) assign(assignment, shell);
    // $(<FILE) gives the content of a file, which is not at hand.
    if (node.redirects.some((redirect) => redirect.type === 'Redirect' && redirect.operator === '<'))
      opened.streams.output?.write(unknown('$(<…)'));
    opened.finish(':', ':');
    return { status: shell.substituted.status };
  }
  const before = assignments.map(
    (assignment) => [assignment.name, shell.state.variables.get(assignment.name)] as const,
  );
  for (const assignment of assignments) assign(assignment, shell);
  const outcome = shell.runCommand(name, args, opened.streams);
  for (const [variable, value] of before) {
    if (value) shell.state.variables.set(variable, value);
    else shell.state.variables.delete(variable);
  }
  opened.finish(textOf(name, args), name.text);
  return outcome;
}

function expandArgument(argument: CommandArgument, shell: Shell): Field[] {
  if (argument.type === 'Word') return expandFields(argument, shell);
  const value = argument.value.type === 'Word' ? expandValue(argument.value, shell) : unknown(argument.text);
  return [{ ...concat([known(`${argument.name}=`), value]), many: false }];
}

function assign({ name, value, append, index, text }: Assignment, shell: Shell): void {
  const { state } = shell;
  if (value.type !== 'Word' || index) state.set(name, unknown(`$${name}`));
  else {
    const given = expandValue(value, shell);
    state.set(name, append ? concat([state.get(name) ?? known(''), given]) : given);
  }
  shell.budget.spend(text.length / 256);
}

/** Runs a function, a builtin or a program. */
export function runCommand(name: Field, args: readonly Field[], streams: Streams, shell: Shell): Outcome {
  if (!name.known) return reportUnknown(textOf(name, args), args, streams, shell);
  const builtin = findBuiltin(name.text);
  const isSpecial = builtin?.isSpecial ?? false;
  const own = isSpecial ? undefined : shell.state.functions.get(name.text);
  if (own) return shell.call(own, args, streams);
  if (builtin) return builtin.run({ name: name.text, args, streams, shell });
  return shell.runProgram(name.text, args, streams);
}

/** Runs a program as far as its effect is known, or reports the call. */
export function runProgram(path: string, args: readonly Field[], streams: Streams, shell: Shell): Outcome {
  const { host, state } = shell;
  const name = path.replace(PROGRAM_FOLDER, '');
  if (name.startsWith('db_')) return answerDebconf(name, shell);
  const text = textOf(known(path), args);
  const tool = findTool(name);
  const command = knowCommand(
    baseOf(path),
    args.map((arg) => arg.text),
  );
  const isKnown = args.every((arg) => arg.known);
  if (!tool || !isKnown) {
    if (!command && (!tool || tool.isChanger)) {
      // Whose a folder should be is not known: it is not made, rather than made for root.
      spoil(args, shell, /^(?:chmod|chown|chgrp|dpkg-statoverride)$/.test(name));
      return reportUnknown(text, args, streams, shell);
    }
    streams.output?.write(unknown('$(…)'));
    if (command?.kind === 'needless') shell.report(baseOf(path), true, command.why);
    return UNCERTAIN;
  }
  const result = host.run(tool.run, {
    name,
    args: args.map((arg) => arg.text),
    readInput: () => streams.input.readAll(),
    folder: state.folder,
    umask: state.umask,
  });
  shell.budget.spend(1 + args.length / 8 + (result.output?.text.length ?? 0) / 256);
  if (result.output) streams.output?.write(result.output);
  else if (!tool.isChanger && result.status === undefined) streams.output?.write(unknown('$(…)'));
  if (isTemporary(args)) return { status: result.status };
  if (result.undone !== undefined) {
    spoil(args, shell);
    const isLeftOut = host.isLeftOut(args.map((arg) => arg.text));
    shell.report(text, isLeftOut, isLeftOut ? LEFT_OUT : result.undone);
  } else if (host.hasLeftOut) shell.report(text, true, LEFT_OUT);
  else if (!host.isCertain && host.hasChanged) shell.report(text, false, '');
  else if (command?.kind === 'needless') shell.report(name, true, command.why);
  return { status: result.status };
}

/** A call of which nothing is known: it may change every file that it names. */
function reportUnknown(text: string, args: readonly Field[], streams: Streams, shell: Shell): Outcome {
  streams.output?.write(unknown('$(…)'));
  spoil(args, shell);
  shell.report(text, false, '');
  return UNCERTAIN;
}

/** Files that scripts made and that a call names, and paths without a file, are not known any more. */
function spoil(args: readonly Value[], { host: { tree }, state }: Shell, withFolders = false): void {
  for (const arg of args.filter((each) => each.known)) {
    for (const word of [arg.text, arg.text.slice(arg.text.indexOf('=') + 1)]) {
      const path = pathOf(word, state);
      if (path === undefined) continue;
      const made = tree.made(tree.resolve(path) ?? '');
      const isSpoilt = made && (withFolders || made.kind === 'file');
      if (isSpoilt || (word.startsWith('/') && !tree.linkOrFile(path))) tree.doubt(path);
    }
  }
}

/** Whether all files of a call are gone when the installation is over. */
function isTemporary(args: readonly Value[]): boolean {
  const paths = args.filter((arg) => arg.text.startsWith('/'));
  return paths.length > 0 && paths.every((path) => path.text.startsWith('/tmp/'));
}

/** Debconf's commands: the answers that they leave in $RET are not known (debconf-devel(7)). */
function answerDebconf(name: string, shell: Shell): Outcome {
  shell.state.set('RET', unknown('$RET'));
  const command = knowCommand('debconf', []);
  if (command?.kind === 'needless') shell.report('debconf', true, command.why);
  return name === 'db_input' || name === 'db_go' ? UNCERTAIN : SUCCESS;
}

function textOf(name: Value, args: readonly Value[]): string {
  return [name, ...args].map(({ text }) => (text === '' ? "''" : text)).join(' ');
}
