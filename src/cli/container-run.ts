import { isatty } from 'node:tty';
import type { LoadedImage } from '../build/index.ts';
import { PithError, redact } from '../core/index.ts';
import { type ContainerOptions, mayBeRoot, runContainer, type Runner } from '../location/index.ts';
import { formatPlatform, type Platform } from '../oci/index.ts';
import type { ContainerFlags } from './flags.ts';
import { forwardSignals } from './signals.ts';

/** Whom containers run as whose image says root: nonroot of the catalogue's images. */
const NONROOT = '65532:65532';

/** The engine's arguments for a container of an image, and what they say that the user did not. */
export interface ContainerPlan {
  readonly options: ContainerOptions;
  readonly isOtherUser: boolean;
}

/**
 * Says how a container of an image runs.
 * @param args of the program
 * @param platform that of the image, where the machine has another one
 * @throws PithError USAGE if nothing says what runs; as mayBeRoot
 */
export async function planContainer(
  { reference, image }: LoadedImage,
  flags: ContainerFlags,
  args: readonly string[],
  platform?: Platform,
): Promise<ContainerPlan> {
  const engineArgs = [...engineArguments(), ...(flags.engineArg ?? [])];
  const { Entrypoint, Cmd } = image.config.config ?? {};
  const words = [...(Entrypoint ?? []), ...(Cmd ?? []), ...args];
  const isGiven =
    flags.entrypoint !== undefined || engineArgs.some((word) => word.startsWith('--entrypoint'));
  if (words.length === 0 && !isGiven)
    throw new PithError(
      'USAGE',
      `nothing says what runs in ${reference}: it has no entrypoint and no command`,
      {
        hint: 'Name a program of the image with its arguments behind `--`; `pith pack --main FILE` says what runs in an application.',
      },
    );
  const isOtherUser = flags.user === undefined && (await mayBeRoot(image));
  const options: ContainerOptions = {
    ...flags,
    ...(isOtherUser ? { user: NONROOT } : {}),
    ...(platform ? { platform: formatPlatform(platform) } : {}),
    reference,
    args,
    engineArgs,
  };
  return { options, isOtherUser };
}

/** Says on standard error what runs. */
export function announce(engine: Runner, { options: { reference }, isOtherUser }: ContainerPlan): void {
  const instead = isOtherUser ? ' as 65532, not as root (--user 0 does that)' : '';
  process.stderr.write(redact(`pith: ${engine} runs ${reference}${instead}\n`));
}

/** Runs it with this process's standard input, output and error, and its signals. @returns the exit code */
export async function runInForeground(engine: Runner, { options }: ContainerPlan): Promise<number> {
  return await runContainer(
    engine,
    { ...options, terminal: isatty(0) && isatty(1) },
    { environment: process.env, onSignal: forwardSignals },
  );
}

/** Arguments of the engine's `run` that this machine needs always. */
export function engineArguments(): string[] {
  return (process.env['PITH_ENGINE_ARGS'] ?? '').split(/\s+/).filter((word) => word !== '');
}
