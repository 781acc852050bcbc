import * as z from 'zod/mini';
import { parseBound } from './bounds.ts';
import { parseDay } from './days.ts';
import type { Policy } from './policy.ts';
import { SEVERITIES } from './severity.ts';
import { parseSize } from './size.ts';

/** The shape of a policy: the section `check` of a definition. docs/checks.md explains it. */
const text = z.string().check(z.minLength(1));
const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const PATTERN = /^[a-z0-9*]+(?:-[a-z0-9*]+)*$/;
const pattern = z.string().check(z.regex(PATTERN, 'must be the id of a rule, * for any letters'));
const severity = z.enum(SEVERITIES as ['error', 'warning', 'note']);

const condition = z
  .strictObject({
    path: z.optional(text).check(z.describe('Pattern of a path, as in `contents`.')),
    package: z.optional(text).check(z.describe('Name of a package, * for any letters.')),
    version: z
      .optional(
        z
          .string()
          .check(z.refine((value) => parseBound(value) !== undefined, 'must be a bound such as <3.0.15')),
      )
      .check(z.describe('With `package`: only such versions: < <= = >= >.')),
    label: z.optional(text).check(z.describe('Name of a label.')),
    matches: z.optional(text).check(z.describe('With `label`: what its value has to be, * for any letters.')),
    user: z.optional(text).check(z.describe('The user, as the configuration has it, * for any letters.')),
  })
  .check(
    z.refine(({ path, package: name, label, user }) => isOne([path, name, label, user]), {
      error: 'needs exactly one of path, package, label and user',
    }),
    z.refine(({ package: name, version }) => version === undefined || name !== undefined, {
      error: 'goes with package alone',
      path: ['version'],
    }),
    z.refine(({ label, matches }) => matches === undefined || label !== undefined, {
      error: 'goes with label alone',
      path: ['matches'],
    }),
  );

const ownRule = z
  .strictObject({
    id: z.string().check(z.regex(ID, 'must be words of small letters and digits with - between')),
    severity: z.optional(severity).check(z.describe('Default: error.')),
    why: z.optional(text),
    mend: z.optional(text),
    forbid: z.optional(condition).check(z.describe('What must not be in the image.')),
    require: z.optional(condition).check(z.describe('What must be in the image.')),
    maxSize: z
      .optional(
        z.string().check(z.refine((size) => parseSize(size) !== undefined, 'must be a size such as 50MB')),
      )
      .check(z.describe('Most bytes that the files of the image may have.')),
    licences: z
      .optional(z.array(text).check(z.minLength(1)))
      .check(z.describe('The only licences that packages may have, * for any letters.')),
  })
  .check(
    z.refine(({ forbid, require, maxSize, licences }) => isOne([forbid, require, maxSize, licences]), {
      error: 'needs exactly one of forbid, require, maxSize and licences',
    }),
  );

const silence = z.strictObject({
  rule: pattern.check(z.describe('Id of a rule, * for any letters.')),
  path: z
    .optional(z.union([text, z.array(text).check(z.minLength(1))]))
    .check(z.describe('Patterns of the only paths.')),
  reason: text.check(z.describe('Why it does not count.')),
  until: z
    .optional(
      z.string().check(z.refine((day) => parseDay(day) !== undefined, 'must be a day such as 2027-01-31')),
    )
    .check(z.describe('The last day on which it does not count.')),
});

export const policySchema = z.strictObject({
  only: z.optional(z.array(pattern)).check(z.describe('The only rules that are looked at.')),
  except: z.optional(z.array(pattern)).check(z.describe('Rules that are not looked at.')),
  severity: z.optional(z.record(z.string(), severity)).check(z.describe('Other severities, by rule.')),
  silence: z.optional(z.array(silence)).check(z.describe('Findings that do not count, and why.')),
  labels: z
    .optional(z.boolean())
    .check(z.describe('Whether labels of the image silence findings; default: true.')),
  rules: z.optional(z.array(ownRule)).check(z.describe('Rules of your own.')),
});

/** The shape that the schema accepts is the one that is documented: this compiles only if it is. */
export function asPolicy(value: z.infer<typeof policySchema>): Policy {
  return value;
}

function isOne(values: readonly unknown[]): boolean {
  return values.filter((value) => value !== undefined).length === 1;
}
