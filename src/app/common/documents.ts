import { PithError, printable } from '../../core/index.ts';
import type { Project } from '../model.ts';
import { isFields, type Fields } from './values.ts';

/** Manifests and scripts; a large one has some hundred kilobytes. */
const MAX_TEXT = 4 << 20;
const MAX_LOCKFILE = 64 << 20;

/** An application that cannot be packed as it is. */
export function invalid(message: string, hint: string, path?: string): PithError {
  return new PithError('APP_INVALID', printable(message), {
    hint: printable(hint),
    ...(path === undefined ? {} : { path }),
  });
}

/** Whether a path is a regular file of the project. */
export function isFile(project: Project, path: string): boolean {
  return project.files.get(path)?.type === 'file';
}

/**
 * Text of a small file, without a byte order mark.
 * @returns undefined if the project has no such file
 * @throws PithError APP_INVALID if it is larger than 4 MiB or no UTF-8
 */
export async function readText(
  project: Project,
  path: string,
  limit = MAX_TEXT,
): Promise<string | undefined> {
  const file = project.files.get(path);
  if (file?.type !== 'file') return undefined;
  if (file.size > limit)
    throw invalid(
      `${path} has ${file.size} bytes, more than the ${limit} that such a file may have`,
      'Check the file.',
      path,
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await project.read(path));
  } catch (error) {
    if (error instanceof PithError) throw error;
    throw invalid(`${path} is not UTF-8 text`, 'Write it as UTF-8.', path);
  }
}

/** The first bytes of a file as text, for a look at it; anything that is no UTF-8 becomes U+FFFD. */
export async function peekText(project: Project, path: string, length: number): Promise<string> {
  if (!isFile(project, path)) return '';
  return new TextDecoder().decode(await project.read(path, { start: 0, length }));
}

/** A JSON file that holds an object; else like readText, with the place of a fault. */
export async function readJson(project: Project, path: string): Promise<Fields | undefined> {
  const text = await readText(project, path, MAX_LOCKFILE);
  return text === undefined ? undefined : parseJson(text, path);
}

/** The object that a JSON text holds. @throws PithError APP_INVALID with the place of a fault */
export function parseJson(text: string, path: string, hint = MEND): Fields {
  try {
    return asFields(JSON.parse(text), path);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = positionOfJsonFault(error.message, text);
    const why = error.message.replace(/ (?:in JSON )?at position \d+.*$/s, '');
    throw faultAt(path, at === undefined ? undefined : placeAt(text, at), why, hint);
  }
}

/** A TOML 1.0 file; else like readText, with the line of a fault. */
export async function readToml(project: Project, path: string): Promise<Fields | undefined> {
  const text = await readText(project, path);
  if (text === undefined) return undefined;
  const { parse, TomlError } = await import('smol-toml');
  try {
    return asFields(parse(text, { integersAsBigInt: 'asNeeded' }), path);
  } catch (error) {
    if (error instanceof TomlError)
      throw faultAt(path, error, error.message.split('\n')[0] ?? 'invalid TOML');
    throw error;
  }
}

/** A YAML 1.2 file that holds a map; else like readText, with the place of a fault. */
export async function readYaml(project: Project, path: string): Promise<Fields | undefined> {
  const text = await readText(project, path);
  if (text === undefined) return undefined;
  const [first, ...others] = await parseYaml(text, path);
  if (others.length > 0) throw invalid(`${path} holds several documents`, MEND, path);
  return asFields(first ?? {}, path);
}

/** The documents of a YAML 1.2 text. @throws PithError APP_INVALID with the place of a fault */
export async function parseYaml(text: string, path: string, hint = MEND): Promise<unknown[]> {
  const { parseAllDocuments } = await import('./yaml.ts');
  return parseAllDocuments(text, { logLevel: 'error' }).map((document) => {
    const [error] = document.errors;
    const why = (message: string): string =>
      (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    if (error) {
      const place = error.linePos?.[0];
      throw faultAt(path, place && { line: place.line, column: place.col }, why(error.message), hint);
    }
    try {
      return document.toJS() as unknown;
    } catch (fault) {
      // Such as aliases that would fill the memory.
      throw faultAt(path, undefined, why(fault instanceof Error ? fault.message : 'invalid YAML'), hint);
    }
  });
}

function asFields(value: unknown, path: string): Fields {
  if (isFields(value)) return value;
  throw invalid(`${path} holds no object`, 'Write the file anew with the tool that made it.', path);
}

/** Where in a text something is; both start with 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

const MEND = 'Mend the file, or write it anew with the tool that made it.';

/** The error for a document that is damaged at a place. */
export function faultAt(path: string, place: Place | undefined, why: string, hint = MEND): PithError {
  const where = place === undefined ? path : `${path}, line ${place.line}, column ${place.column}`;
  return invalid(`${where}: ${why}`, hint, path);
}

/** @param position in UTF-16 units */
export function placeAt(text: string, position: number): Place {
  const before = text.slice(0, position);
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') };
}

/**
 * Where the fault is that JSON.parse reports. V8 gives a position, or the text around the fault: then it is known if that text
 * is there once.
 */
function positionOfJsonFault(message: string, text: string): number | undefined {
  const position = /at position (\d{1,10})/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.startsWith('Unexpected end')) return text.length;
  const around = /, (?:\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message)?.[1];
  if (around === undefined) return undefined;
  const at = text.indexOf(around);
  if (at !== text.lastIndexOf(around)) return undefined;
  const isCut = around.length < text.length;
  return at + (isCut ? Math.min(10, around.length) : 0);
}
