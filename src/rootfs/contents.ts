/**
 * Which files of a package an image takes. Patterns are paths relative to the root, with `*` (within one part of the path),
 * `?`, and `**` (any number of parts). A path that `drop` matches is left out, unless `keep` matches it.
 */
export interface ContentsRules {
  readonly drop: readonly string[];
  readonly keep: readonly string[];
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
