import { formatSize } from '../../src/cli/format.ts';

export { formatSize };

const numbers = new Intl.NumberFormat('en');

/** `12,345`. */
export function formatCount(count: number): string {
  return numbers.format(count);
}

/** `12,345 files`, `1 file`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A difference of sizes with its sign: `+1.20 MB`, `−300 kB`, `±0`. */
export function formatSizeChange(bytes: number): string {
  return bytes === 0 ? '±0' : `${bytes > 0 ? '+' : '−'}${formatSize(Math.abs(bytes))}`;
}

/** A difference of counts with its sign. */
export function formatCountChange(count: number): string {
  return count === 0 ? '±0' : `${count > 0 ? '+' : '−'}${formatCount(Math.abs(count))}`;
}

/** `12 %`, `0.3 %`, `<0.1 %`; what is not all is never told as 100 %. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %';
  const share = (100 * part) / whole;
  if (share < 0.1) return '<0.1 %';
  if (share < 100 && share >= 99.5) return share < 99.95 ? `${share.toFixed(1)} %` : '>99.9 %';
  return `${share < 9.95 ? share.toFixed(1) : Math.round(share)} %`;
}

const TYPE_LETTERS = ['d', '-', 'l', 'h', 'c', 'b', 'p'];

/** As `ls -l` has it: `drwxr-xr-x`, `-rwsr-xr-x`. */
export function formatMode(type: number, mode: number): string {
  const bits = Array.from('rwxrwxrwx', (letter, at) => ((mode >> (8 - at)) & 1 ? letter : '-'));
  const special = (at: number, bit: number, letter: string): void => {
    if (mode & bit) bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return `${TYPE_LETTERS[type] ?? '?'}${bits.join('')}`;
}

/** `0755`. */
export function formatOctal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** `2025-08-09 12:00:00 UTC` of seconds since 1970. */
export function formatDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? `${seconds} s`
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `sha256:0123456789ab…`. */
export function shortDigest(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return hex.length > 12 ? `${algorithm}:${hex.slice(0, 12)}…` : digest;
}
