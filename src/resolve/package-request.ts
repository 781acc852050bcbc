import { PithError } from '../core/index.ts';
import { isVersion, type VersionBound } from '../distro/index.ts';

/** A package that a definition asks for: a name, and where it matters its suite and which versions will do. */
export interface PackageRequest {
  readonly name: string;
  readonly suite?: string;
  readonly bound?: VersionBound;
}

const NAME = String.raw`[A-Za-z0-9][A-Za-z0-9.+-]*`;
const SUITE = String.raw`[A-Za-z0-9][A-Za-z0-9._-]*`;
const OPERATOR = String.raw`<<|<=|>=|>>|=|<|>`;
const HEAD = new RegExp(String.raw`^(${NAME})(?:/(${SUITE}))?\s*(.*)$`, 's');
const BOUND = new RegExp(String.raw`^(${OPERATOR})\s*([^\s()<>=]+)$`);
const OPERATORS: readonly string[] = ['<<', '<=', '=', '>=', '>>'] satisfies VersionBound['operator'][];

/**
 * Reads a request: `name`, `name/suite` as apt-get takes it, each with a version constraint if wanted, `libpq5>=17` or as
 * package relations are written, `libpq5 (>= 17)` (Debian policy 7.1: << <= = >= >>).
 *
 * @throws PithError DEFINITION_INVALID
 */
export function parsePackageRequest(text: string): PackageRequest {
  const [, name, suite, rest = ''] = HEAD.exec(text.trim()) ?? [];
  if (name === undefined) throw invalid(text);
  const request = suite === undefined ? { name } : { name, suite };
  if (rest === '') return request;
  const [, operator = '', version = ''] = BOUND.exec(withoutBrackets(rest)) ?? [];
  if (operator === '<' || operator === '>')
    throw invalid(text, `Write ${operator}${operator} for strictly, ${operator}= for "or equal".`);
  if (!isOperator(operator) || !isVersion(version)) throw invalid(text);
  return { ...request, bound: { operator, version } };
}

/** A request as text, such that reading it gives the request again: `name/suite (>= 17)`. */
export function formatPackageRequest({ name, suite, bound }: PackageRequest): string {
  const where = suite === undefined ? name : `${name}/${suite}`;
  return bound ? `${where} (${bound.operator} ${bound.version})` : where;
}

function withoutBrackets(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1).trim() : text;
}

function isOperator(text: string): text is VersionBound['operator'] {
  return OPERATORS.includes(text);
}

function invalid(text: string, hint?: string): PithError {
  return new PithError('DEFINITION_INVALID', `not a package: ${JSON.stringify(text.slice(0, 120))}`, {
    hint: hint ?? 'Packages are written like `libpq5`, `libpq5/trixie-backports` or `libpq5>=17`.',
  });
}
