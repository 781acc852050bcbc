const CLASSES: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 };

/**
 * The mode that `chmod` gives a file (chmod(1)): octal, or symbolic without copying of classes (`u+s,go=rx`).
 * @param before the file's mode
 * @param umask which bits a change without a class (`+x`) leaves alone
 * @returns undefined for what is no such mode
 */
export function changeMode(
  mode: string,
  before: number,
  isFolder: boolean,
  umask: number,
): number | undefined {
  if (/^[0-7]{1,5}$/.test(mode)) {
    const octal = Number.parseInt(mode, 8);
    if (octal > 0o7777) return undefined;
    // Of folders, chmod clears set-user-ID and set-group-ID only where five digits ask for it.
    return isFolder && mode.length < 5 ? octal | (before & 0o6000) : octal;
  }
  let now = before;
  for (const clause of mode.split(',')) {
    const [, who = '', changes = ''] = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause) ?? [];
    if (changes === '') return undefined;
    const mask =
      who === '' ? 0o7777 & ~umask : Array.from(who, (one) => CLASSES[one] ?? 0).reduce((a, b) => a | b);
    for (const [, operator = '', letters = ''] of changes.matchAll(/([-+=])([rwxXst]*)/g)) {
      const bits = Array.from(letters, (letter) =>
        letter === 'X' ? (isFolder || (now & 0o111) !== 0 ? 0o111 : 0) : (BITS[letter] ?? 0),
      ).reduce((a, b) => a | b, 0);
      if (operator === '-') now &= ~(bits & mask);
      else if (operator === '+') now |= bits & mask;
      else now = (now & ~(mask & (isFolder ? 0o1777 : 0o7777))) | (bits & mask);
    }
  }
  return now;
}
