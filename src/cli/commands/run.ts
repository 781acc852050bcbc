import { loadImage } from '../../build/index.ts';
import { PithError } from '../../core/index.ts';
import { findRunner, storageOf } from '../../location/index.ts';
import { formatPlatform, parsePlatform, type Platform } from '../../oci/index.ts';
import { announce, planContainer, runInForeground } from '../container-run.ts';
import { formOf, type RunFlags } from '../flags.ts';
import { localDefinition, withWorkspace } from '../workspace.ts';

/**
 * `pith run`: builds or finds an image, loads it into an engine and runs it; the exit code is the container's.
 * @param names at most one
 * @param args of the program in the container
 */
export async function runImage(
  names: readonly string[],
  args: readonly string[],
  flags: RunFlags,
): Promise<void> {
  const target = targetOf(names);
  const { platform: platforms = [], ...handed } = flags;
  const wanted = platformOf(platforms);
  const engine = await findRunner(flags.engine, process.env);
  const plan = await withWorkspace(flags, async (workspace) => {
    const platform = wanted ?? workspace.platform;
    const loaded = await loadImage(
      { target, platform, storageOf: (name) => storageOf(engine, name), ...formOf(flags) },
      workspace,
    );
    const isForeign = formatPlatform(platform) !== formatPlatform(workspace.platform);
    return await planContainer(loaded, handed, args, isForeign ? platform : undefined);
  });
  if (!flags.quiet) announce(engine, plan);
  process.exitCode = await runInForeground(engine, plan);
}

function targetOf(names: readonly string[]): string {
  const [name, ...others] = names;
  if (others.length > 0)
    throw new PithError('USAGE', `one image is run at a time, not ${names.length}`, {
      hint: `Arguments of the program stand after --: \`pith run ${name} -- ${others.join(' ')}\`.`,
    });
  const target = name ?? localDefinition();
  if (target !== undefined) return target;
  throw new PithError('USAGE', 'no image was named, and there is no pith.yaml here', {
    hint: '`pith ls` lists the images.',
  });
}

function platformOf([only, ...others]: readonly string[]): Platform | undefined {
  if (others.length > 0 || only === 'all')
    throw new PithError('USAGE', 'a container has one platform', { hint: 'Give one, such as linux/arm64.' });
  return only === undefined ? undefined : parsePlatform(only);
}
