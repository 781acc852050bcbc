import { invalid, isFile } from './common/documents.ts';
import { describe } from './common/labels.ts';
import { isIn } from './common/paths.ts';
import { fieldsAt, textAt, type Fields } from './common/values.ts';
import type { Application, AppRequest, Detector, Project } from './model.ts';
import { findCompiledModules } from './python/compiled-modules.ts';
import { PYTHON, PYTHON_ENV } from './python/image.ts';
import {
  findEnvironments,
  findPackageFolders,
  installedVersions,
  type PackageFolder,
} from './python/installed.ts';
import { readPathFiles } from './python/path-files.ts';
import {
  checkRequirements,
  findRequirements,
  ownName,
  readPyproject,
  type Requirement,
} from './python/requirements.ts';
import { type Condition, findRuntime, OF_IMAGES, versionsFor } from './python/runtime.ts';
import { selectFiles } from './python/select-files.ts';
import { detectSingleProgram } from './python/single-program.ts';
import { findStart } from './python/start.ts';
import { findUses } from './python/uses.ts';
import { labelsOfWheel, startWheel } from './python/wheels/start-wheel.ts';
import { findWheels, type UsedWheels, useWheels } from './python/wheels/use-wheels.ts';

const MANIFESTS = ['pyproject.toml', 'requirements.txt', 'Pipfile', 'setup.py', 'manage.py', 'runtime.txt'];
/** Files of projects that have something in Python beside. */
const OF_OTHERS = [
  'package.json',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'go.mod',
  'Cargo.toml',
  'CMakeLists.txt',
];

/**
 * Python: a project with the packages that it needs in a virtual environment or in a folder that `pip install --target` filled,
 * a zipapp, a script. Nothing is run or resolved anew: what is installed is what is packed.
 */
export const detectPython: Detector = async (project, request) => {
  if (request.kind !== undefined && request.kind !== 'python') return undefined;
  if (request.main !== undefined && request.kind === undefined && !/\.(?:pyz?|whl)$/.test(request.main))
    return undefined;
  const isWheel = project.single?.endsWith('.whl') === true;
  if (project.single !== undefined && !isWheel) return detectSingleProgram(project, project.single);
  const manifest = MANIFESTS.find((path) => isFile(project, path));
  const isOther = OF_OTHERS.some((path) => isFile(project, path));
  const folders = await findPackageFolders(project);
  const isWanted = request.kind !== undefined || request.main !== undefined || isWheel;
  const environments = findEnvironments(project);
  const hasWheels = !isFile(project, 'index.html') && findWheels(project, environments).length > 0;
  const hasFiles = hasSources(project) || hasWheels;
  if (!isWanted && manifest === undefined && folders.length === 0 && (isOther || !hasFiles)) return undefined;

  const pyproject = await readPyproject(project);
  const required = await findRequirements(project, pyproject);
  const wheels = await useWheels(project, request, {
    installed: installedVersions(folders),
    environments,
    own: ownName(pyproject),
    required,
    hasSources: hasPrograms(project),
    versions: await versionsFor(project, pyproject),
  });
  return pack(
    { project: wheels?.project ?? project, request, pyproject, required, isOther, isWanted, environments },
    [...folders, ...(wheels?.folders ?? [])],
    manifest,
    wheels,
  );
};

interface Asked {
  readonly project: Project;
  readonly request: AppRequest;
  readonly pyproject: Fields;
  readonly required: readonly Requirement[];
  /** Whether it may be a project of another kind, and whether Python is asked for. */
  readonly isOther: boolean;
  readonly isWanted: boolean;
  readonly environments: readonly string[];
}

