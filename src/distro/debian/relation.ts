import { PithError } from '../../core/index.ts';
import { compareVersions, isVersion } from './version.ts';

export type VersionOperator = '<<' | '<=' | '=' | '>=' | '>>';

export interface VersionBound {
  operator: VersionOperator;
  version: string;
}

/** One package that a relation field names. */
export interface Relation {
  name: string;
  /** `any`, `native` or an architecture, after a colon. */
  qualifier?: string;
  bound?: VersionBound;
  /** Architectures between brackets: the relation counts only on these, or (negated) on all others. */
  architectures?: { negated: boolean; names: readonly string[] };
  /** Build profile formulas between angle brackets, as written. */
  profiles?: readonly string[];
}

/** Alternatives, the preferred one first. */
export type Dependency = readonly Relation[];

const NAME = String.raw`[A-Za-z0-9][A-Za-z0-9.+-]*`;
const RELATION = new RegExp(
  String.raw`^(${NAME})(?::([a-z0-9-]+))?\s*(?:\(\s*(<<|<=|>=|>>|=|<|>)\s*([^\s()]+)\s*\))?\s*(?:\[([^\][]*)\])?\s*((?:<[^<>]*>\s*)*)$`,
);
/** `<` and `>` are the old spellings of `<=` and `>=` (deb-control(5)). */
const OPERATORS: Readonly<Record<string, VersionOperator>> = {
  '<': '<=',
  '>': '>=',
  '<<': '<<',
  '<=': '<=',
  '=': '=',
  '>=': '>=',
  '>>': '>>',
};

/**
 * Parses a relation field such as Depends, Conflicts or Breaks (Debian policy 7.1): all of the
 * dependencies must hold, one alternative of each is enough.
 *
 * @throws PithError ARCHIVE_INVALID
 */
export function parseDependencies(field: string): Dependency[] {
  return field
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => part.split('|').map(parseRelation));
}

/** What a package provides besides itself (Debian policy 7.5); a version only where the field gives one. */
export interface Provided {
  name: string;
  version?: string;
}

/**
 * Parses a Provides field.
 *
 * @throws PithError ARCHIVE_INVALID
 */
export function parseProvides(field: string): Provided[] {
  return parseDependencies(field).map((alternatives) => {
    const [relation] = alternatives;
    if (!relation || alternatives.length > 1) throw malformed(field);
    const { name, bound } = relation;
    if (bound && bound.operator !== '=') throw malformed(field);
    return bound ? { name, version: bound.version } : { name };
  });
}

/** Whether a version lies within the bound; every version does where there is none. */
export function satisfies(version: string, bound: VersionBound | undefined): boolean {
  if (!bound) return true;
  const order = compareVersions(version, bound.version);
  switch (bound.operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/** Whether the relation counts on the architecture (its bracket list, if it has one). */
export function appliesTo(relation: Relation, architecture: string): boolean {
  const list = relation.architectures;
  if (!list) return true;
  return list.names.some((name) => covers(name, architecture)) !== list.negated;
}

/** Wildcards as far as Linux architectures go (Debian policy 11.1.1). */
function covers(name: string, architecture: string): boolean {
  return name === architecture || name === 'any' || name === 'linux-any' || name === `any-${architecture}`;
}

function parseRelation(text: string): Relation {
  const match = RELATION.exec(text.trim());
  const [, name, qualifier, operator, version, architectures, profiles] = match ?? [];
  if (name === undefined) throw malformed(text);
  const relation: Relation = { name };
  if (qualifier !== undefined) relation.qualifier = qualifier;
  if (operator !== undefined && version !== undefined) {
    const known = OPERATORS[operator];
    if (!known || !isVersion(version)) throw malformed(text);
    relation.bound = { operator: known, version };
  }
  if (architectures !== undefined) relation.architectures = parseArchitectures(architectures, text);
  if (profiles)
    relation.profiles = [...profiles.matchAll(/<([^<>]*)>/g)].map((part) => part[1]?.trim() ?? '');
  return relation;
}

function parseArchitectures(list: string, text: string): { negated: boolean; names: string[] } {
  const words = list.split(/\s+/).filter((word) => word !== '');
  const negated = words.filter((word) => word.startsWith('!'));
  if (words.length === 0 || (negated.length > 0 && negated.length < words.length)) throw malformed(text);
  return { negated: negated.length > 0, names: words.map((word) => word.replace(/^!/, '')) };
}

function malformed(text: string): PithError {
  return new PithError('ARCHIVE_INVALID', `not a package relation: ${JSON.stringify(text.slice(0, 120))}`, {
    hint: 'Relations look like `name (>= 1.2) | other:any` (Debian policy, chapter 7).',
  });
}
