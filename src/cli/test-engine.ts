import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { openLoadSink } from '../build/index.ts';
import { PithError, systemCode } from '../core/index.ts';
import type { ImageView } from '../inspect/index.ts';
import { findRunner, runPrepared, type Runner, storageOf, whyNoSandbox } from '../location/index.ts';
import { formatPlatform, platformOfConfig } from '../oci/index.ts';
import type { Commands, ContainerRunOptions, TestFile, Variables } from '../structure/index.ts';
import { engineArguments } from './container-run.ts';
import type { TestFlags } from './flags.ts';
import type { ViewContext } from './open-view.ts';

/** What runs commands in a sandbox, where an engine is called by its name. */
const SANDBOX = 'bwrap';

/** An image whose command tests are to be run. */
export interface CommandsOptions {
  readonly view: ImageView;
  readonly files: readonly TestFile[];
  readonly flags: TestFlags;
}

/**
 * Does work with who runs the command tests of an image: an engine, which gets the image only now, or else a sandbox. Nobody if
 * there are no such tests, nothing works and nothing was asked for, or this machine has another platform and that one
 * was not asked for.
 * @throws as findRunner, if an engine was asked for, and as ImageSink.write
 */
export async function withCommands<Result>(
  { view, files, flags }: CommandsOptions,
  context: ViewContext,
  work: (commands: Commands) => Promise<Result>,
): Promise<Result> {
  if (files.every(({ commandTests }) => commandTests.length === 0))
    return await work({ skipped: 'there are none' });
  const platform = formatPlatform(platformOfConfig(view.image.config));
  const isForeign = platform !== formatPlatform(context.platform);
  if (isForeign && !flags.platform?.includes(platform))
    return await work({
      skipped: `${platform} is not this machine's platform (--platform ${platform} tries it)`,
    });
  const engine = await chooseEngine(flags);
  if (engine === SANDBOX) return await inSandbox(view, context, work);
  if (typeof engine !== 'string') return await work(engine);
  return await work(await engineCommands(engine, view, isForeign ? platform : undefined, context));
}

/** @throws as findRunner, or ENGINE_MISSING, if what was asked for does not work */
async function chooseEngine({
  engine,
}: TestFlags): Promise<Runner | typeof SANDBOX | { readonly skipped: string }> {
  if (engine === SANDBOX) {
    const reason = await whyNoSandbox(process.env);
    if (reason === undefined) return SANDBOX;
    throw new PithError('ENGINE_MISSING', reason, { hint: 'Install it, or choose an engine with --engine.' });
  }
  try {
    return await findRunner(engine, process.env);
  } catch (error) {
    const isAbsent = error instanceof PithError && error.code.startsWith('ENGINE_');
    if (engine !== undefined || !isAbsent) throw error;
    const reason = await whyNoSandbox(process.env);
    return reason === undefined ? SANDBOX : { skipped: `${error.message}, and ${reason}` };
  }
}

async function inSandbox<Result>(
  view: ImageView,
  { locations: { signal } }: ViewContext,
  work: (commands: Commands) => Promise<Result>,
): Promise<Result> {
  const { openSandbox } = await import('./sandbox/sandbox-commands.ts');
  const { commands, remove } = await openSandbox(view, outerVariables, signal);
  try {
    return await work(commands);
  } finally {
    await remove();
  }
}

async function engineCommands(
  engine: Runner,
  { image }: ImageView,
  platform: string | undefined,
  context: ViewContext,
): Promise<Commands> {
  const { sink, taken } = openLoadSink((name) => storageOf(engine, name), context);
  await sink.check();
  await sink.write([{ names: [], artifact: image }]);
  const { reference } = taken();
  const { signal } = context.locations;
  return {
    async run({ setup, command, env, options }) {
      const { code, ...outcome } = await runPrepared(
        engine,
        {
          reference,
          ...(platform === undefined ? {} : { platform }),
          setup,
          command,
          env: entriesOf({ ...(await outerVariables(options)), ...env }),
          ...(options.user === undefined ? {} : { user: options.user }),
          privileged: options.privileged,
          terminal: options.allocateTty,
          capabilities: options.capabilities,
          volumes: options.bindMounts,
          engineArgs: engineArguments(),
        },
        { environment: process.env, ...(signal ? { signal } : {}) },
      );
      return { ...outcome, exitCode: code };
    },
  };
}

/** Variables that a test file takes from a file and from this process. */
async function outerVariables({ envFile, envVars }: ContainerRunOptions): Promise<Variables> {
  const named = envVars.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...(envFile === undefined ? {} : await readVariables(envFile)), ...Object.fromEntries(named) };
}

async function readVariables(path: string): Promise<Variables> {
  try {
    return parseEnv(await readFile(path, 'utf8'));
  } catch (error) {
    throw new PithError('USAGE', `envFile ${path} cannot be read (${systemCode(error) ?? 'unknown fault'})`, {
      path,
      cause: error,
      hint: 'It is looked for from the current folder.',
    });
  }
}

function entriesOf(variables: Variables): string[] {
  return Object.entries(variables).map(([name, value = '']) => `${name}=${value}`);
}
