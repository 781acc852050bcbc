import { SeveralKinds } from '../build/index.ts';
import { redact } from '../core/index.ts';
import { ask } from './ask.ts';
import type { PackFlags } from './flags.ts';

/**
 * Packs, and where a folder could be several things asks on the terminal for which it is to be packed.
 * @throws PithError APP_INVALID with the option that decides, where there is no terminal to ask on or the answer is none of them;
 * else as the work
 */
export async function askingForKind<Result>(
  flags: PackFlags,
  pack: (flags: PackFlags) => Promise<Result>,
): Promise<Result> {
  try {
    return await pack(flags);
  } catch (error) {
    const isCI = Boolean(process.env['CI']);
    const canAsk = process.stdin.isTTY && process.stderr.isTTY && !isCI && flags.json !== true;
    if (!(error instanceof SeveralKinds) || !canAsk) throw error;
    const { choices, message } = error;
    say(message);
    for (const [at, { title, kind }] of choices.entries())
      process.stderr.write(`  ${at + 1}  ${redact(title)} (${kind})\n`);
    const answer = (await ask(`Which one? [1-${choices.length}] `)).trim();
    const choice = choices[Number(answer) - 1] ?? choices.find(({ kind }) => kind === answer);
    if (!choice) throw error;
    say(`next time: --kind ${choice.kind}`);
    return await pack({ ...flags, kind: choice.kind });
  }
}

function say(text: string): void {
  process.stderr.write(redact(`pith: ${text}\n`));
}
