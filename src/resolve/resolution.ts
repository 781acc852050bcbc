import { PithError } from '../core/index.ts';
import type { Package } from '../distro/index.ts';
import type { SearchStatistics } from './clause.ts';
import type { OmissionRule } from './omissions.ts';
import { formatPackageRequest, type PackageRequest } from './package-request.ts';
import type { DependencyField } from './relations.ts';

/** Why a package is in: a request of the definition, or another package that is in. */
export type Because =
  | { readonly kind: 'request'; readonly request: PackageRequest }
  | {
      readonly kind: 'dependency';
      /** Name of the package that needs it. */
      readonly by: string;
      readonly field: DependencyField;
      /** The dependency as that package writes it: `default-mta | mail-transport-agent`. */
      readonly relation: string;
    };

export interface ResolvedPackage {
  readonly package: Package;
  /** The shortest way: following `by` leads to a request. */
  readonly because: Because;
}

/** A dependency that was left open by a rule. */
export interface Omission {
  readonly name: string;
  /** Name of the package that needs it. */
  readonly by: string;
  readonly field: DependencyField;
  readonly relation: string;
  readonly rule: OmissionRule;
}

export interface Resolution {
  /** Each package after those that it needs, unless they need each other; otherwise by name. */
  readonly packages: readonly ResolvedPackage[];
  /** By name, then by who needs it. */
  readonly omissions: readonly Omission[];
  readonly statistics: SearchStatistics;
}

/**
 * Why a package is in, in words, back to a request: `libfoo1 is needed by app (Depends: libfoo1 (>= 2)), which is asked
 * for by the definition`.
 * @throws PithError INTERNAL if the package is not in
 */
export function explainPackage({ packages }: Resolution, name: string): string {
  const becauseOf = new Map(packages.map(({ package: found, because }) => [found.name, because]));
  const parts: string[] = [];
  for (let current = name; ;) {
    const because = becauseOf.get(current);
    if (!because) throw new PithError('INTERNAL', `${current} is not among the resolved packages`);
    if (because.kind === 'request') {
      const request = formatPackageRequest(because.request);
      parts.push(`is asked for by the definition${request === current ? '' : ` (${request})`}`);
      return `${name} ${parts.join(', which ')}`;
    }
    parts.push(`is needed by ${because.by} (${because.field}: ${because.relation})`);
    current = because.by;
  }
}