async function pack(
  { project, request, pyproject, required, isOther, isWanted, environments }: Asked,
  folders: readonly PackageFolder[],
  manifest: string | undefined,
  wheels: UsedWheels | undefined,
): Promise<Application | undefined> {
  const app = wheels?.app;
  const isOwn = (path: string): boolean =>
    !environments.some((folder) => isIn(folder, path)) &&
    !folders.some(({ folder }) => folder !== '' && isIn(folder, path)) &&
    !path.includes('node_modules/');
  const start = app
    ? await startWheel(project, folders, app)
    : await findStart(project, pyproject, folders, isOwn, request);
  if (!start) {
    if (!isWanted && (isOther || manifest === undefined)) return undefined;
    throw invalid(
      `${manifest ?? project.name}: nothing says what runs`,
      'Name the file with `--main FILE`, or write a Procfile (`web: gunicorn app:app`) or [project.scripts] in pyproject.toml.',
      manifest,
    );
  }
  const installed = installedVersions(folders);
  const own = ownName(pyproject);
  if (!app)
    checkRequirements(
      required.filter(({ name }) => name !== own),
      installed,
    );
  const main = start.words[0]?.startsWith('-') ? undefined : start.words[0];
  const selected = await selectFiles(project, folders, main);
  const compiled = await findCompiledModules(project, selected.dependencies);
  const environment = folders.find((one) => one.environment)?.environment;
  const { runtime, notes } = await findRuntime(project, pyproject, compiled, environment?.version, [
    ...(wheels ? [conditionOfWheels(wheels)] : []),
  ]);
  const paths = await readPathFiles(project, folders);
  const uses = await findUses(project, installed, isOwn);
  const path = pythonPath(project, folders, paths.folders);
  return {
    kind: 'python',
    title: `Python application${start.framework === undefined ? '' : ` (${start.framework})`}`,
    evidence: [start.evidence, ...folders.map(evidenceOf)],
    layers: wheels?.onDisk(selected.layers) ?? selected.layers,
    ...(wheels?.isForPlatform ? { isForPlatform: true } : {}),
    needs: {
      runtime,
      // Those in wheels are for the platform that the names of these tell.
      binaries: compiled.binaries.filter((path) => !path.includes('.whl/')),
      libraries: [],
      certificates: uses.certificates,
      timeZones: uses.timeZones,
    },
    config: {
      entrypoint: [PYTHON, ...start.words],
      ...(app ? {} : { workdir: '/app' }),
      env: { ...PYTHON_ENV, ...(path === '' ? {} : { PYTHONPATH: path }), ...start.env },
      ports: start.ports,
      labels: app ? labelsOfWheel(app) : labelsOf(pyproject),
      writable: [],
    },
    notes: [
      ...start.notes,
      ...(wheels?.notes ?? []),
      ...notes,
      ...paths.notes,
      ...uses.notes,
      ...selected.notes,
    ],
  };
}

function conditionOfWheels({ accepts }: UsedWheels): Condition {
  const versions = OF_IMAGES.filter(accepts);
  return { wanted: `${versions.join(' or ')} (wheels)`, accepts };
}

function hasSources(project: Project): boolean {
  if (isFile(project, 'index.html')) return false;
  return [...project.files.keys()].some((path) => /^[^/]+\.py$/.test(path)) || isFile(project, 'Procfile');
}

/** Whether there are sources that may run, besides those that build and test. */
function hasPrograms(project: Project): boolean {
  const isProgram = (path: string): boolean =>
    /^[^/]+\.py$/.test(path) && !/^(?:setup|conftest|noxfile|test_.*)\.py$/.test(path);
  return [...project.files.keys()].some(isProgram) || isFile(project, 'Procfile');
}

function evidenceOf({ folder, packages, environment, isWheel }: PackageFolder): string {
  if (isWheel) return `${folder}: a wheel in the place of an installed package`;
  const count = `${packages.size} package${packages.size === 1 ? '' : 's'}`;
  return environment === undefined
    ? `${folder === '' ? 'the project itself' : folder}: ${count}, installed with --target`
    : `${environment.folder === '' ? 'the project itself' : environment.folder}: a virtual environment${environment.version === undefined ? '' : ` of Python ${environment.version}`} with ${count}`;
}

/** Where Python looks for modules besides the working folder: sources in src, then packages. */
function pythonPath(project: Project, folders: readonly PackageFolder[], added: readonly string[]): string {
  const hasSrc =
    isFile(project, 'pyproject.toml') &&
    [...project.files.keys()].some((path) => /^src\/[^/]+(?:\.py|\/__init__\.py)$/.test(path));
  const own = [...added, ...(hasSrc ? ['src'] : [])].map((folder) =>
    folder === '' ? '/app' : `/app/${folder}`,
  );
  return [
    ...new Set([...own, ...folders.filter(({ packages }) => packages.size > 0).map(({ to }) => trim(to))]),
  ].join(':');
}

function trim(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function labelsOf(pyproject: Fields): Record<string, string> {
  const poetry = fieldsAt(fieldsAt(pyproject, 'tool'), 'poetry');
  const project = { ...poetry, ...fieldsAt(pyproject, 'project') };
  const urls = Object.fromEntries(
    Object.entries(fieldsAt(project, 'urls')).map(([key, value]) => [key.toLowerCase(), value]),
  );
  return describe({
    version: textAt(project, 'version'),
    title: textAt(project, 'name'),
    description: textAt(project, 'description'),
    licenses: textAt(project, 'license') ?? textAt(fieldsAt(project, 'license'), 'text'),
    source: textAt(urls, 'source') ?? textAt(urls, 'repository') ?? textAt(urls, 'source code'),
    url: textAt(urls, 'homepage') ?? textAt(urls, 'home'),
  });
}
