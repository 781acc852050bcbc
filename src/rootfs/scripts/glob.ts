import type { Budget } from './budget.ts';
import type { Value } from './value.ts';

/** A part of a shell pattern (POSIX.1-2017, XCU 2.13): a character, `?`, `*`, or a bracket expression. */
export type Token =
  | { readonly kind: 'one'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | {
      readonly kind: 'set';
      readonly isNegated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** Characters that stand for themselves. */
export function literalTokens(text: string): Token[] {
  return Array.from(text, (char) => ({ kind: 'one', char }));
}

/** A text in which `*`, `?`, `[…]` and the backslash have their meaning. */
export function patternTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const chars = Array.from(text);
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*') tokens.push({ kind: 'star' });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\' && at + 1 < chars.length) tokens.push({ kind: 'one', char: chars[++at] ?? '' });
    else if (char === '[') {
      const set = readSet(chars, at);
      tokens.push(set ? set.token : { kind: 'one', char });
      at = set ? set.end : at;
    } else tokens.push({ kind: 'one', char });
  }
  return tokens;
}

function readSet(chars: readonly string[], start: number): { token: Token; end: number } | undefined {
  const isNegated = chars[start + 1] === '!' || chars[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const ranges: (readonly [string, string])[] = [];
  for (let at = first; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === ']' && at > first) return { token: { kind: 'set', isNegated, ranges }, end: at };
    const named = char === '[' && chars[at + 1] === ':' ? readClass(chars, at) : undefined;
    if (named) {
      ranges.push(...named.ranges);
      at = named.end;
    } else if (chars[at + 1] === '-' && chars[at + 2] !== undefined && chars[at + 2] !== ']') {
      ranges.push([char, chars[at + 2] ?? '']);
      at += 2;
    } else ranges.push([char, char]);
  }
  return undefined;
}

const CLASSES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  alnum: [
    ['0', '9'],
    ['A', 'Z'],
    ['a', 'z'],
  ],
  alpha: [
    ['A', 'Z'],
    ['a', 'z'],
  ],
  digit: [['0', '9']],
  lower: [['a', 'z']],
  upper: [['A', 'Z']],
  space: [
    [' ', ' '],
    ['\t', '\r'],
  ],
  blank: [
    [' ', ' '],
    ['\t', '\t'],
  ],
  punct: [
    ['!', '/'],
    [':', '@'],
    ['[', '`'],
    ['{', '~'],
  ],
  xdigit: [
    ['0', '9'],
    ['A', 'F'],
    ['a', 'f'],
  ],
};

function readClass(
  chars: readonly string[],
  start: number,
): { ranges: readonly (readonly [string, string])[]; end: number } | undefined {
  const name = /^\[:([a-z]{5,6}):\]/.exec(chars.slice(start, start + 10).join(''))?.[1];
  const ranges = name !== undefined && Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  return ranges && { ranges, end: start + (name ?? '').length + 3 };
}

export function isPattern(tokens: readonly Token[]): boolean {
  return tokens.some(({ kind }) => kind !== 'one');
}

/** Whether the pattern stands for the whole text. Takes at most the product of both lengths. */
export function matches(tokens: readonly Token[], text: string, budget: Budget): boolean {
  const chars = Array.from(text);
  budget.spend(1 + (tokens.length * chars.length) / 512);
  let at = 0;
  let token = 0;
  let star = -1;
  let mark = 0;
  while (at < chars.length) {
    const wanted = tokens[token];
    if (wanted?.kind === 'star') {
      star = token++;
      mark = at;
    } else if (wanted && isMatch(wanted, chars[at] ?? '')) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++mark;
    } else return false;
  }
  while (tokens[token]?.kind === 'star') token++;
  return token === tokens.length;
}

/** Whether a pattern stands for a value, as far as both are known. */
export function matchValue(
  value: Value,
  tokens: readonly Token[] | undefined,
  budget: Budget,
): boolean | undefined {
  if (tokens?.length === 1 && tokens[0]?.kind === 'star') return true;
  return value.known && tokens ? matches(tokens, value.text, budget) : undefined;
}

function isMatch(token: Token, char: string): boolean {
  if (token.kind === 'one') return token.char === char;
  if (token.kind !== 'set') return true;
  return token.ranges.some(([low, high]) => low <= char && char <= high) !== token.isNegated;
}

/** The text behind a pattern of single characters. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.kind === 'one' ? token.char : '')).join('');
}
