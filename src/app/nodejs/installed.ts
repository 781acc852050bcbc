import { invalid, isFile, readJson } from '../common/documents.ts';
import { list } from '../common/left-out.ts';
import { parentsOf } from '../../rootfs/index.ts';
import { folderOf, follow, join } from '../common/paths.ts';
import { fieldsAt, isFields, type Fields } from '../common/values.ts';
import type { Project } from '../model.ts';
import { findImports } from './imports.ts';
import { namesIn, requiredNames } from './manifest.ts';
import type { PackageManager } from './package-manager.ts';

/** What is known of the dependencies of an application. */
export interface Installed {
  /** How it finds them: in node_modules, by Yarn's Plug'n'Play, or not at all since it imports none. */
  readonly by: 'node_modules' | 'pnp' | 'none';
  readonly evidence: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Checks that the dependencies that the application needs are there.
 * @param main the file that runs: a bundle that imports no dependency needs none to be there
 * @param home folder of the manifest, not the empty text for a package of a workspace
 * @throws PithError APP_INVALID with the command that installs what is missing
 */
export async function checkInstalled(
  project: Project,
  manifest: Fields,
  manager: PackageManager,
  main: string,
  home: string,
): Promise<Installed> {
  if (isFile(project, '.pnp.cjs')) return checkPnp(project, manifest);
  const required = requiredNames(manifest);
  const hasModules = [...project.files.keys()].some(
    (path) => path.startsWith(`${join(home, 'node_modules')}/`) || path.startsWith('node_modules/'),
  );
  const absent = required.filter((name) => !isInstalled(project, name, home));
  const notes: string[] = [];
  if (absent.length > 0) {
    const imported = await findImports(project, main);
    const needed = absent.filter((name) => imported.has(name));
    const [first] = needed;
    if (first !== undefined)
      throw invalid(
        `${imported.get(first) ?? main} imports ${first}, which is not in node_modules${needed.length > 1 ? ` (nor are ${list(needed.slice(1))})` : ''}`,
        adviseInstall(manager),
        'package.json',
      );
    if (!hasModules || absent.length === required.length)
      return {
        by: 'none',
        evidence: [`${main}: a bundle, for it imports none of the dependencies of package.json`],
        notes: hasModules ? ['node_modules is left out: the bundle imports nothing of it'] : [],
      };
    notes.push(`not in node_modules, though package.json has them: ${list(absent)}`);
  }
  const own = namesIn(manifest, 'peerDependencies').length + namesIn(manifest, 'optionalDependencies').length;
  if (!hasModules) return { by: 'none', evidence: [], notes };
  if (
    required.length + own === 0 &&
    namesIn(manifest, 'devDependencies').length > 0 &&
    !hasWorkspaces(project, manifest)
  )
    return {
      by: 'none',
      evidence: [],
      notes: ['node_modules is left out: package.json has dependencies for development only'],
    };
  const locked = manager.name === 'npm' ? await checkNpmLockfile(project, manager) : 0;
  const extra = developmentNames(project, manifest, home);
  if (extra.length > 0)
    notes.push(
      `node_modules holds packages for development (${locked > extra.length ? `${locked}, such as ` : ''}${list(extra)}): \`${manager.install}\` makes the image smaller`,
    );
  return { by: 'node_modules', evidence: [], notes };
}

function adviseInstall(manager: PackageManager): string {
  return `Run \`${manager.install}\` first (in a workspace, pack the output of \`pnpm deploy\`, or the root with \`--main FILE\`); if that was done, see whether .dockerignore leaves node_modules out.`;
}

function hasWorkspaces(project: Project, manifest: Fields): boolean {
  return Object.hasOwn(manifest, 'workspaces') || isFile(project, 'pnpm-workspace.yaml');
}

/** Whether a package is in a node_modules of the folder or of one above it. */
function isInstalled(project: Project, name: string, home: string): boolean {
  return [...(home === '' ? [] : [...parentsOf(home), home]), ''].some((folder) => {
    const place = follow(project, join(folder, `node_modules/${name}/package.json`));
    return place !== undefined && isFile(project, place);
  });
}

function developmentNames(project: Project, manifest: Fields, home: string): string[] {
  const needed = new Set([
    ...namesIn(manifest, 'dependencies'),
    ...namesIn(manifest, 'optionalDependencies'),
    ...namesIn(manifest, 'peerDependencies'),
  ]);
  return namesIn(manifest, 'devDependencies').filter(
    (name) => !needed.has(name) && isInstalled(project, name, home),
  );
}

/**
 * Checks that what npm's lockfile asks for is there (npm documentation, package-lock.json, `packages` of versions 2 and 3).
 * @returns how many packages for development are there
 */
async function checkNpmLockfile(project: Project, manager: PackageManager): Promise<number> {
  if (manager.lockfile === undefined) return 0;
  const packages = Object.entries(fieldsAt((await readJson(project, manager.lockfile)) ?? {}, 'packages'));
  let development = 0;
  const absent: string[] = [];
  for (const [path, entry] of packages) {
    if (!path.startsWith('node_modules/') || !isFields(entry)) continue;
    const isThere = isFile(project, `${path}/package.json`);
    const mayMiss = ['dev', 'optional', 'devOptional', 'peer', 'link', 'inBundle'].some(
      (key) => entry[key] === true,
    );
    if (entry['dev'] === true && isThere) development++;
    if (!isThere && !mayMiss) absent.push(path);
  }
  if (absent.length > 0)
    throw invalid(
      `${manager.lockfile} has packages that are not installed: ${list(absent)}`,
      adviseInstall(manager),
      manager.lockfile,
    );
  return development;
}

/** Yarn's Plug'n'Play: the packages are zip files, which have to be in the project. */
function checkPnp(project: Project, manifest: Fields): Installed {
  const hasCache = [...project.files.keys()].some(
    (path) => folderOf(path) === '.yarn/cache' && path.endsWith('.zip'),
  );
  if (!hasCache && requiredNames(manifest).length > 0)
    throw invalid(
      '.pnp.cjs leads to packages outside of the project: there is no zip file in .yarn/cache',
      'Run `yarn config set enableGlobalCache false` and `yarn install`, or choose `nodeLinker: node-modules`.',
      '.pnp.cjs',
    );
  return {
    by: 'pnp',
    evidence: ["`.pnp.cjs`: Yarn's Plug'n'Play finds the dependencies"],
    notes: [
      '.yarn/cache may hold packages for development: `yarn workspaces focus --production` makes the image smaller',
    ],
  };
}
