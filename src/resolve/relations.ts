import { type Dependency, type Package, type Provided, type Relation, satisfies } from '../distro/index.ts';

/** The relations of a package that matter to which packages can be together. */
export interface PackageRelations {
  readonly dependencies: readonly { readonly field: DependencyField; readonly alternatives: Dependency }[];
  readonly conflicts: readonly { readonly field: ConflictField; readonly relation: Relation }[];
  readonly provides: readonly Provided[];
}

export type DependencyField = 'Pre-Depends' | 'Depends';
export type ConflictField = 'Conflicts' | 'Breaks';

/**
 * Whether a package is, by its own name, what a dependency asks for. `:any` asks for `Multi-Arch: allowed`; an image holds
 * packages of one architecture, so that any other qualifier has to be it (deb-control(5), dpkg's own rules).
 */
export function isNamedBy(relation: Relation, found: Package, architecture: string): boolean {
  return (
    relation.name === found.name &&
    satisfies(found.version, relation.bound) &&
    fitsQualifier(relation, found, architecture)
  );
}

/** Whether a package provides what a dependency asks for; one with a version asks for a versioned provision. */
export function isProvidedBy(
  relation: Relation,
  found: Package,
  provides: readonly Provided[],
  architecture: string,
): boolean {
  return provides.some((one) => provisionFits(relation, one)) && fitsQualifier(relation, found, architecture);
}

/** Whether a package is what another one conflicts with or breaks, by its name or by what it provides. */
export function isMetBy(
  relation: Relation,
  found: Package,
  provides: readonly Provided[],
  architecture: string,
): boolean {
  const { qualifier = 'any' } = relation;
  if (!['any', 'native', architecture].includes(qualifier)) return false;
  if (relation.name === found.name) return satisfies(found.version, relation.bound);
  return provides.some((one) => provisionFits(relation, one));
}

/** A relation as a package's fields write it: `name:any (>= 1)`. */
export function formatRelation({ name, qualifier, bound }: Relation): string {
  const what = qualifier === undefined ? name : `${name}:${qualifier}`;
  return bound ? `${what} (${bound.operator} ${bound.version})` : what;
}

/** Alternatives as a package's fields write them: `a | b (>= 1)`. */
export function formatDependency(alternatives: Dependency): string {
  return alternatives.map(formatRelation).join(' | ');
}

function provisionFits({ name, bound }: Relation, provided: Provided): boolean {
  if (provided.name !== name) return false;
  return bound === undefined || (provided.version !== undefined && satisfies(provided.version, bound));
}

function fitsQualifier({ qualifier }: Relation, found: Package, architecture: string): boolean {
  if (qualifier === undefined || qualifier === 'native') return true;
  return qualifier === 'any' ? found.multiArch === 'allowed' : qualifier === architecture;
}
