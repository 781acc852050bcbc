import ignore from 'ignore';
import { readDockerignore } from './dockerignore.ts';

/** What belongs to a version control system or a file manager, unless a `.dockerignore` file takes it back in. */
const NEVER = ['**/.git', '**/.hg', '**/.svn', '**/.bzr', '**/.DS_Store'];

/** Which files of a folder are no part of what is packed. Paths are relative to it, with `/`. */
export interface Ignore {
  /** Whether `.dockerignore` leaves it out, as `docker build` does. */
  readonly isExcluded: (path: string, isFolder: boolean) => boolean;
  /** Which line of `.dockerignore` leaves a path out by a name, if one does. */
  readonly namedBy: (path: string) => number | undefined;
  /** Whether a folder that is left out may hold what is taken back in, so that it has to be read all the same. */
  readonly mayHoldIncluded: (folder: string) => boolean;
  /** Whether git would ignore it, were it new (gitignore(5)). */
  readonly isIgnoredByGit: (path: string, isFolder: boolean) => boolean;
}

/**
 * @param rules.dockerignore content of the `.dockerignore` file at the top
 * @param rules.gitignores contents of `.gitignore` files by their folders; the top is the empty text
 * @throws PithError APP_INVALID for a line of `.dockerignore` that is no pattern
 */
export function createIgnore(rules: {
  readonly dockerignore?: string;
  readonly gitignores: ReadonlyMap<string, string>;
}): Ignore {
  const docker = readDockerignore(rules.dockerignore ?? '', NEVER);
  return {
    isExcluded: (path) => docker.isExcluded(path),
    namedBy: (path) => docker.namedBy(path),
    mayHoldIncluded: (folder) => docker.mayHoldIncluded(folder),
    isIgnoredByGit: createGitIgnore(rules.gitignores),
  };
}

/** Each folder with rules has a set of its own: those of the folders above it, then its own, which come first. */
function createGitIgnore(
  gitignores: ReadonlyMap<string, string>,
): (path: string, isFolder: boolean) => boolean {
  if (gitignores.size === 0) return () => false;
  const sets = new Map<string, ignore.Ignore>();
  const rulesFor = (folder: string): ignore.Ignore => {
    const known = sets.get(folder);
    if (known) return known;
    const above = folder === '' ? undefined : rulesFor(folderOf(folder));
    const text = gitignores.get(folder);
    const made =
      above && text === undefined
        ? above
        : ignore({ ignorecase: false, allowRelativePaths: true })
            .add(above ?? [])
            .add(rebase(text ?? '', folder));
    sets.set(folder, made);
    return made;
  };
  const folders = new Map<string, boolean>([['', false]]);
  const isIgnored = (path: string, isFolder: boolean): boolean => {
    const folder = folderOf(path);
    const isAboveIgnored = folders.get(folder) ?? isIgnored(folder, true);
    folders.set(folder, isAboveIgnored);
    return isAboveIgnored || rulesFor(folder).ignores(isFolder ? `${path}/` : path);
  };
  return isIgnored;
}

/** The rules of a `.gitignore` file as they would stand in one at the top. */
function rebase(text: string, folder: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (folder === '') return lines;
  const place = folder.replace(/[\\*?[\]!#\s]/g, '\\$&');
  return lines.flatMap((line) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [, negation = '', rule = ''] = /^(!?)(.*)$/s.exec(line) ?? [];
    const isAnchored = /\/./.test(rule.trimEnd());
    return [`${negation}/${place}/${isAnchored ? rule.replace(/^\//, '') : `**/${rule}`}`];
  });
}

/** The folder that a path lies in; the top is the empty text. */
function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
