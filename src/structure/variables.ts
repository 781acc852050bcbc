import type { Variable } from './test-file.ts';

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$(?:\{([^}]*)\}|(\{)|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*))/g;

/** `NAME=VALUE` entries as variables; the last one of a name counts. */
export function variablesOf(entries: readonly string[]): Variables {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/**
 * Puts values in the place of `$NAME` and `${NAME}`, nothing for a name that has none, as `os.Expand` of Go does: one digit or
 * one of `*#$@!?-` is a name too, and a dollar sign before anything else stays.
 */
export function expandVariables(text: string, variables: Variables): string {
  return text.replace(VARIABLE, (_all, braced?: string, _open?: string, special?: string, plain?: string) => {
    const name = braced ?? special ?? plain ?? '';
    return (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? '';
  });
}

/** Variables of a test file, with others in their values. */
export function expandAll(pairs: readonly Variable[], variables: Variables): Variables {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, expandVariables(value, variables)]));
}
