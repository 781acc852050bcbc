import { isLeftOut } from './left-out.ts';
import type { AppLayer, AppSource, Project, ProjectFile } from './model.ts';
import { LIBRARY_NAME } from './find-programs.ts';
import type { SourceTree } from './source-tree.ts';

/** Where the files of a native application go. */
export interface NativeLayout {
  /** Path of the program in the image. */
  readonly program: string;
  readonly layers: readonly AppLayer[];
}

export const APP = '/app';
/** Folders that hold what was built. */
const OUTPUT = /^(?:target|build|builddir|bin|dist|out|Release|cmake-build-[^/]+|zig-out)\//;
/** Of these, folders that hold what is shipped, and nothing that is left from building. */
const SHIPPED = /^(?:dist|out)\//;
/** Folders of sources, of others' sources, of tests, and of what is left from building. */
const SOURCE_FOLDER =
  /(?:^|\/)(?:node_modules|vendor|third_party|testdata|tests?|benches|examples|CMakeFiles|__pycache__)\//;
const SOURCE_FILE =
  /\.(?:go|rs|c|h|cc|cpp|cxx|hh|hpp|hxx|inl|ipp|s|S|asm|zig|proto|o|a|d|rlib|rmeta|lo|la|cmake|m4|am|ac|ld|md|rst)$/;
const BUILD_FILE =
  /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|clippy\.toml|rustfmt\.toml|CMakeLists\.txt|CMakePresets\.json|meson(?:_options|\.options)?\.(?:build|txt)|[Mm]akefile|GNUmakefile|configure|[Tt]askfile\.ya?ml|justfile|build\.ninja|compile_commands\.json)$/;

/**
 * Puts an application below /app. In a folder of what was built, all files stay where they are to each other, so that
 * libraries beside the program are found. Of sources, what is no source goes with the program.
 * @param program path of what runs
 * @param others other programs of the same platform
 * @param unusable programs of other platforms
 */
export function layOut(
  project: Project,
  tree: SourceTree | undefined,
  program: string,
  others: readonly string[],
  unusable: ReadonlySet<string>,
): NativeLayout {
  const isOutput = tree !== undefined && OUTPUT.test(program);
  const folder = program.slice(0, program.lastIndexOf('/') + 1);
  const kept = [...project.files.values()].filter(
    (file) =>
      file.path !== program && !unusable.has(file.path) && (!tree || isResource(file, program, folder, isOutput)),
  );
  const ignoresAll = kept.every(({ isIgnoredByGit }) => isIgnoredByGit);
  const isBeside = ({ path }: ProjectFile): boolean => isOutput && path.startsWith(folder);
  const taken = kept.filter(
    (file) =>
      !isLeftOut(file.path) &&
      (ignoresAll || !file.isIgnoredByGit || isBeside(file) || isBinary(file.path) || isNear(file, program)),
  );
  const flat = (path: string): string => path.slice(isOutput && path.startsWith(folder) ? folder.length : 0);
  const isFree = taken.every(({ path }) => !`${flat(path)}/`.startsWith(`${flat(program)}/`));
  const place = (path: string): string => `${APP}/${isFree ? flat(path) : path}`;
  function isBinary(path: string): boolean {
    return LIBRARY_NAME.test(path) || others.includes(path);
  }
  const collect = (files: readonly ProjectFile[]): ReadonlyMap<string, AppSource> =>
    new Map(files.map((file) => [place(file.path), { path: file.path }]));
  const own = [...taken.filter(({ path }) => others.includes(path)), ...filesAt(project, program)];
  const layers = [
    { name: 'libraries', files: collect(taken.filter(({ path }) => LIBRARY_NAME.test(path))) },
    { name: 'resources', files: collect(taken.filter(({ path }) => !isBinary(path))) },
    { name: 'application', files: new Map([...collect(own)].map(([at, source]) => [at, { ...source, mode: 0o755 }])) },
  ];
  return { program: place(program), layers: layers.filter(({ files }) => files.size > 0) };
}
