import * as z from 'zod/mini';
import { nearest, PithError } from '../core/index.ts';

type Place = readonly PropertyKey[];

/** What is wrong with a file, where, and what to do about it. */
export interface Explanation {
  readonly place: Place;
  readonly message: string;
  readonly hint?: string;
}

export interface ExplainContext {
  readonly what: string;
  readonly docs: string;
  /** Whether the file has something at a place. */
  readonly has: (place: Place) => boolean;
  /** The keys that the schema has at a place. */
  readonly keys: (place: Place) => readonly string[];
}

/** Says in words the first thing that a schema had to find fault with. */
export function explainIssue(issues: readonly z.core.$ZodIssue[], context: ExplainContext): Explanation {
  const issue = deepest(issues);
  const { path } = issue;
  const where = path.length > 0 ? `\`${path.map(String).join('.')}\`` : context.what;
  const isValue = issue.code === 'invalid_type' || issue.code === 'invalid_value';
  if (isValue && path.length > 0 && !context.has(path))
    return { place: path.slice(0, -1), message: `the key ${where} is missing` };
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0] ?? '';
      const near = nearest(key, context.keys(path));
      return {
        place: [...path, key],
        message: `${path.length > 0 ? `${where} has` : 'there is'} no key \`${key}\`${near ? `; did you mean \`${near}\`?` : ''}`,
        hint: near ? `Write \`${near}\` in place of \`${key}\`.` : `${context.docs} lists the keys.`,
      };
    }
    case 'invalid_type':
      return { place: path, message: `${where} must be ${TYPE_NAMES[issue.expected] ?? issue.expected}` };
    case 'invalid_value':
      return {
        place: path,
        message: `${where} must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`,
      };
    case 'too_small':
      return { place: path, message: `${where} is too small or empty` };
    case 'too_big':
      return { place: path, message: `${where} is too large` };
    default:
      return { place: path, message: `${where} ${issue.message}` };
  }
}

/** Of the issues the first; of a union's the one of the alternative that got furthest, of a wrong key's what is wrong with it. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const issue = issues[0];
  if (!issue) throw new PithError('INTERNAL', 'a file failed to validate without a reason');
  if (issue.code === 'invalid_key' && issue.issues[0]) return { ...issue.issues[0], path: issue.path };
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .map((alternative) => alternative[0])
    .filter((candidate) => candidate !== undefined);
  const best = inner.find((candidate) => candidate.code !== 'invalid_type') ?? inner[0];
  if (!best) return issue;
  return { ...deepest([best]), path: [...issue.path, ...best.path] };
}

/** Types as a reader of YAML calls them. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  string: 'text (put it in quotes)',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
};

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** The keys that a schema has at a place. */
export function keysAt(schema: z.core.$ZodType, place: Place): string[] {
  let schemas: JsonSchema[] = [z.toJSONSchema(schema) as JsonSchema];
  for (const part of place) {
    schemas = schemas
      .flatMap((one) => one.anyOf ?? [one])
      .flatMap((one) => {
        const next =
          typeof part === 'number' ? one.items : (one.properties?.[String(part)] ?? one.additionalProperties);
        return typeof next === 'object' ? [next] : [];
      });
  }
  return schemas.flatMap((one) => one.anyOf ?? [one]).flatMap((one) => Object.keys(one.properties ?? {}));
}
