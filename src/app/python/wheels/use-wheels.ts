import { invalid } from '../../common/documents.ts';
import { list } from '../../common/left-out.ts';
import { isIn, normalise } from '../../common/paths.ts';
import type { AppLayer, AppRequest, Project } from '../../model.ts';
import type { PackageFolder } from '../installed.ts';
import { chooseWheels, type ChosenWheels, requirementsOf } from './choose.ts';
import { readWheel, type Wheel } from './read-wheel.ts';
import { parseWheelName, type WheelFile } from './tags.ts';
import { foldersOf, packedLayers, withWheels } from './unpacked.ts';

/** Wheels in the place of installed packages. */
export interface UsedWheels {
  /** The project as it would be with them unpacked. */
  readonly project: Project;
  readonly folders: readonly PackageFolder[];
  /** The one that is the application, where it is no sources that are. */
  readonly app: Wheel | undefined;
  readonly accepts: (version: string) => boolean;
  /** Whether another platform may get others. */
  readonly isForPlatform: boolean;
  readonly notes: readonly string[];
  /** Layers of `project`, as they lie on the disk. */
  readonly onDisk: (layers: readonly AppLayer[]) => AppLayer[];
}

export interface WithoutWheels {
  /** Packages that are installed, by name. */
  readonly installed: ReadonlyMap<string, string>;
  /** Folders of virtual environments. */
  readonly environments: readonly string[];
  /** Name of the project itself. */
  readonly own: string | undefined;
  readonly required: readonly { readonly name: string; readonly where: string }[];
  /** Whether there are sources that could run. */
  readonly hasSources: boolean;
  /** Versions of Python that may be used, the best first. */
  readonly versions: readonly string[];
}

/** Paths of wheels that a project brings. */
export function findWheels(project: Project, environments: readonly string[]): string[] {
  return [...project.files.values()]
    .filter(({ path, type }) => path.endsWith('.whl') && type === 'file')
    .map(({ path }) => path)
    .filter((path) => !path.includes('node_modules/') && !environments.some((folder) => isIn(folder, path)));
}

/**
 * Takes wheels for what is not installed: those that the sources require, or one that is the application, with what it requires.
 * @returns undefined if there is none to be taken
 * @throws PithError APP_INVALID if one is missing, does not fit or is not sound
 */
export async function useWheels(
  project: Project,
  request: AppRequest,
  without: WithoutWheels,
): Promise<UsedWheels | undefined> {
  const { installed, own, required, hasSources, versions } = without;
  const named = project.single ?? (request.main?.endsWith('.whl') ? normalise(request.main) : undefined);
  const files = findWheels(project, without.environments).flatMap((path) => parseWheelName(path) ?? []);
  const main = files.find(({ path }) => path === named);
  if (named !== undefined && !main)
    throw invalid(`${named} has no name of a wheel`, 'Name it NAME-VERSION-PYTHON-ABI-PLATFORM.whl.', named);
  const fresh = files.filter(({ name, path }) =>
    main?.name === name ? path === named : !installed.has(name) && (name !== own || installed.size === 0),
  );
  if (fresh.length === 0) return undefined;
  const read = reader(project);
  const choose = (names: ReadonlyMap<string, string>): Promise<ChosenWheels> =>
    chooseWheels(
      fresh,
      { names, installed: new Set(installed.keys()), platform: request.platform, versions },
      read,
    );
  const all = new Map(fresh.map(({ name, path }) => [name, path]));
  const isOwn = own !== undefined && all.has(own);
  const isSource = main === undefined && !isOwn && hasSources;
  const missing = required.filter(({ name }) => !installed.has(name) && name !== own);
  const asked = missing.length === 0 ? all : new Map(missing.map(({ name, where }) => [name, where]));
  if (isSource && missing.length === 0 && required.length > 0) return undefined;
  const appName =
    main?.name ?? (isOwn ? own : undefined) ?? (isSource ? undefined : rootOf((await choose(all)).wheels));
  const chosen = await choose(appName === undefined ? asked : new Map([[appName, all.get(appName) ?? '']]));
  const { wheels, accepts } = chosen;
  const unused = fresh.filter(({ path }) => !wheels.some((wheel) => wheel.path === path));
  return {
    project: withWheels(project, wheels, () => appName === undefined),
    folders: foldersOf(wheels),
    app: wheels.find(({ name }) => name === appName),
    accepts,
    isForPlatform: fresh.some(({ platforms }) => !platforms.includes('any')),
    notes:
      unused.length === 0
        ? []
        : [
            `left out, for nothing asks for them or others fit better: ${list(unused.map(({ path }) => path))}`,
          ],
    onDisk: (layers) => packedLayers(layers, wheels),
  };
}

/** Each wheel is read once. */
function reader(project: Project): (file: WheelFile) => Promise<Wheel> {
  const wheels = new Map<string, Promise<Wheel>>();
  return (file) => {
    const reading = wheels.get(file.path) ?? readWheel(project, file);
    wheels.set(file.path, reading);
    return reading;
  };
}

/** The wheel that no other one asks for, and that has a program if several are such. */
function rootOf(wheels: readonly Wheel[]): string {
  const asked = new Set(wheels.flatMap((wheel) => requirementsOf(wheel).map(({ name }) => name)));
  const roots = wheels.filter(({ name }) => !asked.has(name));
  const programs = roots.filter(({ members }) =>
    [...members.keys()].some(
      (path) => path.endsWith('.dist-info/entry_points.txt') || /^\w+\/__main__\.py$/.test(path),
    ),
  );
  const [first, ...others] = programs.length > 0 ? programs : roots;
  if (first && others.length === 0) return first.name;
  throw invalid(
    `several wheels could be the application: ${list([first, ...others].flatMap((one) => one?.path ?? []))}`,
    'Say which with `--main FILE.whl`.',
    first?.path,
  );
}
