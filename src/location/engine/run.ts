import { PithError } from '../../core/index.ts';
import type { EngineLocation } from '../location.ts';
import { ask, attach, isInstalled, type Command, type OnSignal } from './command.ts';
import { containerArguments, RUNNERS, type ContainerOptions, type Runner } from './container.ts';

type Environment = Command['environment'];

const HINT = `Install one of ${RUNNERS.join(', ')}.`;
const STORAGES: Readonly<Record<Runner, EngineLocation['kind']>> = {
  podman: 'containers-storage',
  docker: 'docker-daemon',
  nerdctl: 'containerd',
};

/**
 * The engine that runs containers here: the one that is wanted, or else the first that is installed and answers.
 * @throws ENGINE_MISSING if it, or every one, is not installed; ENGINE_FAILED with what they said if none answers
 */
export async function findRunner(wanted: Runner | undefined, environment: Environment): Promise<Runner> {
  const installed: Runner[] = [];
  for (const program of wanted ? [wanted] : RUNNERS)
    if (await isInstalled({ program, environment })) installed.push(program);
  const [only, ...others] = installed;
  if (!only)
    throw new PithError(
      'ENGINE_MISSING',
      wanted ? `${wanted} is not installed` : `none of ${RUNNERS.join(', ')} is installed`,
      { hint: wanted ? `Install it, or choose another engine with --engine.` : HINT },
    );
  if (others.length === 0) return only;
  const reasons: string[] = [];
  for (const program of installed) {
    const { status, stderr } = await ask({ program, args: ['version'], environment, hint: HINT });
    if (status === 0) return program;
    reasons.push(`${program} (${status}): ${stderr}`);
  }
  throw new PithError('ENGINE_FAILED', `no engine answers: ${reasons.join('; ')}`, {
    hint: `Try \`${only} version\` to see whether it works by itself.`,
  });
}

/** The location of an image's name in the storage of an engine. */
export function storageOf(engine: Runner, reference: string): EngineLocation {
  return { kind: STORAGES[engine], reference };
}

/**
 * Runs a container in the foreground, with this process's standard input, output and error.
 * @returns the container's exit code, or that of the engine (125 mostly) where it could not run it
 * @throws ENGINE_MISSING, ENGINE_FAILED if the engine cannot be started
 */
export async function runContainer(
  engine: Runner,
  options: ContainerOptions,
  { environment, onSignal }: { readonly environment: Environment; readonly onSignal: OnSignal },
): Promise<number> {
  const args = containerArguments(engine, options);
  return await attach({ program: engine, args, environment, hint: HINT }, onSignal);
}
