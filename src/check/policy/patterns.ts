import { matcher } from '../../rootfs/index.ts';

/** Of texts that come out of an image no more is compared: bounds what a pattern with many stars costs. */
const MAX_TEXT = 4096;

/** A test of names and values: `*` stands for any characters, `?` for one. */
export function nameMatcher(patterns: readonly string[]): (text: string) => boolean {
  return (text) => patterns.some((pattern) => matches(pattern, text.slice(0, MAX_TEXT)));
}

/** Only the last star is ever tried anew, so the time grows with the product of both lengths and no faster. */
function matches(pattern: string, text: string): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let place = 0; place < text.length;) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      from = place;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++from;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

/** A test of paths, as in `contents` of a definition; a slash before a pattern makes no difference. */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const isMatch = matcher(patterns.map((pattern) => pattern.replace(/^\/+/, '')));
  return (path) => path.length <= MAX_TEXT && isMatch(path);
}
