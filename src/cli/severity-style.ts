import { styleText } from 'node:util';
import type { Severity } from '../policy/index.ts';

type Style = (text: string, as: Severity | 'strong' | 'faint') => string;

const FORMATS = { error: 'red', warning: 'yellow', note: 'cyan', strong: 'bold', faint: 'gray' } as const;

/** Colours for a terminal; none for anything else, or where NO_COLOR is set (no-color.org). */
export function styleFor(
  { isTTY }: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style | undefined {
  const isPlain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  if (isTTY !== true || isPlain) return undefined;
  return (text, as) => styleText(FORMATS[as], text);
}
