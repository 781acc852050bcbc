import { readFileSync } from 'node:fs';
import { digestOf, hexOf, PithError, systemCode } from '../core/index.ts';
import type { Definition } from './definition-types.ts';

/** No definition that a person writes is larger; bounds what a hostile one costs. */
const MAX_SIZE = 1 << 20;
const RECORD = 'definition';
/** Changes with the schema: what was valid once may not be so now. */
export const DEFINITION_FORMAT = 9;

/** Remembers values by kind and key; the store does. */
export interface Memory {
  readRecord(kind: string, key: string): unknown;
  writeRecord(kind: string, key: string, value: unknown): Promise<void>;
}

/**
 * Reads and validates a definition file. The result is remembered by the digest of the file, so that neither YAML nor
 * the schema is loaded for a file that was valid before.
 * @throws PithError DEFINITION_INVALID with the file's path, line and column; for a misspelt key with the nearest known one
 */
export async function readDefinition(path: string, memory: Memory | undefined): Promise<Definition> {
  const bytes = readBytes(path);
  const key = `${DEFINITION_FORMAT}-${hexOf(digestOf(bytes))}`;
  const known = memory?.readRecord(RECORD, key) as Definition | undefined;
  if (known) return known;
  const { parseDefinition } = await import('./definition-file.ts');
  const definition = parseDefinition(bytes.toString('utf8'), path);
  await memory?.writeRecord(RECORD, key, definition);
  return definition;
}

function readBytes(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new PithError(
      'DEFINITION_INVALID',
      `${path}: cannot be read (${systemCode(error) ?? 'unknown fault'})`,
      {
        path,
        cause: error,
        hint: 'Check the path and its permissions.',
      },
    );
  }
  if (bytes.length <= MAX_SIZE) return bytes;
  throw new PithError('DEFINITION_INVALID', `${path}: is larger than ${MAX_SIZE} bytes`, { path });
}
