import type { Pipeline } from 'unbash';
import { type Outcome, SUCCESS } from './flow.ts';
import type { Shell } from './shell.ts';
import { Input, Output, type Streams } from './streams.ts';

/** `a | b`: each in a shell of its own, one after the other; it ends as the last one does, or the other way with `!`. */
export function runPipeline({ commands, prefixes }: Pipeline, streams: Streams, shell: Shell): Outcome {
  let { input } = streams;
  let outcome = SUCCESS;
  for (const [index, command] of commands.entries()) {
    const isLast = index === commands.length - 1;
    const output = isLast ? streams.output : new Output();
    const run = (): Outcome => shell.runNode(command, { input, output });
    outcome = commands.length === 1 ? run() : shell.subshell(run);
    if (!isLast && output) input = new Input(output.value.known ? output.value.text : undefined);
  }
  const isNegated = prefixes.filter(({ type }) => type === 'Negation').length % 2 === 1;
  if (!isNegated || outcome.leave) return outcome;
  return { status: outcome.status === undefined ? undefined : Number(outcome.status === 0) };
}
