import { peekText, isFile, readJson } from '../common/documents.ts';
import { follow, join } from '../common/paths.ts';
import type { Project } from '../model.ts';
import { programsOf } from './manifest.ts';
import { resolveFile } from './resolve-file.ts';

/**
 * The JavaScript file behind a program of node_modules/.bin, such as `next`.
 * @returns undefined if there is none, or it is no JavaScript
 */
export async function findProgram(project: Project, name: string): Promise<string | undefined> {
  if (!/^[\w@.-]+$/.test(name)) return undefined;
  const found = fromLink(project, name) ?? (await fromPackage(project, name));
  return found !== undefined && (await isJavaScript(project, found)) ? found : undefined;
}

function fromLink(project: Project, name: string): string | undefined {
  const link = `node_modules/.bin/${name}`;
  if (project.files.get(link)?.type !== 'symlink') return undefined;
  const place = follow(project, link);
  return place !== undefined && isFile(project, place) ? place : undefined;
}

/** pnpm writes shell scripts in place of links: the package of the same name says what they start. */
async function fromPackage(project: Project, name: string): Promise<string | undefined> {
  const folder = follow(project, `node_modules/${name}`);
  if (folder === undefined) return undefined;
  const manifest = await readJson(project, join(folder, 'package.json'));
  const program = manifest && programsOf(manifest).get(name);
  return program === undefined ? undefined : resolveFile(project, join(folder, program));
}

/** Whether Node.js runs a file: by its name, or by its first line. */
export async function isJavaScript(project: Project, path: string): Promise<boolean> {
  if (/\.(?:[cm]?js|[cm]?ts)$/.test(path)) return true;
  return /^#!.*\bnode\b/.test((await peekText(project, path, 256)).split('\n')[0] ?? '');
}
