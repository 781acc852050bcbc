/** What is not seen, acts on what is around it, or is no character: controls, formats, line ends, half surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSEEN_IN_NAME = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNSEEN_IN_TEXT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A path, or a part of one, as it can be shown and typed: a byte that is not UTF-8 (in the form of the tar reader) or
 * a control is `\xNN`, other unseen characters are `\u{…}`, a backslash is two. Different paths stay different.
 */
export function escapeName(name: string): string {
  return name.replace(UNSEEN_IN_NAME, escapeCharacter);
}

/** Text of several lines as it can be shown: unseen characters but line ends and tabs in the form of {@link escapeName}. */
export function escapeText(text: string): string {
  return text.replace(UNSEEN_IN_TEXT, escapeCharacter);
}

/**
 * JSON that can stand in an HTML document's `script` element and in any encoding: no `<`, `>` or `&`, nothing unseen.
 * Every text in the value goes through {@link escapeText}.
 */
export function escapedJson(value: unknown): string {
  const json = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? escapeText(item) : item,
  );
  return json.replace(/[<>&]/g, escapeUnit).replace(UNSEEN, escapeUnit);
}

/** Text for the content of an HTML element. */
export function escapeHtml(text: string): string {
  return escapeText(text).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\';
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xdc80 && code <= 0xdcff) return hexByte(code - 0xdc00);
  return code < 0x80 ? hexByte(code) : `\\u{${code.toString(16)}}`;
}

function hexByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function escapeUnit(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
