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

/** A JSON file that holds an object; else like readText, with the line of a fault. */
export async function readJson(project: Project, path: string): Promise<Fields | undefined> {
  const text = await readText(project, path, MAX_LOCKFILE);
  if (text === undefined) return undefined;
  try {
    return asFields(JSON.parse(text), path);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fault(path, lineOfJsonFault(error.message, text), error.message);
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
      throw fault(path, error.line, error.message.split('\n')[0] ?? 'invalid TOML');
    throw error;
  }
}

/** A YAML 1.2 file that holds a map; else like readText, with the line of a fault. */
export async function readYaml(project: Project, path: string): Promise<Fields | undefined> {
  const text = await readText(project, path);
  if (text === undefined) return undefined;
  const { parse, YAMLParseError } = await import('yaml');
  try {
    return asFields(parse(text, { logLevel: 'error' }) ?? {}, path);
  } catch (error) {
    if (error instanceof PithError) throw error;
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'invalid YAML';
    throw fault(path, line, why.replace(/ at line \d+, column \d+:?$/, ''));
  }
}

function asFields(value: unknown, path: string): Fields {
  if (isFields(value)) return value;
  throw invalid(`${path} holds no object`, 'Write the file anew with the tool that made it.', path);
}

function fault(path: string, line: number | undefined, why: string): PithError {
  const place = line === undefined ? path : `${path}, line ${line}`;
  return invalid(`${place}: ${why}`, 'Mend the file, or write it anew with the tool that made it.', path);
}

/**
 * The line of a fault that JSON.parse reports. V8 gives a position, or the text around the fault: then the line is known
 * if that text is there once.
 */
function lineOfJsonFault(message: string, text: string): number | undefined {
  const position = /at position (\d{1,10})/.exec(message)?.[1];
  if (position !== undefined) return lineAt(text, Number(position));
  if (message.startsWith('Unexpected end')) return lineAt(text, text.length);
  const around = /, (?:\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message)?.[1];
  if (around === undefined) return undefined;
  const at = text.indexOf(around);
  if (at !== text.lastIndexOf(around)) return undefined;
  const isCut = around.length < text.length;
  return lineAt(text, at + (isCut ? Math.min(10, around.length) : 0));
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}
