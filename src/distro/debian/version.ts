/**
 * Compares two Debian versions (deb-version(7), "Sorting algorithm"): epoch, upstream version, revision.
 * Any two strings have an order; a missing epoch is 0 and a missing revision equals `0`.
 *
 * @returns a negative number, zero or a positive number
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = splitVersion(a);
  const right = splitVersion(b);
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

const FORM = /^(?:[0-9]+:)?[A-Za-z0-9.+~:-]+$/;

/** Whether the text is made only of what a version may hold (deb-version(7)). */
export function isVersion(text: string): boolean {
  return FORM.test(text) && !text.endsWith(':');
}

function splitVersion(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? '' : version.slice(0, colon),
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

/** Compares runs of non-digits by letter and runs of digits by value, in turn. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weightAt(a, i) - weightAt(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const [startA, startB] = [i, j];
    while (isDigit(a, i)) i++;
    while (isDigit(b, j)) j++;
    const difference = compareNumbers(a.slice(startA, i), b.slice(startB, j));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compares digit strings of any length by value. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** `~` before the end and digits, letters before everything else. */
function weightAt(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 126) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}
