export { parseBound, type Relation, type VersionBound } from './bounds.ts';
export { parseDay } from './days.ts';
export type { Condition, OwnRule, Policy, Silence } from './policy.ts';
/** @internal */
export { asPolicy, policySchema } from './schema.ts';
export { SEVERITIES, type Severity } from './severity.ts';
export { parseSize } from './size.ts';
