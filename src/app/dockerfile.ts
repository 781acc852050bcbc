import { isIn } from './common/paths.ts';
import { type Copy, type CopySource, findCopies, type WantedFile } from './dockerfile/copies.ts';
import { byArchive, FilesStage } from './dockerfile/files-stage.ts';
import type {
  AddedProgram,
  BuildContext,
  BuildOutput,
  BuildStage,
  DockerfileBase,
  ImageSettings,
} from './dockerfile/model.ts';
import { settingLines } from './dockerfile/settings.ts';
import { checkLine, copyWords, isPlainName } from './dockerfile/words.ts';
import type { AppLayer, AppSource, Application } from './model.ts';

/** Copies of a layer beyond which its files are put together first: engines refuse images of many layers. */
const MAX_COPIES = 8;
const OWNER = '--chown=0:0';
const NONROOT = '--chown=65532:65532';
/** Rights of others, and the special bits: what of a file's permissions makes a difference to the application. */
const NOTICED = 0o7007;

/** What a Dockerfile is made of. */
export interface DockerfileParts {
  readonly application: Application;
  readonly context: BuildContext;
  readonly base: DockerfileBase;
  /** Names of Debian packages that the base has not. */
  readonly packages: readonly string[];
  readonly settings: ImageSettings;
  /** What its health check runs, if that is no file of the project. */
  readonly probe?: AddedProgram;
  /** Absent where the project is packed as it is. */
  readonly build: BuildStage | undefined;
}

/**
 * The Dockerfile whose image is that of an application: a stage that builds it, if the project says how, and one that puts it
 * on its base (Dockerfile reference; it needs no frontend beyond that of Docker 23 and buildah 1.28).
 * @throws PithError APP_INVALID for what no Dockerfile can say, such as a line break in a variable
 */
export function writeDockerfile({
  application,
  context,
  base,
  packages,
  settings,
  probe,
  build,
}: DockerfileParts): string {
  const files = new FilesStage(base.suite);
  const layers = application.layers.map((layer) => layerLines(layer, { application, context, build, files }));
  const folders = application.config.writable
    .filter((path) => path !== '/tmp')
    .map(
      (path) =>
        `COPY --from=files ${NONROOT} ${copyWords([files.emptyFolder(), `${checkLine(path, path)}/`])}`,
    );
  const probeLines = probe ? [`COPY --from=files ${OWNER} ${files.addProgram(probe)} /`] : [];
  const stages = [
    [
      `# ${application.title}, as \`pith pack\` puts it on ${base.name}.`,
      '# Build it in the folder that has ./images: `podman build -f Dockerfile FOLDER`.',
      `# ${base.origin}`,
      '# For Docker, push the base to a registry, and name it there with `--build-arg BASE=REGISTRY/NAME:TAG`.',
      `ARG BASE=${base.reference}`,
    ],
    build ? [`FROM ${build.image} AS build`, ...build.lines] : [],
    files.lines(),
    packageLines(packages, base.suite),
    [
      'FROM ${BASE}',
      ...(packages.length > 0 ? ['COPY --from=packages /packages/ /'] : []),
      ...layers.flat(),
      ...folders,
      ...probeLines,
      ...settingLines(settings, base.settings),
    ],
  ];
  return `${stages
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function packageLines(packages: readonly string[], suite: string): string[] {
  if (packages.length === 0) return [];
  return [
    `FROM debian:${suite}-slim AS packages`,
    'WORKDIR /archives',
    `RUN apt-get update && apt-get download ${packages.join(' ')}`,
    'RUN mkdir /packages && for file in *.deb; do dpkg-deb -x "$file" /packages || exit; done',
  ];
}

interface Surroundings {
  readonly application: Application;
  readonly context: BuildContext;
  readonly build: BuildStage | undefined;
  readonly files: FilesStage;
}

function layerLines(layer: AppLayer, around: Surroundings): string[] {
  const { outputs, own } = divide(layer, around);
  const lines = outputs.map(({ output, to }) => `COPY --from=build ${OWNER} ${copyWords([output.at, to])}`);
  const archives = byArchive(layer);
  const source = contextSource(around.context);
  const copies = findCopies(own, source);
  const isDirect =
    archives.size === 0 && copies.length <= MAX_COPIES && copies.every((copy) => isSayable(copy, around));
  if (isDirect) lines.push(...copies.map(copyLine));
  else lines.push(`COPY --from=files ${OWNER} ${gather(layer, own, archives, around)} /`);
  return lines.length === 0 ? [] : [`# ${layer.name}`, ...lines];
}

