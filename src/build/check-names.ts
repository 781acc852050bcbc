import { PithError } from '../core/index.ts';

/**
 * Levels are told apart by their names: those of the definitions that extend each other, and of the last one's variants.
 * @param levels the most basic one first, each with the path of its definition
 * @throws PithError DEFINITION_INVALID if two have the same name
 */
export function checkNames(levels: readonly { readonly name: string; readonly path: string }[]): void {
  const paths = new Map<string, string>();
  for (const { name, path } of levels) {
    const other = paths.get(name);
    if (other !== undefined)
      throw new PithError(
        'DEFINITION_INVALID',
        `${path}: the name ${name} is that of what it extends (${other})`,
        { path, hint: 'Give it a name of its own: layers are told apart by it.' },
      );
    paths.set(name, path);
  }
}
