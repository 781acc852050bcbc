import { parentsOf } from '../../rootfs/index.ts';
import { whyLeftOut } from '../common/left-out.ts';
import { folderOf, isIn } from '../common/paths.ts';
import type { AppLayer, AppSource, Project, ProjectFile } from '../model.ts';
import { LIBRARY_NAME } from './find-programs.ts';

export interface NativeLayout {
  /** Absolute path of the program in the image. */
  readonly program: string;
  readonly layers: readonly AppLayer[];
}

/** The folder of an application in the image. */
export const APP = '/app';

/** Folders that hold what was built, and those of them that hold only what is shipped. */
const OUTPUT = /^(?:target|build|builddir|bin|dist|out|Release|cmake-build-[^/]+|zig-out)\//;
const SHIPPED = /^(?:dist|out)\//;
/** Folders of others' sources, of tests, and of what is left from building. */
const NO_RESOURCES =
  /(?:^|\/)(?:node_modules|vendor|third_party|testdata|tests?|benches|examples|CMakeFiles|__pycache__)\//;
/** What Cargo makes for itself: macros, which only the compiler loads. */
const CARGO_PARTS = /^target\/(?:[^/]+\/)?release\/(?:deps|build|examples|incremental)\//;
const SOURCE =
  /\.(?:go|rs|c|h|cc|cpp|cxx|hh|hpp|hxx|inl|ipp|s|S|asm|zig|proto|o|a|d|rlib|rmeta|lo|la|cmake|m4|am|ac|ld|md|rst)$/;
const BUILD_FILE =
  /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|clippy\.toml|rustfmt\.toml|CMakeLists\.txt|CMakePresets\.json|meson\.(?:build|options)|meson_options\.txt|[Mm]akefile|GNUmakefile|configure|[Tt]askfile\.ya?ml|justfile|build\.ninja|compile_commands\.json)$/;

/**
 * Puts an application below /app. In a folder of what was built, files stay where they are to each other, so that a program
 * finds the libraries beside it (`$ORIGIN` in its RUNPATH). Of a folder of sources the program goes to the top, with what
 * lies beside it, and with the files that are no sources.
 * @param program path of what runs
 * @param options.programs paths of all programs that the platform can run
 * @param options.unusable paths of files that it cannot run
 */
export function layOut(
  project: Project,
  program: string,
  options: {
    readonly hasSources: boolean;
    readonly programs: ReadonlySet<string>;
    readonly unusable: ReadonlySet<string>;
  },
): NativeLayout {
  const { hasSources, programs, unusable } = options;
  const folder = hasSources && OUTPUT.test(program) ? `${folderOf(program)}/` : '';
  const belongs = hasSources ? besideSources(program, folder) : built(project, program, programs);
  const taken = [...project.files.values()].filter(
    (file) =>
      !unusable.has(file.path) && (file.path === program || (belongs(file) && !whyLeftOut(file.path))),
  );
  const atTop = (path: string): string => (path.startsWith(folder) ? path.slice(folder.length) : path);
  const isTaken = hasConflict(taken.map(({ path }) => atTop(path)));
  const place = (path: string): string => `${APP}/${isTaken ? path : atTop(path)}`;
  const layer = (name: string, isOf: (path: string) => boolean, mode?: number): AppLayer => ({
    name,
    files: new Map(
      taken
        .filter(({ path }) => isOf(path))
        .map(({ path }): [string, AppSource] => [
          place(path),
          mode === undefined ? { path } : { path, mode },
        ]),
    ),
  });
  const isProgram = (path: string): boolean => path === program || programs.has(path);
  const isLibrary = (path: string): boolean => !isProgram(path) && LIBRARY_NAME.test(path);
  const layers = [
    layer('libraries', isLibrary),
    layer('resources', (path) => !isProgram(path) && !isLibrary(path)),
    layer('application', isProgram, 0o755),
  ];
  return { program: place(program), layers: layers.filter(({ files }) => files.size > 0) };
}

/** Whether a path is there twice, or a file where another path has a folder. */
function hasConflict(paths: readonly string[]): boolean {
  const known = new Set(paths);
  return (
    known.size < paths.length || paths.some((path) => parentsOf(path).some((folder) => known.has(folder)))
  );
}

/**
 * Files of a folder of what was built: without those that git ignores, but for programs and libraries. Where the program's
 * own folder is ignored, or everything is, that says nothing.
 */
function built(
  { files }: Project,
  program: string,
  programs: ReadonlySet<string>,
): (file: ProjectFile) => boolean {
  const folder = folderOf(program);
  const isAllIgnored = [...files.values()].every(
    ({ path, isIgnoredByGit }) => isIgnoredByGit || whyLeftOut(path),
  );
  const isOutput = folder !== '' && files.get(program)?.isIgnoredByGit === true;
  return ({ path, isIgnoredByGit }) =>
    !isIgnoredByGit ||
    isAllIgnored ||
    (isOutput && isIn(folder, path)) ||
    programs.has(path) ||
    LIBRARY_NAME.test(path);
}

/** Of a folder of sources: what was built beside the program, and what git knows and no compiler reads. */
function besideSources(program: string, folder: string): (file: ProjectFile) => boolean {
  const isShipped = SHIPPED.test(program);
  return ({ path, isIgnoredByGit }) => {
    if (folder !== '' && path.startsWith(folder))
      return isShipped || (LIBRARY_NAME.test(path) && !NO_RESOURCES.test(path) && !CARGO_PARTS.test(path));
    if (OUTPUT.test(path) || NO_RESOURCES.test(path) || path.startsWith('.')) return false;
    if (SOURCE.test(path) || BUILD_FILE.test(path)) return false;
    return !isIgnoredByGit || LIBRARY_NAME.test(path);
  };
}
