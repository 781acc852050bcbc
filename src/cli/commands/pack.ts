import {
  build,
  defineAppImage,
  explainApplication,
  isDuration,
  isProbeUrl,
  type BuildReport,
  type LoadedDefinition,
  type PackedApplication,
  type PackSettings,
  type Workspace,
  writeAppDockerfile,
} from '../../build/index.ts';
import { PithError } from '../../core/index.ts';
import { parseDockerReference } from '../../location/index.ts';
import { formatPlatform, parsePlatform } from '../../oci/index.ts';
import { askingForKind } from '../ask-kind.ts';
import { formOf, type PackFlags } from '../flags.ts';
import { formatSize, formatTime } from '../format.ts';
import { LOCAL_IMAGES } from '../image-names.ts';
import { checkRunFlags } from '../pack-run-flags.ts';
import type { PackJob } from '../pack-run.ts';
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
  await askingForKind(flags, (decided) => packAs(path, args, decided));
}

async function packAs(path: string, args: readonly string[], flags: PackFlags): Promise<void> {
  const settings = settingsOf(flags);
  const tag = tagOf(flags);
  const name = tag?.slice(0, tag.lastIndexOf(':'));
  if (flags.dockerfile) {
    process.stdout.write(await dockerfileOf(path, name, flags));
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

function dockerfileOf(path: string, name: string | undefined, flags: PackFlags): Promise<string> {
  const asked = ['json', 'output', 'push', 'explain'] as const;
  const other = asked.find((flag) => flags[flag] !== undefined);
  if (other !== undefined)
    throw new PithError('USAGE', `--dockerfile only prints a Dockerfile: --${other} says nothing to it`, {
      hint: 'Leave one of them out; `> Dockerfile` writes it to a file.',
    });
  return withWorkspace(flags, (workspace) =>
    writeAppDockerfile(
      defineAppImage(path, name, workspace, settingsOf(flags)),
      flags.debug ? 'debug' : 'latest',
      platformsOf(flags, workspace),
      formOf(flags),
      workspace,
    ),
  );
}

function settingsOf(flags: PackFlags): PackSettings {
  const { binary, env, label, port, entrypoint, cmd } = flags;
  return {
    extends: flags.base,
    kind: flags.kind,
    main: flags.main,
    user: flags.user,
    workdir: flags.workdir,
    packages: flags.package,
    entrypoint: wordsOf(entrypoint, '--entrypoint'),
    cmd: wordsOf(cmd, '--cmd'),
    ports: port?.map(checkPort),
    healthcheck: healthcheckOf(flags),
    env: env && pairs(env, '--env'),
    labels: label && pairs(label, '--label'),
    binaries: binary && binariesOf(binary),
  };
}

/** `["a", "b"]`, or words that blanks part: there is no shell that would read more into them. */
function wordsOf(text: string | undefined, option: string): string[] | undefined {
  if (text === undefined) return undefined;
  if (!text.startsWith('[')) return text.split(/\s+/).filter((word) => word !== '');
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // Said below.
  }
  throw new PithError('USAGE', `${option} is no list of texts: ${text}`, {
    hint: `Write it as ${option} '["/app/server", "--verbose"]'.`,
  });
}

function healthcheckOf(flags: PackFlags): PackSettings['healthcheck'] {
  const { healthcheck, healthInterval, healthTimeout, healthStartPeriod, healthRetries } = flags;
  const times = { interval: healthInterval, timeout: healthTimeout, startPeriod: healthStartPeriod };
  const wrong = Object.values(times).find((time) => time !== undefined && !isDuration(time));
  if (wrong !== undefined)
    throw new PithError('USAGE', `${JSON.stringify(wrong)} is no time`, { hint: 'Write 30s, or 1m30s.' });
  const more = { ...times, retries: healthRetries };
  if (healthcheck === undefined) {
    if (Object.values(more).every((value) => value === undefined)) return undefined;
    throw new PithError('USAGE', 'there is no health check that these times are for', {
      hint: 'Give one, such as `--healthcheck http://:8080/health`.',
    });
  }
  if (!/^[a-z]+:\/\//.test(healthcheck)) return { test: wordsOf(healthcheck, '--healthcheck'), ...more };
  if (isProbeUrl(healthcheck)) return { url: healthcheck, ...more };
  throw new PithError('USAGE', `--healthcheck ${healthcheck} is no address in the container`, {
    hint: 'Write http://:8080/health or tcp://:5432; for anything else, a command of the application.',
  });
}

function checkPort(text: string): string {
  const [, port = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (Number(port) >= 1 && Number(port) <= 65_535) return `${Number(port)}/${protocol}`;
  throw new PithError('USAGE', `${JSON.stringify(text)} is no port`, { hint: 'Write 8080, or 53/udp.' });
}

function pairs(texts: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new PithError('USAGE', `${option} ${text}: there is no value`, {
        hint: `Write ${option} NAME=VALUE.`,
      });
    }),
  );
}

