import { byText } from '../../core/index.ts';
import type { MeasuredPackage } from '../report/packages.ts';
import type { DiffReport } from './diff-schema.ts';
import type { CompareVersions } from './versions.ts';

type PackageChange = DiffReport['packages'][number];

/** Packages that came, went or have another version, in the order of types and names. */
export function diffPackages(
  before: readonly MeasuredPackage[],
  after: readonly MeasuredPackage[],
  compare: CompareVersions,
): PackageChange[] {
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(byText);
  return names.flatMap((name) => diffOne(old.get(name) ?? [], now.get(name) ?? [], compare));
}

/** Several versions of one package may be in an image: those that both have are no change, others are paired as they come. */
function diffOne(
  before: readonly MeasuredPackage[],
  after: readonly MeasuredPackage[],
  compare: CompareVersions,
): PackageChange[] {
  const gone = without(before, after).sort(inOrder(compare));
  const come = without(after, before).sort(inOrder(compare));
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, at) => {
    const [old, now] = [gone[at], come[at]];
    return changeOf(old, now, compare);
  }).flatMap((change) => change ?? []);
}

function changeOf(
  old: MeasuredPackage | undefined,
  now: MeasuredPackage | undefined,
  compare: CompareVersions,
): PackageChange | undefined {
  const known = now ?? old;
  if (!known) return undefined;
  const { type, name, architecture } = known.installed;
  return {
    type,
    name,
    architecture,
    version: now?.installed.version,
    before: old?.installed.version,
    change:
      old && now
        ? directionOf(compare(type, old.installed.version, now.installed.version))
        : now
          ? 'added'
          : 'removed',
    size: now?.size,
    sizeBefore: old?.size,
  };
}

function directionOf(order: number): PackageChange['change'] {
  return order < 0 ? 'upgraded' : order > 0 ? 'downgraded' : 'changed';
}

/** The packages of a list whose versions the other has not, each as often as it is there more often. */
function without(list: readonly MeasuredPackage[], other: readonly MeasuredPackage[]): MeasuredPackage[] {
  const left = other.map(({ installed }) => installed.version);
  return list.filter(({ installed: { version } }) => {
    const at = left.indexOf(version);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function inOrder(compare: CompareVersions): (a: MeasuredPackage, b: MeasuredPackage) => number {
  return (a, b) => compare(a.installed.type, a.installed.version, b.installed.version);
}

function byName(packages: readonly MeasuredPackage[]): Map<string, MeasuredPackage[]> {
  const groups = new Map<string, MeasuredPackage[]>();
  for (const one of packages) {
    const { type, name, architecture = '' } = one.installed;
    const key = `${type} ${name} ${type === 'deb' || type === 'rpm' ? architecture : ''}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
