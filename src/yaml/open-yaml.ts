import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import * as z from 'zod/mini';
import { PithError } from '../core/index.ts';
import { explainIssue, keysAt } from './explain-issue.ts';

/** Aliases may not blow a small file up ("billion laughs"). */
const MAX_ALIASES = 100;

export interface YamlOptions {
  /** What the file is called in messages: `the definition`. */
  readonly what: string;
  /** The page that lists its keys: `docs/definitions.md`. */
  readonly docs: string;
  /** Numbers and booleans are their own text, as readers with typed fields want them: `1.0` and not 1. */
  readonly asText?: boolean;
  /** `<<` puts the keys of another map into this one, as YAML 1.1 has it. */
  readonly merge?: boolean;
}

/** A file whose syntax is sound. */
export interface YamlFile {
  /** What it says, as plain data. */
  readonly value: unknown;
  /**
   * What it says, if the schema accepts it.
   * @throws PithError DEFINITION_INVALID with path, line and column; for a misspelt key with the nearest known one
   */
  check<Schema extends z.core.$ZodType>(schema: Schema): z.core.output<Schema>;
  /** The error of the key or value at a place in it. */
  fault(place: readonly PropertyKey[], message: string, hint?: string): PithError;
}

/**
 * Reads YAML 1.2, or JSON.
 * @param path what the file is called in errors
 * @throws PithError DEFINITION_INVALID with path, line and column if it is not YAML, has a key twice or too many aliases
 */
export function openYaml(text: string, path: string, options: YamlOptions): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: options.merge ?? false,
  });
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return path;
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const explained = `${options.docs} explains the keys and their values.`;
  const [broken] = document.errors;
  if (broken)
    throw new PithError('DEFINITION_INVALID', `${at(broken.pos[0])}: is not YAML: ${broken.message}`, {
      path,
      cause: broken,
      hint: explained,
    });
  if (options.asText) keepText(document);
  const value = toValue(document, path, explained);
  const fault = (place: readonly PropertyKey[], message: string, hint = explained): PithError =>
    new PithError('DEFINITION_INVALID', `${at(offsetOf(document, place))}: ${message}`, { path, hint });
  return {
    value,
    fault,
    check(schema) {
      const result = z.safeParse(schema, value);
      if (result.success) return result.data;
      const { place, message, hint } = explainIssue(result.error.issues, {
        ...options,
        has: (where) => document.hasIn(where),
        keys: (where) => keysAt(schema, where),
      });
      throw fault(place, message, hint);
    },
  };
}

function keepText(document: Document): void {
  visit(document, {
    Scalar(_key, node) {
      if (node.value !== null && typeof node.value !== 'string' && node.source !== undefined)
        node.value = node.source;
    },
  });
}

function toValue(document: Document, path: string, hint: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new PithError(
      'DEFINITION_INVALID',
      `${path}: ${error instanceof Error ? error.message : 'cannot be read'}`,
      { path, cause: error, hint },
    );
  }
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
