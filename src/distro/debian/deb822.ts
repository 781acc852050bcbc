import { PithError, type ErrorCode } from '../../core/index.ts';

/** One stanza: field values by lower-case field name (names are compared without case). */
export type Stanza = ReadonlyMap<string, string>;

export interface Deb822Options {
  /** What is parsed, for messages: a path or an address. */
  origin: string;
  /** The code of the errors thrown; an unreadable Release and an unreadable package are different faults. */
  code: ErrorCode;
  /** Lines that begin with `#` are comments (debian/control, apt's .sources); elsewhere they are an error. */
  comments?: boolean;
}

const FIELD = /^([!-9;-~]+):[ \t]*(.*)$/s;

/**
 * Parses control data in the form of deb822(5). A folded or multi-line value keeps its line breaks,
 * without the one white-space character that marks each continuation.
 *
 * @throws PithError of `options.code` for a line that is neither field, continuation nor separator,
 *   for a field that a stanza holds twice, and for control characters
 */
export function parseStanzas(text: string, options: Deb822Options): Stanza[] {
  const stanzas: Stanza[] = [];
  let stanza = new Map<string, string>();
  let lines: string[] = [];
  let name: string | undefined;
  const endField = (): void => {
    if (name !== undefined) stanza.set(name, lines.join('\n'));
    name = undefined;
  };
  const endStanza = (): void => {
    endField();
    if (stanza.size > 0) stanzas.push(stanza);
    stanza = new Map();
  };

  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    const line = raw.trimEnd();
    const fail = (why: string): never => {
      throw new PithError(options.code, `${options.origin}, line ${number}: ${why}`, {
        hint: 'The file is damaged or is not in the form of deb822(5).',
      });
    };
    if (hasControlCharacter(line)) fail('a control character is not allowed');
    if (options.comments === true && raw.startsWith('#')) continue;
    if (line === '') {
      endStanza();
    } else if (raw.startsWith(' ') || raw.startsWith('\t')) {
      if (name === undefined) fail('a continuation line without a field');
      lines.push(line.slice(1));
    } else {
      const match = FIELD.exec(line);
      if (!match?.[1] || /^[#-]/.test(line)) return fail(`no field: ${JSON.stringify(line.slice(0, 60))}`);
      endField();
      name = match[1].toLowerCase();
      if (stanza.has(name)) fail(`the field ${match[1]} appears twice`);
      lines = [match[2] ?? ''];
    }
  }
  endStanza();
  return stanzas;
}

/** The words of a field that is a list separated by white space; empty if the field is absent. */
export function wordsOf(stanza: Stanza, field: string): string[] {
  return (stanza.get(field) ?? '').split(/\s+/).filter((word) => word !== '');
}

function hasControlCharacter(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if ((code < 32 && code !== 9) || code === 127) return true;
  }
  return false;
}
