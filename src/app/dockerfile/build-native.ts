import { isFile, peekText } from '../common/documents.ts';
import { baseOf } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import type { BuildStage, DockerfileBase } from './model.ts';
import { shellWord } from './words.ts';

const MAX_MANIFEST = 1 << 20;
const OUTPUT = '/out';

/** Go and Rust: the program alone is built. */
export async function findNativeBuild(
  project: Project,
  application: Application,
  { suite }: DockerfileBase,
): Promise<BuildStage | undefined> {
  const program = programOf(application);
  if (program === undefined) return undefined;
  if (isFile(project, 'go.mod')) return goStage(project, program, suite);
  return isFile(project, 'Cargo.toml') ? rustStage(project, program, suite) : undefined;
}

/** The path of what runs, in the project. */
function programOf({ layers, config }: Application): string | undefined {
  const [program = ''] = config.entrypoint;
  return layers.map(({ files }) => files.get(program)?.path).find((path) => path !== undefined);
}

async function goStage(project: Project, program: string, suite: string): Promise<BuildStage> {
  const manifest = await peekText(project, 'go.mod', MAX_MANIFEST);
  const version = /^go[ \t]+(\d+\.\d+)/m.exec(manifest)?.[1];
  const name = baseOf(program);
  const paths = [...project.files.keys()];
  const isCommand = paths.some((path) => path.startsWith(`cmd/${name}/`) && path.endsWith('.go'));
  const isDynamic = (await project.elf(program))?.interpreter !== undefined;
  const at = `${OUTPUT}/${name}`;
  const flags = `-trimpath -ldflags=-s -o ${shellWord(at)}`;
  return {
    image: `golang:${version ?? '1'}-${suite}`,
    lines: [
      'WORKDIR /src',
      `COPY go.mod ${isFile(project, 'go.sum') ? 'go.sum ' : ''}./`,
      'RUN go mod download',
      'COPY . ./',
      `RUN ${isDynamic ? '' : 'CGO_ENABLED=0 '}go build ${flags} ${shellWord(isCommand ? `./cmd/${name}` : '.')}`,
    ],
    outputOf: (path) => (path === program ? { path, at } : undefined),
  };
}

function rustStage(project: Project, program: string, suite: string): Promise<BuildStage> {
  const name = baseOf(program);
  const target = /^target\/([\w.-]+)\/release\//.exec(program)?.[1];
  const at = `/src/target/${target === undefined ? '' : `${target}/`}release/${name}`;
  const flags = [
    '--release',
    ...(isFile(project, 'Cargo.lock') ? ['--locked'] : []),
    ...(target === undefined ? [] : [`--target=${target}`]),
    `--bin=${shellWord(name)}`,
  ];
  return Promise.resolve({
    image: `rust:1-${suite}`,
    lines: [
      'WORKDIR /src',
      ...(target === undefined ? [] : [`RUN rustup target add ${target}`]),
      'COPY . ./',
      `RUN cargo build ${flags.join(' ')}`,
    ],
    outputOf: (path) => (path === program ? { path, at } : undefined),
  });
}
