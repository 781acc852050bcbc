import { printable } from '../../core/index.ts';

const PREFIX = 'org.opencontainers.image';
const LONGEST = 1024;

export interface Description {
  readonly version?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly licenses?: string | undefined;
  readonly source?: string | undefined;
  readonly url?: string | undefined;
}

/** Labels of the OCI image specification (annotations.md, "Pre-Defined Annotation Keys") for what a manifest says. */
export function describe(description: Description): Record<string, string> {
  const entries: [string, unknown][] = Object.entries(description);
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      typeof value === 'string' && value !== ''
        ? [[`${PREFIX}.${key}`, printable(value).replace(/\s+/g, ' ').slice(0, LONGEST)]]
        : [],
    ),
  );
}
