/**
 * Which files of a package an image takes. Patterns are paths relative to the root, with `*` (within one part of the path),
 * `?`, and `**` (any number of parts). A path that `drop` matches is left out, unless `keep` matches it.
 */
export interface ContentsRules {
  readonly drop: readonly string[];
  readonly keep: readonly string[];
  /** Patterns that are wrong if no path of the package matches them. */
  readonly expected?: readonly string[];
  /** Patterns that leave nothing out, perhaps by mistake, if no path of the package matches them. */
  readonly hoped?: readonly string[];
}

/** A test of paths against patterns; compiled once, used for every file. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const expression = new RegExp(`^(?:${patterns.map(toExpression).join('|')})$`, 'su');
  return (path) => expression.test(path);
}

function toExpression(pattern: string): string {
  return pattern
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((token) => {
      switch (token) {
        case '**/':
          return '(?:[^/]+/)*';
        case '**':
          return '.*';
        case '*':
          return '[^/]*';
        case '?':
          return '[^/]';
        default:
          return token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      }
    })
    .join('');
}

/** The compiled rules: true for a path that the image takes. */
export function contentsFilter(rules: ContentsRules): (path: string) => boolean {
  const dropped = matcher(rules.drop);
  const kept = matcher(rules.keep);
  return (path) => !dropped(path) || kept(path);
}

/** Finds the patterns that no path matches. */
export class UnmatchedPatterns {
  #left: readonly { readonly pattern: string; readonly matches: (path: string) => boolean }[];

  constructor(patterns: readonly string[]) {
    this.#left = patterns.map((pattern) => ({ pattern, matches: matcher([pattern]) }));
  }

  see(path: string): void {
    if (this.#left.some(({ matches }) => matches(path)))
      this.#left = this.#left.filter(({ matches }) => !matches(path));
  }

  /** Those that no path that was seen matches. */
  get patterns(): string[] {
    return this.#left.map(({ pattern }) => pattern);
  }
}
