import { PithError } from '../core/index.ts';
import type { PackFlags } from './flags.ts';

/** Options that only a container has a use for. */
const FOR_RUNNING = [
  'engine',
  'publish',
  'volume',
  'envFile',
  'network',
  'name',
  'writable',
  'engineArg',
] as const;

/**
 * Looks whether options of `pith pack` go together with running and watching.
 * @param args of the program
 * @throws PithError USAGE for options that say nothing without others, or contradict each other
 */
export function checkRunFlags(flags: PackFlags, args: readonly string[]): void {
  const { run = false, watch = false, platform = [] } = flags;
  const other = flags.explain ? 'explain' : flags.dockerfile ? 'dockerfile' : undefined;
  if ((run || watch) && other !== undefined)
    throw new PithError('USAGE', `--${other} packs nothing that could be ${watch ? 'watched' : 'run'}`, {
      hint: 'Leave one of them out.',
    });
  if (run && (platform.length > 1 || platform.includes('all')))
    throw new PithError('USAGE', 'a container has one platform', {
      hint: 'With --run, give one, such as linux/arm64.',
    });
  if (flags.stopTimeout !== undefined && !(run && watch))
    throw new PithError('USAGE', '--stop-timeout is for --watch --run', {
      hint: 'Give all of them, or leave it out.',
    });
  const option = FOR_RUNNING.find((name) => flags[name] !== undefined);
  if (run || (option === undefined && args.length === 0)) return;
  const what = option === undefined ? 'arguments of the program are' : `${spell(option)} is`;
  throw new PithError('USAGE', `${what} for --run`, { hint: 'Give `--run`, too: then the program runs.' });
}

/** `envFile` as it is written: `--env-file`. */
function spell(option: string): string {
  return `--${option.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}
