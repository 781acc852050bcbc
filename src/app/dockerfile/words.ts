import { PithError } from '../../core/index.ts';

/** What Dockerfiles, and patterns in them, take as it stands. */
const PLAIN_WORD = /^[\w.@+=:,~/-]+$/;
const PLAIN_NAME = /^[\p{L}\p{N}_.@+=:,~ /()-]+$/u;

/** A word of a shell. */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) && !text.startsWith('~') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A value in double quotes (Dockerfile reference, "Environment replacement": a backslash takes a meaning away). */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"$]/g, '\\$&')}"`;
}

/** The rest of a line in which variables are replaced. */
export function lineText(text: string): string {
  return text.replace(/[\\"'$]/g, '\\$&');
}

/** The exec form: a JSON list. */
export function execForm(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

/** Whether COPY takes a path as it stands: nothing in it is a pattern, a variable or a quote. */
export function isPlainName(path: string): boolean {
  return PLAIN_NAME.test(path);
}

/** Paths of COPY; those with blanks as a JSON list. */
export function copyWords(paths: readonly string[]): string {
  return paths.every((path) => PLAIN_WORD.test(path)) ? paths.join(' ') : execForm(paths);
}

/** @throws PithError APP_INVALID for a text of several lines, which an instruction cannot hold */
export function checkLine(text: string, what: string): string {
  if (!/[\n\r\0]/.test(text)) return text;
  throw new PithError('APP_INVALID', `${what} has a line break, which no Dockerfile can say`, {
    hint: 'Change it, or leave it out.',
  });
}