/** Programs by platform, each named once. */
function binariesOf(texts: readonly string[]): Record<string, string> {
  const binaries = Object.entries(pairs(texts, '--binary')).map(
    ([platform, path]) => [formatPlatform(parsePlatform(platform)), path] as const,
  );
  if (new Set(binaries.map(([platform]) => platform)).size === texts.length)
    return Object.fromEntries(binaries);
  throw new PithError('USAGE', '--binary names a platform twice', { hint: 'Name one program for each.' });
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

/** What `--explain --json` prints. */
function explained({ base, packages, rejected, found, image }: PackedApplication): object {
  return {
    base,
    packages,
    rejected,
    config: image.config,
    applications: found.map(({ platform, application: { kind, title, evidence, notes, layers } }, index) => ({
      ...(platform === undefined ? {} : { platform }),
      kind,
      title,
      evidence,
      notes,
      layers: layers.map((layer, at) => ({
        name: layer.name,
        files: [...layer.files.keys()],
        size: sizeOf(found[index]?.trees[at]),
      })),
    })),
  };
}

function explanation({ base, packages, rejected, found, image }: PackedApplication): string {
  const lines: string[] = [];
  for (const { platform, application, trees } of found) {
    lines.push(`${application.title}${platform === undefined ? '' : ` for ${platform}`}`);
    for (const one of application.evidence) lines.push(`  ${one}`);
    for (const note of application.notes) lines.push(`  note: ${note}`);
    lines.push('', 'Layers');
    for (const [at, { name, files }] of application.layers.entries())
      lines.push(
        `  ${name}: ${files.size} ${files.size === 1 ? 'file' : 'files'}, ${formatSize(sizeOf(trees[at]))}`,
      );
    lines.push('');
  }
  lines.push(`Base ${base}`);
  for (const one of rejected) lines.push(`  not ${one.base}: it ${one.because}`);
  for (const { name, because } of packages) lines.push(`  with ${name}, because ${because}`);
  const { config } = image;
  lines.push('', 'Configuration');
  const rows: [string, string | undefined][] = [
    ['entrypoint', config.entrypoint && JSON.stringify(config.entrypoint)],
    ['cmd', config.cmd && JSON.stringify(config.cmd)],
    ['user', config.user],
    ['workdir', config.workdir],
    ['healthcheck', config.healthcheck && JSON.stringify(config.healthcheck)],
    ['ports', config.ports.length > 0 ? config.ports.join(', ') : undefined],
    [
      'env',
      Object.entries(config.env)
        .map(([name, value]) => `${name}=${value.replace(/\$\{version:([^}]+)\}/g, '(version of $1)')}`)
        .join(' '),
    ],
    [
      'labels',
      Object.entries(config.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    ['writes to', [...new Set(found.flatMap(({ application }) => application.config.writable))].join(', ')],
  ];
  for (const [name, value] of rows) if (value !== undefined && value !== '') lines.push(`  ${name} ${value}`);
  return `${lines.join('\n')}\n`;
}

function sizeOf(tree: PackedApplication['found'][number]['trees'][number] | undefined): number {
  return (tree?.entries ?? []).reduce((sum, { size }) => sum + size, 0);
}
