import type { AndOr, Case, CompoundList, If } from 'unbash';
import { expandTokens, expandValue } from './expand.ts';
import { type Outcome, statusOfTruth, SUCCESS } from './flow.ts';
import { matchValue } from './glob.ts';
import type { Shell } from './shell.ts';
import type { Streams } from './streams.ts';
import { or } from './test-expression.ts';
import type { Value } from './value.ts';

/** `a && b || c` */
export function runAndOr({ commands, operators }: AndOr, streams: Streams, shell: Shell): Outcome {
  const [first, ...rest] = commands;
  let outcome = first ? shell.runNode(first, streams) : SUCCESS;
  for (const [index, command] of rest.entries()) {
    if (outcome.leave) return outcome;
    const { status } = outcome;
    const isAnd = operators[index] === '&&';
    shell.state.status = status;
    const run = (): Outcome => shell.runNode(command, streams);
    // What is skipped after `&&` is skipped because of a failure, after `||` because of a success.
    const skip = (): Outcome => ({ status: status ?? (isAnd ? 1 : 0) });
    const text = shell.textOf(commands[index] ?? command);
    outcome = isAnd ? shell.branch(status, text, run, skip) : shell.branch(status, text, skip, run);
  }
  return outcome;
}

/** `if`, with the branches that are left of it. */
export function runIf(
  [branch, ...rest]: readonly { readonly clause: CompoundList; readonly then: CompoundList }[],
  node: If,
  streams: Streams,
  shell: Shell,
): Outcome {
  if (!branch) return node.else ? shell.runList(node.else.commands, streams) : SUCCESS;
  const test = shell.runList(branch.clause.commands, streams);
  if (test.leave) return test;
  return shell.branch(
    test.status,
    shell.textOf(branch.clause),
    () => shell.runList(branch.then.commands, streams),
    () => runIf(rest, node, streams, shell),
  );
}

/** `case`: where the word is not known, each item may be the one. */
export function runCase(node: Case, streams: Streams, shell: Shell): Outcome {
  return runItems(node, 0, expandValue(node.word, shell), streams, shell);
}

function runItems(node: Case, index: number, word: Value, streams: Streams, shell: Shell): Outcome {
  const item = node.items[index];
  if (!item) return SUCCESS;
  shell.budget.spend(1);
  const truth = item.pattern
    .map((pattern) => matchValue(word, expandTokens(pattern, shell), shell.budget))
    .reduce(or, false);
  const text = `${shell.textOf(node.word)} is ${item.pattern.map((pattern) => pattern.text).join(' or ')}`;
  return shell.branch(
    statusOfTruth(truth),
    text,
    () => shell.runList(item.body.commands, streams),
    () => runItems(node, index + 1, word, streams, shell),
  );
}
