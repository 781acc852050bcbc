import type { BuildReport, Workspace } from '../build/index.ts';
import { openLoadSink } from '../build/index.ts';
import { findRunner, type ImageSink, storageOf } from '../location/index.ts';
import { formatPlatform, parsePlatform, type Platform } from '../oci/index.ts';
import { announce, planContainer, runInForeground } from './container-run.ts';
import type { ContainerFlags, PackFlags } from './flags.ts';
import { withWorkspace } from './workspace.ts';

/** What `pith pack` is to do, as far as running and watching have to know. */
export interface PackJob {
  readonly path: string;
  readonly flags: PackFlags;
  /** Locations to write to. */
  readonly outputs: readonly string[];
  /** Arguments of the program. */
  readonly args: readonly string[];
  /** Packs, and writes to some outputs. */
  readonly packTo: (outputs: readonly (string | ImageSink)[], workspace: Workspace) => Promise<BuildReport>;
  /** Prints what was packed. */
  readonly print: (report: BuildReport) => void;
}

/** `pith pack --run`: packs, loads into an engine and runs; the exit code is the container's. */
export async function runPacked({ flags, outputs, args, packTo }: PackJob): Promise<void> {
  const engine = await findRunner(flags.engine, process.env);
  const plan = await withWorkspace(flags, async (workspace) => {
    const { sink, taken } = openLoadSink((name) => storageOf(engine, name), workspace);
    await packTo([...outputs, sink], workspace);
    return await planContainer(taken(), containerFlags(flags), args, foreignPlatform(flags, workspace));
  });
  if (!flags.quiet) announce(engine, plan);
  process.exitCode = await runInForeground(engine, plan);
}

/** What of the flags the engine is told; the others are in the image. */
export function containerFlags(flags: PackFlags): ContainerFlags {
  const names = ['publish', 'volume', 'envFile', 'network', 'name', 'writable', 'engineArg'] as const;
  return Object.fromEntries(names.flatMap((name) => (name in flags ? [[name, flags[name]]] : [])));
}

/** The platform of the image, where the machine has another one. */
export function foreignPlatform({ platform = [] }: PackFlags, workspace: Workspace): Platform | undefined {
  const [wanted = workspace.platform] = platform.map(parsePlatform);
  return formatPlatform(wanted) === formatPlatform(workspace.platform) ? undefined : wanted;
}
