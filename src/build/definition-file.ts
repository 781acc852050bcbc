import { openYaml } from '../yaml/index.ts';
import { asDefinition, definitionSchema } from './definition.ts';
import type { Definition } from './definition-types.ts';

/**
 * Validates the text of a definition file.
 * @param path what it is called in errors
 * @throws PithError DEFINITION_INVALID with the file's path, line and column; for a misspelt key with the nearest known one
 */
export function parseDefinition(text: string, path: string): Definition {
  const file = openYaml(text, path, { what: 'the definition', docs: 'docs/definitions.md' });
  return asDefinition(file.check(definitionSchema));
}
