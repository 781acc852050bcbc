import { randomBytes } from 'node:crypto';
import { ask, capture, failure, type Captured, type Command } from './command.ts';
import type { Runner } from './container.ts';

const HINT = 'Choose another engine with --engine.';
/** Of a millisecond. */
const NANOSECONDS = 1_000_000;
/** Where prepared images get their names, so that none of the user's is taken. */
const FOLDER = 'localhost/pith/prepared';

/** A command in a container of its own, after others that prepare it; as confined as the engine has it. */
export interface PreparedRun {
  /** The image's name in the engine's storage; its entrypoint is not used. */
  readonly reference: string;
  /** The image's platform, where it is not the machine's. */
  readonly platform?: string;
  /** Run first, one after the other, each in a container whose files are those of the next; their ends do not count. */
  readonly setup: readonly (readonly string[])[];
  readonly command: readonly string[];
  /** `NAME=VALUE`. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly privileged: boolean;
  readonly terminal: boolean;
  readonly capabilities: readonly string[];
  readonly volumes: readonly string[];
  /** More arguments of the engine's `run`. */
  readonly engineArgs: readonly string[];
}

/** What a command wrote and ended with: 125 to 127 may be the engine's own, as in shells. */
export interface PreparedOutcome extends Captured {
  /** What the commands of the set-up ended with. */
  readonly setupCodes: readonly number[];
  /** Nanoseconds. */
  readonly duration: number;
}

/**
 * Runs a command in a container of an image. After each command of the set-up the container is committed to an image for the
 * next one; containers and images are removed in the end.
 * @throws ENGINE_MISSING, ENGINE_FAILED if the engine does not do its part, INTERRUPTED
 */
export async function runPrepared(
  engine: Runner,
  run: PreparedRun,
  { environment, signal }: { readonly environment: Command['environment']; readonly signal?: AbortSignal },
): Promise<PreparedOutcome> {
  const id = randomBytes(6).toString('hex');
  const name = `pith-test-${id}`;
  const commandOf = (args: readonly string[]): Command => ({
    program: engine,
    args,
    environment,
    hint: HINT,
    probe: 'version',
  });
  const succeed = async (args: readonly string[]): Promise<void> => {
    const command = commandOf(args);
    const { status, stderr } = await ask(command);
    if (status !== 0) throw failure(command, `failed (${status})`, stderr);
  };
  const images: string[] = [];
  const setupCodes: number[] = [];
  let reference = run.reference;
  try {
    for (const [index, step] of run.setup.entries()) {
      const { code } = await capture(
        commandOf(argumentsOf({ ...run, reference, command: step }, name)),
        signal,
      );
      setupCodes.push(code);
      reference = `${FOLDER}:${id}-${index}`;
      await succeed(['commit', name, reference]);
      images.push(reference);
      await succeed(['rm', '--force', name]);
    }
    const start = performance.now();
    const captured = await capture(commandOf(argumentsOf({ ...run, reference }, name)), signal);
    const duration = Math.round((performance.now() - start) * NANOSECONDS);
    return { ...captured, setupCodes, duration };
  } finally {
    await ask(commandOf(['rm', '--force', name]));
    for (const image of images.toReversed()) await ask(commandOf(['rmi', '--force', image]));
  }
}

function argumentsOf(run: PreparedRun, name: string): string[] {
  const [program = '', ...args] = run.command;
  return [
    'run',
    ...['--name', name, '--pull', 'never'],
    ...(run.platform === undefined ? [] : ['--platform', run.platform]),
    ...(run.user === undefined ? [] : ['--user', run.user]),
    ...(run.privileged ? ['--privileged'] : []),
    ...(run.terminal ? ['--tty'] : []),
    ...run.env.flatMap((entry) => ['--env', entry]),
    ...run.capabilities.flatMap((capability) => ['--cap-add', capability]),
    ...run.volumes.flatMap((volume) => ['--volume', volume]),
    ...run.engineArgs,
    ...['--entrypoint', program],
    run.reference,
    ...args,
  ];
}
