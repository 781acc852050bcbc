import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  build,
  defineAppImage,
  explainApplication,
  type BuildReport,
  type LoadedDefinition,
  type PackSettings,
  type Workspace,
  writeAppDockerfile,
} from '../../build/index.ts';
import { PithError, redact } from '../../core/index.ts';
import { parseDockerReference } from '../../location/index.ts';
import { formatPlatform } from '../../oci/index.ts';
import { askingForKind } from '../ask-kind.ts';
import { formOf, type PackFlags } from '../flags.ts';
import { formatSize, formatTime } from '../format.ts';
import { LOCAL_IMAGES } from '../image-names.ts';
import { checkRunFlags } from '../pack-run-flags.ts';
import type { PackJob } from '../pack-run.ts';
import { binariesOf, settingsOf } from '../pack-settings.ts';
import { explained, explanation } from '../report/pack-explanation.ts';
import { withWorkspace } from '../workspace.ts';

/**
 * `pith pack`: puts an application on the smallest image that runs it.
 * @param paths of its folder or file, at most one
 * @param args of the program, where it is run
 */
export async function pack(
  paths: readonly string[],
  args: readonly string[],
  flags: PackFlags,
): Promise<void> {
  const path = pathOf(paths);
  checkRunFlags(flags, args);
  const settings = settingsOf(flags);
  if (!flags.quiet) for (const note of notesOn(path, flags)) process.stderr.write(redact(`pith: ${note}\n`));
  await askingForKind(flags, (decided) => packAs(path, args, decided, { ...settings, kind: decided.kind }));
}

/** What the user might expect, and would not see that it is not so. */
function notesOn(path: string, { healthcheck, format, dockerfile }: PackFlags): string[] {
  const definition = join(path, 'pith.yaml');
  const isUnseen = healthcheck !== undefined && format === 'oci' && !dockerfile;
  return [
    ...(existsSync(definition) ? [`\`pith build\` follows ${definition}, \`pith pack\` does not`] : []),
    ...(isUnseen ? ['podman sees health checks of `--format docker` only; Docker sees this one, too'] : []),
  ];
}

async function packAs(
  path: string,
  args: readonly string[],
  flags: PackFlags,
  settings: PackSettings,
): Promise<void> {
  const tag = tagOf(flags);
  const name = tag?.slice(0, tag.lastIndexOf(':'));
  if (flags.dockerfile) {
    process.stdout.write(await dockerfileOf(path, name, flags, settings));
    return;
  }
  if (flags.explain) {
    const packed = await withWorkspace(flags, (workspace) =>
      explainApplication(
        defineAppImage(path, name, workspace, settings),
        platformsOf(flags, workspace),
        { ...formOf(flags), outputs: outputsOf(flags, tag) },
        workspace,
      ),
    );
    process.stdout.write(
      flags.json ? `${JSON.stringify(explained(packed), null, 2)}\n` : explanation(packed),
    );
    return;
  }
  const job: PackJob = {
    path,
    flags,
    args,
    outputs: outputsOf(flags, tag),
    packTo(outputs, workspace) {
      const loaded: LoadedDefinition = defineAppImage(path, name, workspace, settings);
      const targets = [{ loaded, variant: flags.debug ? 'debug' : 'latest' }];
      const platforms = platformsOf(flags, workspace);
      const { format } = flags;
      return build({ targets, platforms, outputs, format, ...formOf(flags) }, workspace);
    },
    print: (report) => {
      process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : linesOf(report, flags));
    },
  };
  if (flags.watch) await (await import('../watch.ts')).watchPacked(job);
  else if (flags.run) await (await import('../pack-run.ts')).runPacked(job);
  else job.print(await withWorkspace(flags, (workspace) => job.packTo(job.outputs, workspace)));
}

function pathOf([path = '.', ...others]: readonly string[]): string {
  if (others.length === 0) return path;
  throw new PithError('USAGE', `one application is packed at a time, not ${others.length + 1}`, {
    hint: `Arguments of the program stand after --: \`pith pack ${path} --run -- ${others.join(' ')}\`.`,
  });
}

function dockerfileOf(
  path: string,
  name: string | undefined,
  flags: PackFlags,
  settings: PackSettings,
): Promise<string> {
  const asked = ['json', 'output', 'push', 'explain'] as const;
  const other = asked.find((flag) => flags[flag] !== undefined);
  if (other !== undefined)
    throw new PithError('USAGE', `--dockerfile only prints a Dockerfile: --${other} says nothing to it`, {
      hint: 'Leave one of them out; `> Dockerfile` writes it to a file.',
    });
  return withWorkspace(flags, (workspace) =>
    writeAppDockerfile(
      defineAppImage(path, name, workspace, settings),
      flags.debug ? 'debug' : 'latest',
      platformsOf(flags, workspace),
      formOf(flags),
      workspace,
    ),
  );
}

/** The name of the image with a tag. */
function tagOf({ tag, push }: PackFlags): string | undefined {
  if (tag === undefined) {
    if (!push) return undefined;
    throw new PithError('USAGE', '--push needs a name', { hint: 'Give it with `-t REGISTRY/NAME:TAG`.' });
  }
  const reference = parseDockerReference(tag);
  if (reference && !tag.includes('@')) return reference.familiar;
  throw new PithError('USAGE', `${JSON.stringify(tag)} is not the name of an image`, {
    hint: 'A name is [REGISTRY/]NAME[:TAG] in lower case.',
  });
}

/** Where to write; what runs need not be written. */
function outputsOf({ output, push, run }: PackFlags, tag: string | undefined): string[] {
  const named = (location: string): string =>
    tag !== undefined && /^(oci|oci-archive|docker-archive):[^:]+$/.test(location)
      ? `${location}:${tag}`
      : location;
  const outputs = (output ?? (push || run ? [] : [`oci:${LOCAL_IMAGES}`])).map(named);
  return push && tag !== undefined ? [...outputs, `docker://${tag}`] : outputs;
}

/** Those asked for, else those that there is a program for, else this machine's. */
function platformsOf({ platform, binary }: PackFlags, workspace: Workspace): string[] {
  return platform ?? (binary ? Object.keys(binariesOf(binary)) : [formatPlatform(workspace.platform)]);
}

function linesOf({ images, outputs, time }: BuildReport, { quiet }: PackFlags): string {
  const [image] = images;
  const names = outputs.flatMap(({ location, names }) =>
    [...new Set(names.map(({ digest }) => digest))].slice(0, 1).map((digest) => `${location}@${digest}\n`),
  );
  if (!image || quiet) return names.join('');
  process.stderr.write(
    `pith: ${formatSize(image.size)} in ${image.layers} layers for ${image.platforms.join(', ')}, in ${formatTime(time)}\n`,
  );
  return names.join('');
}
