import { architectureOf, type ElfInfo } from '../../rootfs/index.ts';
import { type ElfFile, openElf } from './elf-file.ts';
import { identify, type ForeignFile } from './foreign-file.ts';
import type { Project, ProjectFile } from '../model.ts';
import { isProgram } from './program.ts';
import type { SourceTree } from './source-tree.ts';

/** A program of a project. */
export interface FoundProgram {
  readonly path: string;
  readonly elf: ElfInfo;
  readonly file: ElfFile;
  /** `linux/amd64`; undefined for a machine that OCI does not name. */
  readonly platform: string | undefined;
}

export interface FoundPrograms {
  readonly programs: readonly FoundProgram[];
  /** Executable files that are no programs for Linux, in the order of paths. */
  readonly foreign: readonly (readonly [path: string, file: ForeignFile])[];
  /** Programs of Rust that are built for debugging. */
  readonly debug: readonly string[];
}

/** Folders of what others brought, of tools, and of what is left from building. */
const SKIPPED =
  /(?:^|\/)(?:\.[^/]+|node_modules|site-packages|dist-packages|__pycache__|CMakeFiles|testdata)\//;
/** Cargo puts programs right into these; what is deeper are parts, tests and examples. */
const CARGO_RELEASE = /^target\/(?:[^/]+\/)?release\/[^/]+$/;
const CARGO_DEBUG = /^target\/(?:[^/]+\/)?debug\/[^/.]+$/;
export const LIBRARY_NAME = /\.so(?:\.\d+)*$/;
/** Names that programs have whose permissions were lost, as in downloads. */
const PLAIN_NAME = /^(?:[^/]+\/)?[^/.]+(?:\.(?:bin|elf|out|run))?$/;
/** Files that are opened; on some file systems all are executable. */
const MAX_OPENED = 2000;

/** Looks for programs in a folder: among executable files and, if none is one, among those without an extension. */
export async function findPrograms(project: Project, tree: SourceTree | undefined): Promise<FoundPrograms> {
  const others = runtimeFolders(project);
  const isRust = tree?.language === 'Rust';
  const files = [...project.files.values()]
    .filter(({ type, path, size }) => type === 'file' && size > 0 && !SKIPPED.test(path))
    .filter(({ path }) => !LIBRARY_NAME.test(path) && !others.some((folder) => path.startsWith(folder)));
  const isOfTarget = ({ path }: ProjectFile): boolean => isRust && path.startsWith('target/');
  const executable = files.filter(
    (file) => file.isExecutable && (!isOfTarget(file) || CARGO_RELEASE.test(file.path)),
  );
  const found = await examine(project, executable);
  const debug = files.filter((file) => file.isExecutable && isOfTarget(file) && CARGO_DEBUG.test(file.path));
  const result = { ...found, debug: debug.map(({ path }) => path) };
  if (found.programs.length > 0) return result;
  const plain = files.filter(({ isExecutable, path }) => !isExecutable && PLAIN_NAME.test(path));
  return { ...result, programs: (await examine(project, plain)).programs };
}

/** @returns nothing if the file is no ELF program; {@link identify} says what it is */
export async function readFound(project: Project, path: string): Promise<FoundProgram | undefined> {
  const file = await openElf(project, path);
  const elf = file && (await project.elf(path));
  if (!elf || !(await isProgram(file, elf))) return undefined;
  return { path, elf, file, platform: architectureOf(elf) };
}

async function examine(
  project: Project,
  files: readonly ProjectFile[],
): Promise<Pick<FoundPrograms, 'programs' | 'foreign'>> {
  const programs: FoundProgram[] = [];
  const foreign: [string, ForeignFile][] = [];
  const depth = ({ path }: ProjectFile): number => path.split('/').length;
  const nearest = files.toSorted((a, b) => depth(a) - depth(b)).slice(0, MAX_OPENED);
  for (const { path } of nearest) {
    const program = await readFound(project, path);
    if (program) programs.push(program);
    else {
      const other = await identify(project, path);
      if (other) foreign.push([path, other]);
    }
  }
  return { programs, foreign };
}

/** Folders, with a slash at their ends, that are a runtime of Java or an environment of Python. */
function runtimeFolders({ files }: Project): string[] {
  return [...files.keys()].flatMap((path) => {
    const [, java] = /^(.*?)lib\/modules$/.exec(path) ?? [];
    if (java !== undefined) return [`${java}bin/`, `${java}lib/`];
    const [, python] = /^(.+\/)pyvenv\.cfg$/.exec(path) ?? [];
    return python === undefined ? [] : [python];
  });
}
