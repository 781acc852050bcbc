import * as z from 'zod/mini';
import { SEVERITIES } from '../policy/index.ts';

/** The report of `pith check --json` (docs/checks.md). */
const severity = z.enum(SEVERITIES as ['error', 'warning', 'note']);
const number = z.int().check(z.minimum(0));

const finding = {
  rule: z.string().check(z.describe('Id of the rule.')),
  severity,
  message: z.string().check(z.describe('What was found, in words.')),
  path: z.optional(z.string()).check(z.describe('Path in the image, without a slash at either end.')),
  line: z.optional(z.int().check(z.minimum(1))).check(z.describe('Line in the file, from 1.')),
  layer: z.optional(number).check(z.describe('Number of the layer, from 0.')),
  field: z.optional(z.string()).check(z.describe('Field of the image configuration, such as config.User.')),
};

const image = z.strictObject({
  platform: z.string().check(z.describe('Such as linux/amd64.')),
  digest: z.string().check(z.describe('Of the manifest.')),
  findings: z.array(z.strictObject(finding)),
  silenced: z
    .array(
      z.strictObject({
        ...finding,
        reason: z.string(),
        by: z
          .enum(['policy', 'image'])
          .check(z.describe('Whether the policy silences it, or a label of the image.')),
        until: z.optional(z.string()).check(z.describe('The last day on which it is silenced.')),
      }),
    )
    .check(z.describe('Findings that do not count.')),
  more: z.record(z.string(), number).check(z.describe('Findings beyond those that are listed, by rule.')),
});

export const checkReportSchema = z.strictObject({
  name: z.string().check(z.describe('What was checked, as it was named.')),
  passed: z.boolean().check(z.describe('Whether there is nothing of the severity of --fail-on or worse.')),
  rules: z.array(
    z.strictObject({ id: z.string(), severity, title: z.string(), why: z.string(), mend: z.string() }),
  ),
  images: z.array(image),
  policy: z.array(z.strictObject(finding)).check(z.describe('What of the policy is to be mended.')),
  counts: z
    .strictObject({ error: number, warning: number, note: number })
    .check(z.describe('Findings of all images and of the policy that count.')),
  silenced: number,
});

/** The JSON Schema (draft 2020-12) of the report, for those who read it. */
export function checkReportJsonSchema(): object {
  return z.toJSONSchema(checkReportSchema, { target: 'draft-2020-12' });
}
