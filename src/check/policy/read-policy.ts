import * as z from 'zod/mini';
import { nearest } from '../../core/index.ts';
import { asPolicy, type Policy, policySchema } from '../../policy/index.ts';
import { openYaml, type YamlFile } from '../../yaml/index.ts';
import { RULES } from '../rules.ts';
import { nameMatcher } from './patterns.ts';

const OF_POLICY = z.strictObject({ check: policySchema });
const OF_DEFINITION = z.looseObject({ check: z.optional(policySchema) });

/**
 * Reads the policy of a file: the section `check` of a definition, or of a file that holds nothing else.
 * @param path what the file is called in errors
 * @returns an empty policy for a definition that has none
 * @throws PithError DEFINITION_INVALID with path, line and column, also for a rule that does not exist
 */
export function readPolicy(text: string, path: string): Policy {
  const file = openYaml(text, path, { what: 'the policy', docs: 'docs/checks.md' });
  const isDefinition = typeof file.value === 'object' && file.value !== null && 'name' in file.value;
  const { check } = file.check(isDefinition ? OF_DEFINITION : OF_POLICY);
  const policy = asPolicy(check ?? {});
  checkNames(policy, file);
  return policy;
}

/** Everything that names rules has to name one, since a misspelt name would silence or choose nothing. */
function checkNames(
  { only = [], except = [], severity = {}, silence = [], rules = [] }: Policy,
  file: YamlFile,
): void {
  const ids = [...RULES, ...rules].map(({ id }) => id);
  for (const [at, { id }] of rules.entries()) {
    if (RULES.some((rule) => rule.id === id))
      throw file.fault(
        ['check', 'rules', at, 'id'],
        `${id} is a rule of pith already`,
        'Give it another id; `severity` changes what the rule of pith counts as.',
      );
    if (rules.findIndex((rule) => rule.id === id) !== at)
      throw file.fault(['check', 'rules', at, 'id'], `there are two rules ${id}`);
  }
  const check = (pattern: string, place: readonly PropertyKey[]): void => {
    if (ids.some(nameMatcher([pattern]))) return;
    const near = nearest(pattern, ids);
    const hint = near === undefined ? '`pith check --rules` lists the rules.' : `Did you mean ${near}?`;
    throw file.fault(['check', ...place], `there is no rule ${pattern}`, hint);
  };
  for (const [at, one] of only.entries()) check(one, ['only', at]);
  for (const [at, one] of except.entries()) check(one, ['except', at]);
  for (const id of Object.keys(severity)) check(id, ['severity', id]);
  for (const [at, { rule }] of silence.entries()) check(rule, ['silence', at, 'rule']);
}
