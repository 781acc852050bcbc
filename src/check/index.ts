export { ALLOW_LABEL, Checker, type CheckInput } from './check-images.ts';
export { formatGithub } from './format/github.ts';
export { formatJunit } from './format/junit.ts';
export { formatSarif } from './format/sarif.ts';
export { formatRule, formatText } from './format/text.ts';
export type { CheckedImage, CheckReport, Finding, Rule } from './model.ts';
export { readPolicy } from './policy/read-policy.ts';
export { RULES } from './rules.ts';
export type { CheckContext } from './subject.ts';
