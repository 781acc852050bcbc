import { PithError } from '../core/index.ts';
import { isTlsLibrary } from '../rootfs/index.ts';
import { findPrograms, type FoundPrograms, type FoundProgram, readFound } from './native/find-programs.ts';
import { foreignError, identify } from './native/foreign-file.ts';
import { LeftOut, whyLeftOut } from './common/left-out.ts';
import { baseOf, follow } from './common/paths.ts';
import type { Application, AppLayer, Detector, Project } from './model.ts';
import { APP, layOut, type NativeLayout } from './native/layout.ts';
import { ambiguous, refuseUnusable } from './native/refusals.ts';
import { evidenceOf, labelsOf, notesOf, titleOf } from './native/words.ts';
import { type Program, readProgram } from './native/program.ts';
import { readSourceTree, type SourceTree, unbuiltError } from './native/source-tree.ts';

/** Programs in ELF: of Go, Rust, C and C++, alone or with the files that they read. */
export const detectNative: Detector = async (project, request) => {
  const main = request.main ?? project.single;
  const tree = await readSourceTree(project);
  if (main !== undefined) {
    const path = follow(project, main);
    if (path === undefined || project.files.get(path)?.type !== 'file') {
      if (request.kind === 'native') throw notThere(project, main);
      return undefined;
    }
    const program = await readFound(project, path);
    if (program) return describe(project, program, tree, undefined);
    return refuseMain(project, path, request.kind === 'native');
  }
  const found = await findPrograms(project, tree);
  const program = choose(found, tree);
  if (program) return describe(project, program, tree, found);
  if (found.programs.length > 1) throw ambiguous(found.programs);
  if (tree) throw await unbuiltError(project, tree, found.debug[0]);
  const [refused] = found.foreign.filter(([, { kind }]) => kind === 'other system' || kind === 'damaged');
  if (refused) throw foreignError(...refused);
  return undefined;
};

/** The only program, or the one that the manifest names. */
function choose({ programs }: FoundPrograms, tree: SourceTree | undefined): FoundProgram | undefined {
  if (programs.length <= 1) return programs[0];
  const named = programs.filter(({ path }) => tree?.program !== undefined && baseOf(path) === tree.program);
  return named.length === 1 ? named[0] : undefined;
}

async function refuseMain(project: Project, path: string, isAsked: boolean): Promise<undefined> {
  const foreign = await identify(project, path);
  if (foreign) throw foreignError(path, foreign);
  if (!isAsked) return undefined;
  throw new PithError('APP_INVALID', `${path} is no ELF program`, {
    path,
    hint: 'Without `--kind native` pith looks for applications of other kinds, too.',
  });
}

async function describe(
  project: Project,
  found: FoundProgram,
  tree: SourceTree | undefined,
  all: FoundPrograms | undefined,
): Promise<Application> {
  refuseUnusable(found);
  const program = await readProgram(found.file, found.elf);
  const isFolder = project.single === undefined;
  const programs = all?.programs ?? (isFolder ? (await findPrograms(project, tree)).programs : []);
  const isUsable = ({ platform }: FoundProgram): boolean => platform === found.platform;
  const layout = layOut(project, found.path, {
    hasSources: tree !== undefined,
    programs: new Set(programs.filter(isUsable).map(({ path }) => path)),
    unusable: new Set(programs.filter((other) => !isUsable(other)).map(({ path }) => path)),
  });
  const binaries = await binariesOf(project, layout.layers, found.path);
  const tls = binaries.needs.find(isTlsLibrary);
  return {
    kind: 'native',
    title: titleOf(program),
    evidence: [
      ...(tree ? [`${tree.marker}: sources of ${tree.language === 'C' ? 'C or C++' : tree.language}`] : []),
      ...evidenceOf(found, program),
    ],
    layers: layout.layers,
    needs: {
      binaries: binaries.paths,
      libraries: [],
      certificates: program.certificates !== undefined || tls !== undefined,
      timeZones: program.timeZones !== undefined,
    },
    config: {
      entrypoint: [layout.program],
      ...(isFolder ? { workdir: APP } : {}),
      env: {},
      ports: [],
      labels: labelsOf(program),
      writable: [],
    },
    notes: [
      ...notesOf(found, without(program, layout)),
      ...permissionNote(project, found.path),
      ...binaries.notes,
      ...programs.filter((other) => !isUsable(other)).map(platformNote),
      ...secretNotes(project),
    ],
  };
}

/** Programs and libraries among the files of the layers, and what the libraries need. */
async function binariesOf(
  project: Project,
  layers: readonly AppLayer[],
  main: string,
): Promise<{ paths: string[]; needs: string[]; notes: string[] }> {
  const paths = [main];
  const needs: string[] = [];
  const notes: string[] = [];
  const files = layers
    .filter(({ name }) => name !== 'resources')
    .flatMap((layer) => [...layer.files.values()]);
  for (const { path } of files) {
    if (path === main || project.files.get(path)?.type !== 'file') continue;
    const elf = await project.elf(path);
    if (!elf) {
      const foreign = await identify(project, path);
      if (foreign?.kind === 'damaged') notes.push(`${path} ${foreign.what}`);
      continue;
    }
    paths.push(path);
    needs.push(...elf.needed);
    if (elf.needed.some((name) => name.startsWith('libc.musl-')))
      notes.push(`${path} was built for musl, and cannot be loaded where glibc is`);
  }
  return { paths, needs, notes };
}

/** The program without the names of libraries that the application brings. */
function without(program: Program, { layers }: NativeLayout): Program {
  const own = new Set(layers.flatMap(({ files }) => [...files.keys()]).map(baseOf));
  return { ...program, libraries: program.libraries.filter((name) => !own.has(name)) };
}

function permissionNote(project: Project, path: string): string[] {
  return project.files.get(path)?.isExecutable ? [] : [`${path} is not executable; it is in the image`];
}

function platformNote({ path, platform }: FoundProgram): string {
  return `${path} is left out: it is a program for ${platform ?? 'another machine'}`;
}

/** Says which files are left out because they may hold secrets. */
function secretNotes({ files }: Project): string[] {
  const leftOut = new LeftOut();
  for (const path of files.keys()) if (whyLeftOut(path) === 'secret') leftOut.addSecret(path);
  return leftOut.notes();
}

function notThere(project: Project, main: string): PithError {
  return new PithError('APP_INVALID', `${main} is not among the files of ${project.name}`, {
    hint: 'Give its path relative to the folder. What .dockerignore leaves out is not there.',
  });
}
