import { escapeName, safeJson } from '../../core/index.ts';

/** Text from an image on one line, at most so long. */
export function shown(text: string, limit = 200): string {
  return cut(escapeName(text), limit);
}

/** A value from an image as JSON on one line, at most so long. */
export function shownJson(value: unknown, limit = 200): string {
  return cut(safeJson(value), limit);
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** The first ones, and how many more there are. */
export function firstOf(texts: readonly string[], limit: number): string {
  const more = texts.length - limit;
  const list = texts.slice(0, limit).join(', ');
  return more > 0 ? `${list} and ${more.toLocaleString('en-US')} more` : list;
}

/** A share from 0 to 1 in percent; what is not all is never told as 100 %. */
export function percent(share: number): string {
  return share < 1 && share > 0.999 ? 'over 99.9 %' : `${(share * 100).toFixed(1)} %`;
}

/** `+1.2 MB`, `-300 B`. */
export function signed(text: (value: number) => string, value: number): string {
  return value < 0 ? `-${text(-value)}` : `+${text(value)}`;
}
