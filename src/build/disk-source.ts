import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { nearest, PithError, systemCode } from '../core/index.ts';
import type { FileSpec } from './definition-types.ts';
import { unreadable } from './disk-content.ts';

/**
 * Finds what a definition names in `from`: a path below the project, which is the folder of the definition.
 * @param from relative to the project; an absolute path has to lie below it
 * @param project absolute path
 * @returns the path without symbolic links
 * @throws PithError DEFINITION_INVALID if there is nothing, or if the path or a link in it leads out of the project
 */
export function locateSource(from: string, project: string): string {
  const path = resolve(project, from);
  if (!isBelow(path, project)) {
    throw new PithError('DEFINITION_INVALID', `${from} lies outside the project ${project}`, {
      path,
      hint: 'Files of an image lie below the folder of its definition: copy them there, or move the definition.',
    });
  }
  const real = follow(path, from);
  if (isBelow(real, realpathSync(project))) return real;
  throw new PithError('DEFINITION_INVALID', `${from} leads outside the project ${project}, to ${real}`, {
    path,
    hint: 'A link in the path is followed, and has to stay below the folder of the definition: put a copy there.',
  });
}

/** The name that a source has in the definition: of a link, that of the link. */
export function nameOfSource({ from = '', project }: FileSpec): string {
  return basename(resolve(project, from));
}

function isBelow(path: string, folder: string): boolean {
  const rest = relative(folder, path);
  return rest !== '..' && !rest.startsWith('../') && !isAbsolute(rest);
}

function follow(path: string, from: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw absent(path, from);
    if (code !== 'ELOOP') throw unreadable(path, from, error);
    throw new PithError('DEFINITION_INVALID', `${from} is a link that leads to itself`, {
      path,
      cause: error,
      hint: 'Name a file or folder.',
    });
  }
}

function absent(path: string, from: string): PithError {
  const target = targetOf(path);
  if (target !== undefined) {
    return new PithError('DEFINITION_INVALID', `${from} is a link to ${target}, which is not there`, {
      path,
      hint: 'Mend the link, or name another file.',
    });
  }
  const near = nearest(basename(path), namesIn(dirname(path)));
  return new PithError('DEFINITION_INVALID', `there is no file or folder ${from}`, {
    path,
    hint: near ? `Did you mean ${near}?` : 'Paths in `from` are relative to the folder of the definition.',
  });
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
