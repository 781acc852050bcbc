import { invalid, isFile, readText } from '../common/documents.ts';
import { list, whyLeftOut } from '../common/left-out.ts';
import { baseOf, folderOf, isIn, join } from '../common/paths.ts';
import type { Application, Project } from '../model.ts';
import { APP, Layout } from './layout.ts';

/** The file that names a runtime's version and modules, at its top (JEP 220). */
const RELEASE = 'release';
const PLACES = ['', 'target/', 'build/'];
const MAX_SCRIPT = 16 << 10;
/** What a script of `jlink --launcher` starts: a module, or a class of one (jlink(1)). */
const STARTS = /-m\s+([\w.$]+(?:\/[\w.$]+)?)\s/;
const PROGRAM = /\.so(?:\.\d+)*$/;

/** The folder of a runtime image that jlink made, with the script that starts its application. */
export interface OwnRuntime {
  readonly folder: string;
  readonly script: string;
  readonly starts: string;
}

/**
 * Finds a runtime image with a launcher, at the top of the project or one folder below it, `target` or `build`.
 * @throws PithError APP_INVALID for several, and for one without a launcher where the project is nothing else
 */
export async function findOwnRuntime(project: Project): Promise<OwnRuntime | undefined> {
  const folders = [...project.files.keys()]
    .filter((path) => baseOf(path) === RELEASE)
    .map(folderOf)
    .filter((folder) => isRuntime(project, folder) && PLACES.some((place) => isNear(folder, place)));
  const found: OwnRuntime[] = [];
  for (const folder of folders) found.push(...(await findLaunchers(project, folder)));
  if (found.length > 1)
    throw invalid(
      `several programs of a Java runtime could be the one that runs: ${list(
        found.map(({ script }) => script),
        8,
      )}`,
      'Make an image with one launcher: `jlink --launcher NAME=MODULE/CLASS`.',
    );
  if (found.length === 0 && folders.includes(''))
    throw invalid(
      `${project.name} is a Java runtime, and nothing says what it runs`,
      'Give it a launcher: `jlink --launcher NAME=MODULE/CLASS`.',
    );
  return found[0];
}

function isRuntime(project: Project, folder: string): boolean {
  return isFile(project, join(folder, 'lib/modules')) && isFile(project, join(folder, 'bin/java'));
}

function isNear(folder: string, place: string): boolean {
  return folder.startsWith(place) && !folder.slice(place.length).includes('/');
}

async function findLaunchers(project: Project, folder: string): Promise<OwnRuntime[]> {
  const found: OwnRuntime[] = [];
  for (const { path, type, size } of project.files.values()) {
    if (type !== 'file' || folderOf(path) !== join(folder, 'bin') || size > MAX_SCRIPT) continue;
    if ((await project.elf(path)) || path.endsWith('.bat')) continue;
    const starts = STARTS.exec((await readText(project, path)) ?? '')?.[1];
    if (starts !== undefined) found.push({ folder, script: path, starts });
  }
  return found;
}

/** A runtime image of its own: it needs libraries of the base, and no Java. What it runs is in `lib/modules`. */
export async function packOwnRuntime(
  project: Project,
  { folder, script, starts }: OwnRuntime,
): Promise<Application> {
  const place = (path: string): string => `${APP}/${path.slice(folder === '' ? 0 : folder.length + 1)}`;
  const layout = new Layout(['runtime', 'application']);
  const binaries: string[] = [];
  for (const { path, type } of project.files.values()) {
    if (!isIn(folder, path) || whyLeftOut(path) !== undefined) continue;
    const isModules = path === join(folder, 'lib/modules');
    layout.add(isModules ? 'application' : 'runtime', place(path), { path });
    const isProgram = path === join(folder, 'bin/java') || PROGRAM.test(path);
    if (type === 'file' && isProgram && (await project.elf(path))) binaries.push(path);
  }
  const keystore = project.files.get(join(folder, 'lib/security/cacerts'));
  return {
    kind: 'java',
    title: 'Java application with its own runtime (jlink)',
    evidence: [`${script}: it starts ${starts} of the runtime beside it`],
    layers: layout.layers(),
    needs: { binaries, libraries: [], certificates: false, timeZones: false },
    config: {
      entrypoint: [place(join(folder, 'bin/java')), '-m', starts],
      workdir: APP,
      // The C library has it built in: without it Java finds no file with a name beyond ASCII.
      env: { LANG: 'C.UTF-8' },
      ports: [],
      labels: {},
      writable: [],
    },
    notes: [
      ...(binaries.length === 0
        ? [`${join(folder, 'bin/java')} is no ELF program: it cannot run on Linux`]
        : []),
      ...(keystore?.type === 'file'
        ? []
        : ['its runtime has no keystore (lib/security/cacerts): it trusts no server that it calls by TLS']),
    ],
  };
}
