import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortEntries } from './sort.ts';
import { finish } from './testing.ts';

describe('sorting in slices', () => {
  it('gives what sorting at once gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4000, maxLength: 13_000 }),
        fc.boolean(),
        (keys, descending) => {
          const entries = Int32Array.from(keys.keys());
          const sign = descending ? -1 : 1;
          const expected = [...entries].sort((a, b) => sign * ((keys[a] ?? 0) - (keys[b] ?? 0)) || a - b);
          expect([...finish(sortEntries(entries, keys, descending))]).toEqual(expected);
          expect(entries).toEqual(Int32Array.from(keys.keys()));
        },
      ),
      { numRuns: 12 },
    );
  });

  it('stops often: never more than a few milliseconds of work between two stops', () => {
    const entries = Int32Array.from({ length: 200_000 }, (_none, at) => at);
    const keys = entries.map((entry) => (entry * 7919) % 200_003);
    expect([...sortEntries(entries, keys, false)].length).toBeGreaterThan(80);
  });
});
