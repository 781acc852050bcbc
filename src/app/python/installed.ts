import { readText } from '../common/documents.ts';
import { isIn, join } from '../common/paths.ts';
import type { Project } from '../model.ts';

/** Packages that are installed in one folder. */
export interface PackageFolder {
  /** Path in the project; the empty text is the project itself. */
  readonly folder: string;
  /** Absolute path in the image. */
  readonly to: string;
  /** Folder of the virtual environment that it is of, and its Python, such as `3.11`. */
  readonly environment?: { readonly folder: string; readonly version: string | undefined };
  /** Whether it is a wheel, which is no folder on the disk. */
  readonly isWheel?: true;
  /** Versions by normalised names. */
  readonly packages: ReadonlyMap<string, string>;
}

/** A place for the packages of a virtual environment: its programs are links to the machine that made it. */
export const SITE_PACKAGES = '/opt/site-packages';
const DIST_INFO = /^(?:(.*)\/)?([^/]+)-([^/-]+)\.dist-info\/METADATA$/;

/** The name of a package as it is compared (PyPA specifications, "Name normalization"). */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/**
 * Where packages are installed: in the virtual environment of the project, and in folders that `pip install --target` filled,
 * whatever their names are.
 */
export async function findPackageFolders(project: Project): Promise<PackageFolder[]> {
  const environments = findEnvironments(project);
  const found = new Map<string, Map<string, string>>();
  for (const path of project.files.keys()) {
    const [, folder = '', name, version] = path.endsWith('/METADATA') ? (DIST_INFO.exec(path) ?? []) : [];
    if (name === undefined || version === undefined || folder.includes('node_modules')) continue;
    const packages = found.get(folder) ?? new Map<string, string>();
    found.set(folder, packages.set(normaliseName(name), version));
  }
  const order = ['.venv', 'venv', 'env'];
  const rank = (folder: string): number => (order.includes(folder) ? order.indexOf(folder) : order.length);
  const [environment] = environments.sort((a, b) => rank(a) - rank(b));
  const folders: PackageFolder[] = [];
  for (const [folder, packages] of found) {
    const owner = environments.find((one) => isIn(one, folder));
    if (owner === undefined) folders.push({ folder, to: join('/app', folder), packages });
    else if (owner === environment && folder.endsWith('/site-packages'))
      folders.push({
        folder,
        to: SITE_PACKAGES,
        packages,
        environment: { folder: owner, version: await versionOf(project, owner, folder) },
      });
  }
  if (environment !== undefined && !folders.some((one) => one.environment))
    folders.push({
      folder: join(environment, 'lib/site-packages'),
      to: SITE_PACKAGES,
      packages: new Map(),
      environment: { folder: environment, version: await versionOf(project, environment, '') },
    });
  return folders;
}

/** Folders of all virtual environments: but for the packages of one, nothing of them is packed. */
export function findEnvironments(project: Project): string[] {
  return [...project.files.keys()]
    .filter((path) => /^(?:[^/]+\/)?pyvenv\.cfg$/.test(path))
    .map((path) => path.slice(0, -'pyvenv.cfg'.length).replace(/\/$/, ''));
}

async function versionOf(project: Project, environment: string, folder: string): Promise<string | undefined> {
  const named = /\/python(\d\.\d{1,3})t?\//.exec(folder)?.[1];
  if (named !== undefined) return named;
  const text = (await readText(project, join(environment, 'pyvenv.cfg'))) ?? '';
  return /^version(?:_info)?[ \t]*=[ \t]*(\d\.\d{1,3})/m.exec(text)?.[1];
}

/** Versions of all packages that are installed, in any of the folders, by name. */
export function installedVersions(folders: readonly PackageFolder[]): ReadonlyMap<string, string> {
  return new Map(folders.flatMap(({ packages }) => [...packages]));
}
