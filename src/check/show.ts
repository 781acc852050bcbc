const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\\]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };
/** No name or value that people wrote is longer. */
const MAX_LENGTH = 300;

/**
 * Text of an image on one line: control characters, bidirectional controls and bytes that are no UTF-8 as escapes, so
 * that nothing acts on a terminal and different names look different.
 */
export function showText(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return short.replace(UNSHOWABLE, (character) => ESCAPES[character] ?? escapeOf(character));
}

/** A path of an image, absolute. */
export function showPath(path: string): string {
  return path === '.' ? '/' : `/${showText(path.replace(/^\/+/, ''))}`;
}

/** A few of many things, and how many more there are. */
export function showList(all: readonly string[], most = 5): string {
  const shown = all.slice(0, most).map(showText);
  return all.length > most ? `${shown.join(', ')} and ${all.length - most} more` : shown.join(', ');
}

/** Bytes for people, as registries show them. */
export function showSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`;
}

/** A byte that is no UTF-8 (as names are decoded, a lone surrogate from U+DC80) as itself, anything else by its number. */
function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  const hex = (code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}
