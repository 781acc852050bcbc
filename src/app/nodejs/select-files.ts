import { invalid } from '../common/documents.ts';
import { isResource, Layering } from '../common/layering.ts';
import { LeftOut, whyLeftOut } from '../common/left-out.ts';
import { baseOf, follow } from '../common/paths.ts';
import type { AppLayer, Project, ProjectFile } from '../model.ts';
import { findNativeFiles, ownerOf } from './native-files.ts';

/** What decides which files are packed, and where they go. */
export interface Selection {
  /** Path below the working folder; undefined for what stays out. */
  readonly place: (path: string) => string | undefined;
  readonly main: string;
  readonly dependencies: 'node_modules' | 'pnp' | 'none';
  /** Whether the files are the output of a build as a whole: then what git says of them does not matter. */
  readonly isOutput: boolean;
}

export interface Selected {
  readonly layers: readonly AppLayer[];
  readonly binaries: readonly string[];
  readonly notes: readonly string[];
}

const BUILD_OUTPUT = /(?:^|\/)(?:dist|build|out|\.next|\.output|\.svelte-kit|\.nuxt)\//;
const CACHE =
  /(?:^|\/)(?:node_modules\/\.(?:cache|vite|tmp)|\.next\/cache|\.npm|\.pnpm-store|\.turbo|\.eslintcache)(?:\/|$)/;
/** What package managers note for themselves (times, paths of this machine), and what compilers leave behind. */
const LEFT_BEHIND =
  /(?:^|\/)node_modules\/(?:\.modules\.yaml|\.pnpm-workspace-state.*\.json|\.yarn-(?:integrity|state\.yml)|.*\/build\/(?:node_gyp_bins\/.*|(?:Release|Debug)\/(?:(?:obj|obj\.target|\.deps)\/.*|[^/]+\.a)))$/;
const LOCKFILES = new Set(['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock']);

/**
 * Sorts the files of an application into layers.
 * @throws PithError APP_INVALID if a dependency is a link out of the project, or is for another system only
 */
export async function selectFiles(project: Project, selection: Selection): Promise<Selected> {
  const leftOut = new LeftOut();
  const chosen: { readonly file: ProjectFile; readonly to: string; readonly isDependency: boolean }[] = [];
  for (const file of project.files.values()) {
    const to = selection.place(file.path);
    if (to === undefined || CACHE.test(file.path) || LEFT_BEHIND.test(file.path)) continue;
    const isDependency = isOfDependency(file.path);
    if (isDependency ? isWantedDependency(file.path, selection) : isWanted(file, selection, leftOut))
      chosen.push({ file, to, isDependency });
  }
  const natives = await findNativeFiles(
    project,
    chosen.map(({ file }) => file),
  );
  const layering = new Layering();
  for (const { file, to, isDependency } of chosen) {
    const { path, type, size } = file;
    if (natives.isForeign(path)) continue;
    if (type === 'symlink' && isDependency && !isUsableLink(project, file)) continue;
    const target = `/app/${to}`;
    if (isDependency || LOCKFILES.has(path))
      layering.add('dependencies', target, { path }, { name: ownerOf(path), size });
    else
      layering.add(path !== selection.main && isResource(to) ? 'resources' : 'application', target, { path });
  }
  return {
    layers: layering.layers(),
    binaries: natives.binaries,
    notes: [...leftOut.notes(), ...natives.notes],
  };
}

function isOfDependency(path: string): boolean {
  return (
    path.startsWith('node_modules/') || path.includes('/node_modules/') || /^\.(?:yarn\/|pnp\.)/.test(path)
  );
}

function isWantedDependency(path: string, { dependencies }: Selection): boolean {
  if (path.startsWith('.')) {
    if (/^\.(?:yarn|pnp)/.test(path))
      return dependencies === 'pnp' && /^\.(?:pnp\.|yarn\/(?:cache|unplugged)\/)/.test(path);
    return true;
  }
  return dependencies === 'node_modules' || !path.startsWith('node_modules/');
}

function isWanted({ path, isIgnoredByGit }: ProjectFile, selection: Selection, leftOut: LeftOut): boolean {
  const why = whyLeftOut(path);
  if (why === 'secret') leftOut.addSecret(path);
  if (why !== undefined) return false;
  if (!isIgnoredByGit || selection.isOutput || path === selection.main) return true;
  const slash = selection.main.indexOf('/');
  const isBesideMain = slash > 0 && path.startsWith(selection.main.slice(0, slash + 1));
  if (isBesideMain || BUILD_OUTPUT.test(path)) return true;
  if (!/\.(?:log|tsbuildinfo)$/.test(baseOf(path))) leftOut.addIgnored(path);
  return false;
}

/**
 * Whether a link of a dependency is packed: `pnpm deploy` leaves links to the workspace behind where only packages that import
 * what they do not name would find them.
 */
function isUsableLink(project: Project, { path, target }: ProjectFile): boolean {
  if (follow(project, path) !== undefined) return true;
  if (path.startsWith('node_modules/.pnpm/node_modules/')) return false;
  throw invalid(
    `${path} is a link out of the folder (to ${target})`,
    'Pack a folder that has its dependencies in it: what `pnpm --filter NAME deploy --prod FOLDER` writes, or the root of the workspace with `--main FILE`.',
    path,
  );
}
