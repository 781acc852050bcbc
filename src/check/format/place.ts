import type { Finding } from '../model.ts';
import { showPath } from '../show.ts';

/** Where a finding is, in words: `/usr/bin/su (layer 3)`, `config.User`; empty if it is about the whole image. */
export function placeOf({ path, line, layer, field }: Finding): string {
  const lineText = line === undefined ? '' : `:${line}`;
  const file = path === undefined ? undefined : `${showPath(path)}${lineText}`;
  const within = layer === undefined ? undefined : `layer ${layer + 1}`;
  const first = file ?? field ?? within ?? '';
  const more = [
    ...(file !== undefined && field !== undefined ? [field] : []),
    ...(first === within ? [] : [within]),
  ];
  const rest = more.filter((part) => part !== undefined);
  return rest.length === 0 ? first : `${first} (${rest.join(', ')})`;
}
