import { isatty } from 'node:tty';
import { loadImage } from '../../build/index.ts';
import { PithError, redact } from '../../core/index.ts';
import { findRunner, mayBeRoot, runContainer, storageOf } from '../../location/index.ts';
import { formatPlatform, parsePlatform, type Platform } from '../../oci/index.ts';
import { formOf, type RunFlags } from '../flags.ts';
import { forwardSignals } from '../signals.ts';
import { localDefinition, withWorkspace } from '../workspace.ts';

/** Whom containers run as whose image says root: nonroot of the catalogue's images. */
const NONROOT = '65532:65532';

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
  const { reference, user, platform, isForeign } = await withWorkspace(flags, async (workspace) => {
    const platform = wanted ?? workspace.platform;
    const loaded = await loadImage(
      { target, platform, storageOf: (name) => storageOf(engine, name), ...formOf(flags) },
      workspace,
    );
    const isRoot = flags.user === undefined && (await mayBeRoot(loaded.image));
    return {
      reference: loaded.reference,
      user: isRoot ? NONROOT : flags.user,
      platform: formatPlatform(platform),
      isForeign: formatPlatform(platform) !== formatPlatform(workspace.platform),
    };
  });
  if (!flags.quiet) {
    const instead = user === flags.user ? '' : ' as 65532, not as root (--user 0 does that)';
    process.stderr.write(redact(`pith: ${engine} runs ${reference}${instead}\n`));
  }
  process.exitCode = await runContainer(
    engine,
    {
      ...handed,
      ...(user === undefined ? {} : { user }),
      ...(isForeign ? { platform } : {}),
      reference,
      args,
      terminal: isatty(0) && isatty(1),
      engineArgs: [...wordsOf(process.env['PITH_ENGINE_ARGS']), ...(flags.engineArg ?? [])],
    },
    { environment: process.env, onSignal: forwardSignals },
  );
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

function wordsOf(text = ''): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
