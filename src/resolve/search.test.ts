import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clause } from './clause.ts';
import { minimise } from './minimise.ts';
import { Search } from './search.ts';

const VARIABLES = 7;
const LIMIT = 10_000;

/** Clauses of which those that begin with a demanded choice are demands without an owner. */
const clausesArbitrary = fc.array(
  fc
    .uniqueArray(fc.integer({ min: 1, max: VARIABLES }), { minLength: 1, maxLength: 3 })
    .chain((variables) =>
      fc
        .array(fc.boolean(), { minLength: variables.length, maxLength: variables.length })
        .map((signs) => variables.map((variable, at) => (signs[at] === true ? variable : -variable))),
    ),
  { maxLength: 30 },
);

/** A clause with choices is demanded by its first negative variable, as dependencies are by their package. */
function toClause(literals: readonly number[], at: number): Clause<number> {
  const choices = literals.filter((literal) => literal > 0);
  const owner = Math.abs(literals.find((literal) => literal < 0) ?? 0);
  return choices.length === 0
    ? { literals, origin: at }
    : { literals, origin: at, demand: { owner, choices, rank: choices.length > 1 ? 1 : 0 } };
}

function isSatisfiable(clauses: readonly (readonly number[])[]): boolean {
  for (let bits = 0; bits < 1 << VARIABLES; bits++)
    if (
      clauses.every((clause) => clause.some((one) => (bits >> (Math.abs(one) - 1)) % 2 === Number(one > 0)))
    )
      return true;
  return false;
}

/** Searches with the clauses of an owner added only when it becomes true, as the resolver does. */
function solve(clauses: readonly (readonly number[])[]): {
  search: Search<number>;
  core?: readonly Clause<number>[];
} {
  const search = new Search<number>();
  for (let variable = 0; variable < VARIABLES; variable++) search.addVariable();
  const all = clauses.map(toClause);
  const add = (owner: number): void => {
    for (const clause of all) if ((clause.demand?.owner ?? 0) === owner) search.addClause(clause);
  };
  add(0);
  const outcome = search.run(LIMIT, add);
  expect(outcome.kind).not.toBe('gave-up');
  return outcome.kind === 'unsatisfiable' ? { search, core: outcome.core } : { search };
}

describe('a search', () => {
  it('finds an assignment exactly if there is one, and it satisfies every clause', () => {
    fc.assert(
      fc.property(clausesArbitrary, (clauses) => {
        const { search, core } = solve(clauses);
        expect(core === undefined).toBe(isSatisfiable(clauses));
        if (core) return;
        for (const clause of clauses)
          expect(clause.some((literal) => search.isTrue(Math.abs(literal)) === literal > 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('names clauses that cannot hold together, as few as can be', () => {
    let seen = 0;
    fc.assert(
      fc.property(clausesArbitrary, (clauses) => {
        const { core } = solve(clauses);
        if (!core) return;
        seen++;
        expect(isSatisfiable(core.map(({ literals }) => literals))).toBe(false);
        const fewest = minimise(core, LIMIT).map(({ literals }) => literals);
        expect(isSatisfiable(fewest)).toBe(false);
        for (const left of fewest) expect(isSatisfiable(fewest.filter((one) => one !== left))).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(seen).toBeGreaterThan(20);
  });

  it('makes nothing true that nothing demands, and prefers the first choice', () => {
    const { search } = solve([[1], [-1, 3, 2], [-4, 5]]);
    expect([1, 2, 3, 4, 5].filter((variable) => search.isTrue(variable))).toEqual([1, 3]);
  });

  it('ends after the allowed number of dead ends', () => {
    // Seven pigeons and six holes: every way to place them has to be tried, more or less.
    const search = new Search<number>();
    const hole = Array.from({ length: 7 }, () => Array.from({ length: 6 }, () => search.addVariable()));
    for (const choices of hole)
      search.addClause({ literals: choices, demand: { owner: 0, choices, rank: 1 } });
    for (let at = 0; at < 6; at++)
      for (let a = 0; a < 7; a++)
        for (let b = 0; b < a; b++)
          search.addClause({ literals: [-(hole[a]?.[at] ?? 0), -(hole[b]?.[at] ?? 0)] });
    expect(search.run(10).kind).toBe('gave-up');
    expect(search.run(1_000_000).kind).toBe('unsatisfiable');
    expect(search.statistics().conflicts).toBeGreaterThan(10);
  });
});
