export { ALLOW_LABEL, Checker, type CheckInput } from './check-images.ts';
export { formatGithub } from './format/github.ts';
export { formatJunit } from './format/junit.ts';
export { formatSarif } from './format/sarif.ts';
export { formatRule, formatText } from './format/text.ts';
export {
  type CheckedImage,
  type CheckReport,
  type Finding,
  type Rule,
  SEVERITIES,
  type Severity,
} from './model.ts';
export type { Policy } from './policy/policy.ts';
export { readPolicy } from './policy/read-policy.ts';
export { asPolicy, policySchema } from './policy/schema.ts';
export { RULES } from './rules.ts';
export type { CheckContext } from './subject.ts';
