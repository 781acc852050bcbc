import type { Clause } from './clause.ts';
import { Search } from './search.ts';

/** Clauses up to which it is worth the time to leave away what is not needed. */
const MOST_CLAUSES = 1000;

/**
 * The fewest of the clauses that cannot hold together: each is needed, none can be left away (unless there are very many).
 */
export function minimise<T>(core: readonly Clause<T>[], maxConflicts: number): readonly Clause<T>[] {
  let kept = core;
  if (kept.length > MOST_CLAUSES) return kept;
  for (const clause of core) {
    const fewer = kept.filter((other) => other !== clause);
    if (!isSatisfiable(fewer, maxConflicts)) kept = fewer;
  }
  return kept;
}

function isSatisfiable<T>(clauses: readonly Clause<T>[], maxConflicts: number): boolean {
  const ownerOf = ({ demand }: Clause<T>): number => demand?.owner ?? 0;
  const search = new Search<T>();
  const highest = clauses
    .flatMap(({ literals }) => literals)
    .reduce((top, literal) => Math.max(top, Math.abs(literal)), 0);
  for (let variable = 1; variable <= highest; variable++) search.addVariable();
  const owned = new Map<number, Clause<T>[]>();
  for (const clause of clauses) owned.set(ownerOf(clause), [...(owned.get(ownerOf(clause)) ?? []), clause]);
  const add = (owner: number): void => {
    for (const clause of owned.get(owner) ?? []) search.addClause(clause);
  };
  add(0);
  return search.run(maxConflicts, add).kind !== 'unsatisfiable';
}
