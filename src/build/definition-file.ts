import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { type core as zod } from 'zod/mini';
import { nearest, PithError } from '../core/index.ts';
import { asDefinition, definitionJsonSchema, definitionSchema } from './definition.ts';
import type { Definition } from './definition-types.ts';

/**
 * Validates the text of a definition file.
 * @param path what it is called in errors
 * @throws PithError DEFINITION_INVALID with the file's path, line and column; for a misspelt key with the nearest known one
 */
export function parseDefinition(text: string, path: string): Definition {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return path;
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [fault] = document.errors;
  if (fault) {
    throw new PithError('DEFINITION_INVALID', `${at(fault.pos[0])}: is not YAML: ${fault.message}`, {
      path,
      cause: fault,
    });
  }
  const result = definitionSchema.safeParse(toValue(document, path));
  if (result.success) return asDefinition(result.data);
  const issue = deepest(result.error.issues);
  const { place, message, hint } = explain(issue, document);
  throw new PithError('DEFINITION_INVALID', `${at(offsetOf(document, place))}: ${message}`, {
    path,
    ...(hint ? { hint } : {}),
  });
}

function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new PithError(
      'DEFINITION_INVALID',
      `${path}: ${error instanceof Error ? error.message : 'cannot be read'}`,
      { path, cause: error },
    );
  }
}

/** Of the issues the first; of a union's the one of the alternative that got furthest. */
function deepest(issues: readonly zod.$ZodIssue[]): zod.$ZodIssue {
  const issue = issues[0];
  if (!issue) throw new PithError('INTERNAL', 'a definition failed to validate without a reason');
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .map((alternative) => alternative[0])
    .filter((candidate) => candidate !== undefined);
  const best = inner.find((candidate) => candidate.code !== 'invalid_type') ?? inner[0];
  if (!best) return issue;
  return { ...deepest([best]), path: [...issue.path, ...best.path] };
}

interface Explanation {
  place: readonly PropertyKey[];
  message: string;
  hint?: string;
}

function explain(issue: zod.$ZodIssue, document: Document): Explanation {
  const where = issue.path.length > 0 ? `\`${issue.path.map(String).join('.')}\`` : 'the definition';
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0] ?? '';
      const near = nearest(key, knownKeys(issue.path));
      return {
        place: [...issue.path, key],
        message: `${issue.path.length > 0 ? `${where} has` : 'there is'} no key \`${key}\`${near ? `; did you mean \`${near}\`?` : ''}`,
        hint: near ? `Write \`${near}\` in place of \`${key}\`.` : 'docs/definitions.md lists the keys.',
      };
    }
    case 'invalid_type':
      return issue.path.length > 0 && !document.hasIn(issue.path)
        ? { place: issue.path.slice(0, -1), message: `the key ${where} is missing` }
        : { place: issue.path, message: `${where} must be ${TYPE_NAMES[issue.expected] ?? issue.expected}` };
    case 'invalid_value':
      return {
        place: issue.path,
        message: `${where} must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`,
      };
    case 'too_small':
      return { place: issue.path, message: `${where} is too small or empty` };
    case 'too_big':
      return { place: issue.path, message: `${where} is too large` };
    default:
      return { place: issue.path, message: `${where} ${issue.message}` };
  }
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

/** The keys that the schema has at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schemas: JsonSchema[] = [definitionJsonSchema()];
  for (const part of path) {
    schemas = schemas
      .flatMap((schema) => schema.anyOf ?? [schema])
      .flatMap((schema) => {
        const next =
          typeof part === 'number'
            ? schema.items
            : (schema.properties?.[String(part)] ?? schema.additionalProperties);
        return typeof next === 'object' ? [next] : [];
      });
  }
  return schemas
    .flatMap((schema) => schema.anyOf ?? [schema])
    .flatMap((schema) => Object.keys(schema.properties ?? {}));
}

/** Where the key or value at a path stands in the text. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
    if (isScalar(pair?.key)) return pair.key.range?.[0];
  }
  const node = path.length > 0 ? document.getIn(path, true) : document.contents;
  const range =
    typeof node === 'object' && node !== null && 'range' in node
      ? (node.range as [number] | null | undefined)
      : undefined;
  return range?.[0];
}
