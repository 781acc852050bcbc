import { compare as comparePython, valid as isPython } from '@renovatebot/pep440';
import { compare as compareSemantic, valid as isSemantic } from 'semver';
import { compareVersions } from '../../distro/index.ts';
import type { InstalledPackage } from '../../inspect/index.ts';
import type { Relation, VersionBound } from '../../policy/index.ts';

const HOLDS: Readonly<Record<Relation, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '=': (order) => order === 0,
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
};

/**
 * Whether a version is within a bound, in the order of the package's ecosystem: semantic versions for npm and Go, PEP 440 for
 * Python, dpkg's order for all others.
 */
export function isWithin(
  { type, version }: Pick<InstalledPackage, 'type' | 'version'>,
  bound: VersionBound,
): boolean {
  return HOLDS[bound.relation](order(type, version, bound.version));
}

function order(type: InstalledPackage['type'], a: string, b: string): number {
  if ((type === 'npm' || type === 'golang') && isSemantic(a) && isSemantic(b)) return compareSemantic(a, b);
  if (type === 'pypi' && isPython(a) && isPython(b)) return comparePython(a, b);
  return compareVersions(a, b);
}
