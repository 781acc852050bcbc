import { PithError } from '../../core/index.ts';
import { peekText, readToml } from '../common/documents.ts';
import { fieldsAt, textAt } from '../common/values.ts';
import type { Project } from '../model.ts';

/** A folder of sources from which a program is built. */
export interface SourceTree {
  readonly language: 'Go' | 'Rust' | 'C';
  /** The file that shows it. */
  readonly marker: string;
  /** The program that its manifest names, if it names one. */
  readonly program: string | undefined;
}

const C_MARKERS = ['CMakeLists.txt', 'meson.build', 'configure', 'configure.ac'];
const C_SOURCE = /^(?:src\/)?[^/]+\.(?:c|cc|cpp|cxx)$/;
const MAX_MANIFEST = 1 << 20;

/**
 * Looks whether the top of a project holds what a program of Go, Rust, C or C++ is built from.
 * @throws PithError APP_INVALID for a Cargo.toml that is no TOML
 */
export async function readSourceTree(project: Project): Promise<SourceTree | undefined> {
  const { files } = project;
  if (project.single !== undefined) return undefined;
  if (files.has('go.mod')) return { language: 'Go', marker: 'go.mod', program: undefined };
  if (files.has('Cargo.toml'))
    return { language: 'Rust', marker: 'Cargo.toml', program: await readCargo(project) };
  const marker =
    C_MARKERS.find((name) => files.has(name)) ??
    (files.has('Makefile') && [...files.keys()].some((path) => C_SOURCE.test(path)) ? 'Makefile' : undefined);
  return marker === undefined ? undefined : { language: 'C', marker, program: undefined };
}

/**
 * The error for sources whose program is not built.
 * @param debug a program that is there, but not built to be shipped
 */
export async function unbuiltError(
  project: Project,
  { language, marker }: SourceTree,
  debug?: string,
): Promise<PithError> {
  const command = await buildCommand(project, language, marker);
  const why =
    debug === undefined ? 'there is no program in it' : `the only program in it, ${debug}, is a debug build`;
  return new PithError('APP_INVALID', `${project.name} holds sources (${marker}), and ${why}`, {
    path: marker,
    hint: `Build it first: \`${command}\`. If .dockerignore leaves the program out, pack its file by name.`,
  });
}

async function buildCommand(
  project: Project,
  language: SourceTree['language'],
  marker: string,
): Promise<string> {
  if (language === 'Go') return goCommand(project);
  if (language === 'Rust') return 'cargo build --release';
  if (marker === 'CMakeLists.txt') return 'cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build';
  if (marker === 'meson.build') return 'meson setup build --buildtype=release && ninja -C build';
  return marker === 'Makefile' ? 'make' : './configure && make';
}

/** Programs lie at the top or, each in a folder, below `cmd`. */
async function goCommand(project: Project): Promise<string> {
  const paths = [...project.files.keys()];
  const isAtTop = paths.some((path) => /^[^/]+\.go$/.test(path) && !path.endsWith('_test.go'));
  const command = paths.map((path) => /^cmd\/([\w.-]+)\/[^/]+\.go$/.exec(path)?.[1]).find(Boolean);
  if (!isAtTop && command !== undefined) return `CGO_ENABLED=0 go build -o ${command} ./cmd/${command}`;
  const text = await peekText(project, 'go.mod', MAX_MANIFEST);
  const module = /^module[ \t]+"?([^\s"]+)/m.exec(text)?.[1] ?? project.name;
  const last = module.replace(/\/v\d+$/, '').replace(/^.*\//, '');
  return `CGO_ENABLED=0 go build -o ${/^[\w.-]+$/.test(last) ? last : 'server'} .`;
}

/** The program that `cargo run` starts: `default-run`, or the one that has the name of the package. */
async function readCargo(project: Project): Promise<string | undefined> {
  const main = fieldsAt((await readToml(project, 'Cargo.toml')) ?? {}, 'package');
  return textAt(main, 'default-run') ?? textAt(main, 'name');
}
