import { PithError } from '../core/index.ts';

/** A line of a `.dockerignore` file. */
interface Pattern {
  readonly isNegated: boolean;
  /** Whether it consists of nothing but `*` and `**`. */
  readonly isGeneral: boolean;
  readonly matches: (path: string) => boolean;
  /** Parts between the slashes; one with `**` stands for any number of folders. */
  readonly parts: readonly (RegExp | 'any')[];
}

/** What a `.dockerignore` file leaves out. Paths are relative to its folder, with `/`. */
export interface Dockerignore {
  readonly isExcluded: (path: string) => boolean;
  /** The index of the pattern that leaves a path out by a name; undefined if none does, or one that fits all names. */
  readonly namedBy: (path: string) => number | undefined;
  /** Whether something below a folder may be left in: false says that it need not be read. */
  readonly mayHoldIncluded: (folder: string) => boolean;
}

/**
 * Reads a `.dockerignore` file (Dockerfile reference, ".dockerignore file"). A pattern that matches a path matches all below
 * it; of those that match, the last one decides.
 * @param defaults patterns that stand before the file's own
 * @throws PithError APP_INVALID for a line that is no pattern
 */
export function readDockerignore(text: string, defaults: readonly string[] = []): Dockerignore {
  const patterns = [...defaults, ...text.replace(/^\uFEFF/, '').split('\n')].flatMap((line, index) => {
    const pattern = readLine(line, index + 1 - defaults.length);
    return pattern ? [pattern] : [];
  });
  const folders = new Map<string, number>();
  /** Index of the last pattern that matches a path or a folder above it. */
  const lastMatch = (path: string): number => {
    const slash = path.lastIndexOf('/');
    const above = slash < 0 ? -1 : ofFolder(path.slice(0, slash));
    return Math.max(
      above,
      patterns.findLastIndex(({ matches }, index) => index > above && matches(path)),
    );
  };
  const ofFolder = (path: string): number => {
    const known = folders.get(path) ?? lastMatch(path);
    folders.set(path, known);
    return known;
  };
  const leavesOut = (index: number): boolean => index >= 0 && patterns[index]?.isNegated === false;
  return {
    isExcluded: (path) => leavesOut(lastMatch(path)),
    namedBy: (path) => {
      const last = lastMatch(path);
      return leavesOut(last) && patterns[last]?.isGeneral === false ? last : undefined;
    },
    mayHoldIncluded: (folder) => {
      const last = ofFolder(folder);
      if (!leavesOut(last)) return true;
      const names = folder.split('/');
      return patterns.some(
        (pattern, index) => index > last && pattern.isNegated && mayMatchBelow(pattern, names),
      );
    },
  };
}

function mayMatchBelow({ parts }: Pattern, names: readonly string[]): boolean {
  for (const [index, name] of names.entries()) {
    const part = parts[index];
    if (part === 'any') return true;
    if (!part?.test(name)) return false;
  }
  return parts.length > names.length;
}

function readLine(line: string, number: number): Pattern | undefined {
  if (line.startsWith('#')) return undefined;
  const trimmed = line.trim();
  const isNegated = trimmed.startsWith('!');
  const text = isNegated ? trimmed.slice(1).trim() : trimmed;
  if (trimmed === '') return undefined;
  const cleaned = text === '' ? undefined : clean(text);
  const parts = cleaned?.split('/').map((part) => (part.includes('**') ? 'any' : toExpression(part)));
  const whole = cleaned === undefined ? undefined : toExpression(cleaned);
  if (!parts || !whole || parts.includes(undefined))
    throw new PithError('APP_INVALID', `.dockerignore: line ${number} is no pattern: ${trimmed}`, {
      hint: 'A pattern has a name behind `!`, an end of each `[`, and a character behind each `\\`.',
    });
  return {
    isNegated,
    isGeneral: /^[*/]+$/.test(cleaned ?? ''),
    matches: quickMatch(cleaned ?? '') ?? ((path) => whole.test(path)),
    parts: parts.filter((part) => part !== undefined),
  };
}

/** Without an expression, for the patterns that most files consist of: `NAME`, `FOLDER/NAME` and a name at any depth. */
function quickMatch(pattern: string): ((path: string) => boolean) | undefined {
  const name = pattern.startsWith('**/') ? pattern.slice(3) : pattern;
  if (/[*?[\\]/.test(name)) return undefined;
  if (name === pattern) return (path) => path === name;
  return (path) => path.endsWith(name) && (path.length === name.length || path.at(-name.length - 1) === '/');
}

/** The path without `.`, `..` and empty parts, and without the slashes around it. */
function clean(text: string): string {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !text.startsWith('/')) parts.push(part);
  }
  return parts.join('/');
}

const TOKEN = /\*\*\/?|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[^[\\]/gsu;

/** @returns nothing if the text is no pattern */
function toExpression(pattern: string): RegExp | undefined {
  const tokens = pattern.match(TOKEN) ?? [];
  if (tokens.join('') !== pattern) return undefined;
  try {
    const last = tokens.length - 1;
    return new RegExp(`^${tokens.map((token, at) => translate(token, at === last)).join('')}$`, 'su');
  } catch {
    return undefined;
  }
}

function translate(token: string, isLast: boolean): string {
  if (token.startsWith('**')) return isLast ? '.*' : '(?:.*/)?';
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (token.length > 2 && token.startsWith('[')) return characterClass(token);
  return literal(token.length > 1 && token.startsWith('\\') ? token.slice(1) : token);
}

/** `[a-z]`, `[^a-z]`; a backslash makes the next character stand for itself. */
function characterClass(token: string): string {
  const isOther = token.startsWith('[^');
  const inner = token.slice(isOther ? 2 : 1, -1).match(/\\.|./gsu) ?? [];
  const characters = inner.map((one) => (one === '-' ? one : literal(one.replace(/^\\(?=.)/su, ''))));
  return `[${isOther ? '^' : ''}${characters.join('')}]`;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
