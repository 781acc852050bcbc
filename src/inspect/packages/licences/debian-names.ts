import { gnuIdentifier, identifierOf } from './identifiers.ts';

/** Short names of the machine-readable format 1.0 (section 7.1.1) that SPDX calls otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  expat: 'MIT',
  'apache-2': 'Apache-2.0',
  cc0: 'CC0-1.0',
  'artistic-2': 'Artistic-2.0',
  'openldap-2.8': 'OLDAP-2.8',
};
const EXCEPTIONS: Readonly<Record<string, string>> = {
  classpath: 'Classpath-exception-2.0',
  'linux-syscall-note': 'Linux-syscall-note',
  llvm: 'LLVM-exception',
};
const GNU = /^(?:(GPL|LGPL|AGPL|GFDL)|(GFDL)-NIV)-?v?(\d(?:\.\d+){0,2})(\+|-or-later|-only)?$/i;
/** A longer list of alternatives is a text, not a name. */
const MAX_LENGTH = 400;

/**
 * The SPDX expression of a `License` field's first line (Debian's machine-readable copyright format 1.0, section 7.2).
 * @returns nothing where a part of it has no identifier
 */
export function expressionOfSynopsis(synopsis: string): string | undefined {
  if (synopsis.length > MAX_LENGTH) return undefined;
  // A comma before `and` or `or` ends what stands before it.
  const groups = synopsis.split(/,\s+(?=(?:and|or)\s)/i);
  if (groups.length === 1) return expressionOf(synopsis);
  const parts: string[] = [];
  for (const group of groups) {
    const [, operator, rest = ''] = /^(?:(and|or)\s+)?(.*)$/is.exec(group) ?? [];
    const expression = expressionOf(rest);
    if (expression === undefined || (operator === undefined) !== (parts.length === 0)) return undefined;
    if (operator !== undefined) parts.push(operator.toUpperCase());
    parts.push(/ (?:AND|OR) /.test(expression) ? `(${expression})` : expression);
  }
  return parts.join(' ');
}

function expressionOf(text: string): string | undefined {
  const parts = text.trim().split(/\s+(and|or)\s+/i);
  const said = parts.map((part, at) => (at % 2 === 1 ? part.toUpperCase() : licenceOf(part)));
  return said.some((part) => part === undefined) ? undefined : said.join(' ');
}

function licenceOf(text: string): string | undefined {
  const [, name = '', exception] = /^(\S+)(?:\s+with\s+(\S+)(?:\s+exception)?)?$/i.exec(text.trim()) ?? [];
  const identifier = identifierOfName(name);
  if (exception === undefined || identifier === undefined) return identifier;
  const known = EXCEPTIONS[exception.toLowerCase()];
  return known === undefined ? undefined : `${identifier} WITH ${known}`;
}

function identifierOfName(name: string): string | undefined {
  const [, family, free, version = '', suffix = '-only'] = GNU.exec(name) ?? [];
  const identifier = gnuIdentifier(family ?? free ?? '', version, suffix !== '-only');
  if (family !== undefined) return identifier;
  if (free !== undefined) return identifier?.replace(/^(GFDL-[\d.]+)/, '$1-no-invariants');
  return NAMES[name.toLowerCase()] ?? identifierOf(name);
}
