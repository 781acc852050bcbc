import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, failure, runApart, type Command } from './command.ts';
import { containerArguments, type ContainerOptions, type Runner } from './container.ts';

/** A container that was just started is not there yet: how often, and how many times, it is told to stop (milliseconds). */
const PAUSE = 100;
const MOST_TRIES = 100;
const HINT = 'Look at the containers with the engine itself.';

/** A container that runs beside what this process does. */
export interface BackgroundContainer {
  /** Its exit code, or that of the engine (125 mostly) where it could not run it. */
  readonly ended: Promise<number>;
  /**
   * Sends the image's stop signal, and kills what is left after some seconds; the container is gone then.
   * @returns its exit code
   * @throws ENGINE_FAILED if the engine does not stop it
   */
  stop(seconds: number): Promise<number>;
  /** Kills it before this returns: for a process that is about to end. */
  kill(): void;
}

/**
 * Runs a container beside what this process does: it has its standard output and error, no input, and none of the signals
 * that a terminal sends.
 * @param options.name what it is stopped by
 */
export function startContainer(
  engine: Runner,
  options: ContainerOptions & { readonly name: string },
  environment: Command['environment'],
): BackgroundContainer {
  const { name } = options;
  const commandOf = (args: readonly string[]): Command => ({
    program: engine,
    args,
    environment,
    hint: HINT,
    probe: 'ps',
  });
  let isRunning = true;
  const ended = runApart(commandOf(containerArguments(engine, { ...options, noInput: true }))).finally(() => {
    isRunning = false;
  });
  ended.catch(() => undefined);
  const stop = async (seconds: number): Promise<number> => {
    const command = commandOf(['stop', '-t', String(seconds), name]);
    for (let tries = 1; isRunning; tries++) {
      const { status, stderr } = await ask(command);
      await Promise.race([ended, sleep(PAUSE)]);
      if (tries === MOST_TRIES) throw failure(command, `failed (${status})`, stderr);
    }
    return await ended;
  };
  return {
    ended,
    stop,
    kill() {
      if (isRunning) spawnSync(engine, ['kill', name], { env: { ...environment }, stdio: 'ignore' });
    },
  };
}
