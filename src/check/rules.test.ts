import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RULES } from './rules.ts';

const DOCS = readFileSync(new URL('../../docs/checks.md', import.meta.url), 'utf8');

describe('the rules', () => {
  it('have ids of their own that read well', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it.each(RULES)('$id is in docs/checks.md as it is', ({ id, severity, title, why, mend }) => {
    expect(DOCS).toContain(`### ${id}\n\n${title} (${severity}).\n\n${why}\n\n${mend}\n`);
  });

  it('are the only ones there', () => {
    expect([...DOCS.matchAll(/^### (.+)$/gm)].map(([, id]) => id)).toEqual(RULES.map(({ id }) => id));
  });
});
