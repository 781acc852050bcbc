import { eastAsianWidth } from 'get-east-asian-width';

const ASCII = /^[\x20-\x7e]*$/;
const ASCII_NAME = /^[\x20-\x5b\x5d-\x7e]*$/;
/**
 * What is never sent to a terminal: controls, formats (directions, joiners, tags), halves of surrogate pairs, private and
 * unassigned characters, line separators, and variation selectors, which change widths.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Variation_Selector}]/u;
const COMBINING = /[\p{Mn}\p{Me}]/u;
/** Combining characters that one character may carry; more of them would cover the lines around it. */
const MAX_COMBINING = 3;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

/** How text is put on the screen. */
export interface TextOptions {
  /** Whether the terminal's locale has characters beyond ASCII; else these are escaped. */
  readonly unicode: boolean;
}

/**
 * A name from an image as it can be shown: what acts on a terminal or cannot be seen is escaped as `ls --escape` and shells
 * do (`\n`, `\x1b`, `\u{202e}`), a backslash is doubled. Bytes that are not UTF-8 (see decodeName) are `\xff`.
 */
export function showName(name: string, { unicode }: TextOptions): string {
  return ASCII_NAME.test(name) ? name : escape(name, unicode, true);
}

/** A line of a file as it can be shown: as {@link showName}, but a backslash stays what it is. */
export function showText(text: string, { unicode }: TextOptions): string {
  return ASCII.test(text) ? text : escape(text, unicode, false);
}

function escape(text: string, unicode: boolean, isName: boolean): string {
  let shown = '';
  let combining = MAX_COMBINING;
  for (const character of text) {
    const isCombining = COMBINING.test(character);
    combining = isCombining ? combining + 1 : 0;
    if (ASCII.test(character)) shown += isName && character === '\\' ? '\\\\' : character;
    else if (!unicode || HIDDEN.test(character) || (isCombining && combining > MAX_COMBINING))
      shown += escapeOf(character);
    else shown += character;
  }
  return shown;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return `\\u{${code.toString(16)}}`;
}

/** Cells that text takes which {@link showName} or showText gave. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

function widthOfCharacter(character: string): number {
  return COMBINING.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}

/** The beginning of a text that has room in so many cells. */
export function cut(text: string, width: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, width));
  let end = 0;
  let left = width;
  for (const character of text) {
    left -= widthOfCharacter(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** A text in so many cells or less: a longer one loses its end, and says so. */
export function shorten(text: string, width: number, { unicode }: TextOptions): string {
  if (widthOf(text) <= width) return text;
  const mark = unicode ? '…' : '~';
  return width < 1 ? '' : `${cut(text, width - 1)}${mark}`;
}

/** As {@link shorten}, but the end stays: of a path that says more. */
export function shortenStart(text: string, width: number, { unicode }: TextOptions): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const characters = Array.from(text);
  let left = width - 1;
  let at = characters.length;
  while (at > 0 && left >= widthOfCharacter(characters[at - 1] ?? ''))
    left -= widthOfCharacter(characters[--at] ?? '');
  return `${unicode ? '…' : '~'}${characters.slice(at).join('')}`;
}
