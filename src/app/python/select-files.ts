import { peekText } from '../common/documents.ts';
import { isResource, Layering } from '../common/layering.ts';
import { LeftOut, whyLeftOut } from '../common/left-out.ts';
import { isIn, join } from '../common/paths.ts';
import type { AppLayer, Project, ProjectFile } from '../model.ts';
import { findEnvironments, type PackageFolder } from './installed.ts';

export interface Selected {
  readonly layers: readonly AppLayer[];
  /** Paths of packed files in the folders of packages. */
  readonly dependencies: readonly string[];
  readonly notes: readonly string[];
}

const COMPILED = /(?:^|\/)__pycache__\//;
const CACHE =
  /(?:^|\/)(?:\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nox|\.eggs|\.ipynb_checkpoints|\.uv-cache)\//;
const INSTALLERS = /^(?:pip|wheel|uv)(?:\/|-\d)|^(?:_virtualenv\.(?:py|pth)|distutils-precedence\.pth)$/;
const SETUPTOOLS = /^(?:setuptools(?:\/|-\d)|pkg_resources\/|_distutils_hack\/)/;
const BUILD_OUTPUT = /(?:^|\/)(?:dist|build|staticfiles|static)\//;

/** Sorts the files of an application into layers. */
export async function selectFiles(
  project: Project,
  folders: readonly PackageFolder[],
  main: string | undefined,
): Promise<Selected> {
  const leftOut = new LeftOut();
  const layering = new Layering();
  const environments = findEnvironments(project);
  const needsSetuptools = await isSetuptoolsUsed(project, folders);
  const dependencies: string[] = [];
  const installers = new Set<string>();
  for (const file of project.files.values()) {
    const { path, size } = file;
    if (COMPILED.test(path) || CACHE.test(path)) continue;
    const owner = folders.find(({ folder }) => isDependency(folder, path, folders));
    if (owner) {
      const inner = owner.folder === '' ? path : path.slice(owner.folder.length + 1);
      if (INSTALLERS.test(inner) || (!needsSetuptools && SETUPTOOLS.test(inner)))
        installers.add(/^[a-z]+/.exec(inner)?.[0] ?? inner);
      else if (owner.folder === '' || !inner.startsWith('bin/')) {
        dependencies.push(path);
        const name = /^[^/]+?(?=\/|-[\d.]+\.dist-info|\.libs\/|$)/.exec(inner)?.[0] ?? inner;
        layering.add('dependencies', join(owner.to, inner), { path }, { name, size });
      }
    } else if (!environments.some((folder) => isIn(folder, path)) && isWanted(file, main, leftOut))
      layering.add(path !== main && isResource(path) ? 'resources' : 'application', `/app/${path}`, { path });
  }
  const tools = [...installers].filter((name) => ['pip', 'setuptools', 'wheel', 'uv'].includes(name));
  return {
    layers: layering.layers(),
    dependencies,
    notes: [
      ...leftOut.notes(),
      ...(tools.length === 0 ? [] : [`left out, for nothing is installed in an image: ${tools.join(', ')}`]),
    ],
  };
}

/** Whether a file is of a package that is installed; where packages are beside the sources, their own files tell. */
function isDependency(folder: string, path: string, folders: readonly PackageFolder[]): boolean {
  if (folder !== '') return isIn(folder, path);
  const inRoot = folders.find((one) => one.folder === '')?.packages ?? new Map<string, string>();
  const top = (/^[^/]+/.exec(path)?.[0] ?? '').replace(/(?:-[\d.]+)?\.(?:dist-info|libs|py)$/, '');
  return inRoot.has(top.toLowerCase().replace(/[-_.]+/g, '-'));
}

function isWanted(
  { path, isIgnoredByGit }: ProjectFile,
  main: string | undefined,
  leftOut: LeftOut,
): boolean {
  const why = whyLeftOut(path);
  if (why === 'secret') leftOut.addSecret(path);
  if (why !== undefined || /(?:^|\/)node_modules\//.test(path)) return false;
  if (!isIgnoredByGit || path === main || BUILD_OUTPUT.test(path)) return true;
  if (!/\.(?:py[co]|log|egg-info\/.*)$/.test(path)) leftOut.addIgnored(path);
  return false;
}

/** Whether a package says that it needs setuptools when it runs, as older ones do. */
async function isSetuptoolsUsed(project: Project, folders: readonly PackageFolder[]): Promise<boolean> {
  if (!folders.some(({ packages }) => packages.has('setuptools'))) return false;
  for (const path of project.files.keys()) {
    if (!path.endsWith('.dist-info/METADATA') || !folders.some(({ folder }) => isIn(folder, path))) continue;
    const text = await peekText(project, path, 32 << 10);
    if (/^Requires-Dist: setuptools\b(?!.*extra ==)/m.test(text)) return true;
  }
  return false;
}
