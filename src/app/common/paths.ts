import type { Project } from '../model.ts';

/** Links that are followed one after the other, as Linux does. */
const MAX_LINKS = 40;

/** The folder of a path of a project; the project itself is the empty text. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Two parts of a path of a project, either of which may be the empty text. */
export function join(folder: string, path: string): string {
  return folder === '' ? path : path === '' ? folder : `${folder}/${path}`;
}

/** Whether a path is in a folder, at any depth. */
export function isIn(folder: string, path: string): boolean {
  return folder === '' || (path.startsWith(folder) && path.charCodeAt(folder.length) === 47);
}

/** A path relative to the project, without `.`, `..` and empty parts; undefined if it leads out. */
export function normalise(path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\0')) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/**
 * Where a path leads once the links in it are followed.
 * @returns undefined if that is out of the project, or in a circle; nothing need be at what is returned
 */
export function follow(project: Project, path: string): string | undefined {
  let current = normalise(path);
  for (let links = 0; links <= MAX_LINKS; links++) {
    if (current === undefined) return undefined;
    const link: string | undefined = firstLink(project, current);
    if (link === undefined) return current;
    const target = project.files.get(link)?.target ?? '';
    if (target.startsWith('/')) return undefined;
    current = normalise(`${folderOf(link)}/./${target}/${current.slice(link.length)}`.replace(/^\/+/, ''));
  }
  return undefined;
}

function firstLink(project: Project, path: string): string | undefined {
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const prefix = end < 0 ? path : path.slice(0, end);
    if (project.files.get(prefix)?.type === 'symlink') return prefix;
    if (end < 0) return undefined;
  }
}
