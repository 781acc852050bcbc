import type { For, While } from 'unbash';
import { expandFields, type Field } from './expand.ts';
import { type Outcome, SUCCESS } from './flow.ts';
import type { Shell } from './shell.ts';
import type { Streams } from './streams.ts';
import { unknown } from './value.ts';

/** `for`: of a list whose length is not known, the body is followed once, for any element. */
export function runFor({ name, wordlist, body }: For, streams: Streams, shell: Shell): Outcome {
  const from = shell.doubts.count;
  const items: readonly Field[] = wordlist
    ? wordlist.flatMap((word) => expandFields(word, shell))
    : shell.state.positional.map((value) => ({ ...value, many: false }));
  let result = SUCCESS;
  for (const item of items) {
    shell.budget.spend(1);
    shell.state.set(
      name.value,
      item.many ? unknown(`$${name.value}`) : { text: item.text, known: item.known },
    );
    const run = (): Outcome => shell.runList(body.commands, streams);
    const text = `${name.value} in ${item.text}`;
    const outcome = item.many ? shell.branch(undefined, text, run, () => SUCCESS) : run();
    shell.endScope(from, ['continue']);
    result = leaveLoop(outcome);
    if (result.leave || outcome.leave?.kind === 'break') break;
  }
  shell.endScope(from, ['continue', 'break']);
  return result;
}

/** `while` and `until`: where the condition is not known, the body is followed once. */
export function runWhile(node: While, streams: Streams, shell: Shell): Outcome {
  const from = shell.doubts.count;
  const run = (): Outcome => shell.runList(node.body.commands, streams);
  let result = SUCCESS;
  for (;;) {
    shell.budget.spend(1);
    const test = shell.runList(node.clause.commands, streams);
    if (test.leave) {
      result = leaveLoop(test);
      break;
    }
    if (test.status === undefined) {
      result = leaveLoop(shell.branch(undefined, shell.textOf(node.clause), run, () => SUCCESS));
      break;
    }
    if ((test.status === 0) !== (node.kind === 'while')) break;
    const outcome = run();
    shell.endScope(from, ['continue']);
    result = leaveLoop(outcome);
    if (result.leave || outcome.leave?.kind === 'break') break;
  }
  shell.endScope(from, ['continue', 'break']);
  return result;
}

/** The outcome of a loop whose body was left: a leave of this loop ends here, one of an outer loop goes on. */
function leaveLoop({ status, leave }: Outcome): Outcome {
  if (!leave) return { status };
  if (leave.kind === 'return' || leave.kind === 'exit') return { status, leave };
  return leave.depth > 1 ? { status, leave: { ...leave, depth: leave.depth - 1 } } : { status };
}
