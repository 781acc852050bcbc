import { byText } from '../../core/index.ts';
import { compareVersions as compareDebian } from '../../distro/index.ts';
import type { FoundPackage } from '../packages/model.ts';

/** Compares two versions of a package as those who make such packages do; a negative number if the first is older. */
export type CompareVersions = (type: FoundPackage['type'], a: string, b: string) => number;

/** @returns how versions are compared; it loads what only npm's need */
export async function loadCompareVersions(): Promise<CompareVersions> {
  const { default: semver } = await import('semver');
  const isSemantic = (type: FoundPackage['type']): boolean => type === 'npm' || type === 'golang';
  return (type, a, b) => {
    if (type === 'deb') return compareDebian(a, b);
    if (isSemantic(type) && semver.valid(a, true) !== null && semver.valid(b, true) !== null)
      return semver.compareBuild(a, b, true);
    return comparePlain(a, b);
  };
}

/** Part by part: numbers by value, words by letter; a word (`rc1`) is older than nothing, and nothing is older than a number. */
export function comparePlain(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at], right[at]];
    if (one === other) continue;
    const ranks = rankOf(one) - rankOf(other);
    if (ranks !== 0) return ranks;
    const order = rankOf(one) === 2 ? compareNumbers(one ?? '', other ?? '') : byText(one ?? '', other ?? '');
    if (order !== 0) return order;
  }
  return byText(a, b);
}

function partsOf(version: string): string[] {
  return version.match(/\d+|[A-Za-z]+/g) ?? [];
}

/** Words, then the end, then numbers. */
function rankOf(part: string | undefined): number {
  return part === undefined ? 1 : /^\d/.test(part) ? 2 : 0;
}

/** Digits of any length by value. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || byText(left, right);
}