interface Placed {
  readonly output: BuildOutput;
  readonly to: string;
}

/** What of a layer the build makes, each folder once and in the first layer that has some of it, and what else is in it. */
function divide(
  layer: AppLayer,
  { application, build, context }: Surroundings,
): { outputs: Placed[]; own: WantedFile[] } {
  const own: WantedFile[] = [];
  const outputs = new Map<string, Placed>();
  const before = application.layers.slice(0, application.layers.indexOf(layer));
  const isBefore = (output: BuildOutput): boolean =>
    before.some(({ files }) => [...files.values()].some(({ path }) => isPartOf(output, path)));
  for (const [to, file] of layer.files) {
    if (file.member !== undefined) continue;
    const output = build?.outputOf(file.path);
    const place = output && placeOf(output, file.path, to);
    if (!output || place === undefined) own.push({ from: file.path, to, ...modeOf(file, context) });
    else if (!outputs.has(output.path)) outputs.set(output.path, { output, to: place });
  }
  return { outputs: [...outputs.values()].filter(({ output }) => !isBefore(output)).map(withSlashes), own };
}

function isPartOf(output: BuildOutput, path: string): boolean {
  return path === output.path || isIn(output.path, path);
}

/** Where the whole output lies, if a file of it lies there as it does in the output. */
function placeOf(output: BuildOutput, path: string, to: string): string | undefined {
  if (path === output.path) return to;
  const below = path.slice(output.path.length);
  return to.endsWith(below) ? `${to.slice(0, -below.length)}/` : undefined;
}

function withSlashes({ output, to }: Placed): Placed {
  return to.endsWith('/') ? { output: { ...output, at: `${output.at}/` }, to } : { output, to };
}

/** Permissions that a file must get, if those that it has give others less or more. */
function modeOf(
  { path, mode }: AppSource,
  { files }: BuildContext,
): { mode: number } | Record<string, never> {
  const own = files.get(path);
  if (own === undefined) return {};
  const wanted = mode ?? ((own & 0o100) === 0 ? 0o644 : 0o755);
  return (own & NOTICED) === (wanted & NOTICED) ? {} : { mode: wanted };
}

function contextSource({ files, folders }: BuildContext): CopySource {
  return {
    paths: files.keys(),
    isExact: (path) => {
      const folder = folders.get(path);
      return folder?.hasMore === false && (folder.mode & NOTICED) === 0o005;
    },
  };
}

/** COPY follows a link that it is given, and takes some characters for patterns. */
function isSayable({ isFolder, from, to }: Copy, { context }: Surroundings): boolean {
  if (![...from, to].every(isPlainName)) return false;
  return isFolder || from.every((path) => context.files.get(path) !== undefined);
}

function copyLine({ isFolder, from, to, mode }: Copy): string {
  const flags = mode === undefined ? OWNER : `${OWNER} --chmod=0${mode.toString(8)}`;
  const paths = isFolder ? [`${from[0] ?? ''}/`, `${to}/`] : [...from, to];
  return `COPY ${flags} ${copyWords(paths)}`;
}

/** Lets the stage of files put a layer together. */
function gather(
  { name }: AppLayer,
  own: readonly WantedFile[],
  archives: ReadonlyMap<string, readonly WantedFile[]>,
  { context, build, files }: Surroundings,
): string {
  if (own.length > 0) files.addContext('COPY . /context/');
  const parts = [{ root: '', files: own, source: contextSource(context) }];
  for (const [path, wanted] of archives) {
    const output = build?.outputOf(path);
    const from = output
      ? `--from=build ${copyWords([output.at, `/context/${path}`])}`
      : copyWords([path, `/context/${path}`]);
    files.addContext(`COPY ${from}`);
    const source = { paths: context.members.get(path) ?? [], isExact: () => true };
    parts.push({ root: files.unpack(path), files: wanted, source });
  }
  return files.gather(name, parts);
}
