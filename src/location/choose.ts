import { nearest, PithError } from '../core/index.ts';

/**
 * Picks what a reference names, or the only thing there is.
 * @param where what the source is called in errors
 * @throws UNKNOWN_IMAGE
 */
export function choose<Listed extends { readonly names: readonly string[] }>(
  listed: readonly Listed[],
  reference: string | undefined,
  where: string,
): Listed {
  const names = listed.flatMap((item) => item.names);
  if (reference !== undefined) {
    const found = listed.find((item) => item.names.includes(reference));
    if (found) return found;
    const near = nearest(reference, names);
    throw new PithError('UNKNOWN_IMAGE', `${where} has no image ${JSON.stringify(reference)}`, {
      hint: near ? `Did you mean ${near}?` : say(names),
    });
  }
  const [only, ...others] = listed;
  if (only && others.length === 0) return only;
  throw new PithError(
    'UNKNOWN_IMAGE',
    only ? `${where} holds ${listed.length} images; say which` : `${where} holds no image`,
    {
      hint: say(names),
    },
  );
}

function say(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length === 0
    ? 'It holds no names.'
    : `It holds ${shown}${names.length > 20 ? ` and ${names.length - 20} more` : ''}.`;
}
