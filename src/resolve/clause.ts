/** A variable is a number from 1 on; a literal is a variable (it is true) or its negative (it is false). */
export type Literal = number;

/** What has to be chosen: one of `choices`, the preferred one first, as soon as the owner is true. */
export interface Demand {
  /** The variable that demands it; 0 if it is demanded in any case. */
  readonly owner: number;
  readonly choices: readonly number[];
  /** Demands that leave little to choose come first: 0 before 1. */
  readonly rank: 0 | 1;
}

/** At least one of the literals has to be true. */
export interface Clause<T> {
  readonly literals: readonly Literal[];
  /** Where it comes from; a learned clause has none. */
  readonly origin?: T;
  readonly demand?: Demand;
}

/** The answer, or clauses that cannot hold together, or neither within the allowed number of conflicts. */
export type Outcome<T> =
  | { readonly kind: 'satisfied' }
  | { readonly kind: 'unsatisfiable'; readonly core: readonly Clause<T>[] }
  | { readonly kind: 'gave-up' };

export interface SearchStatistics {
  readonly variables: number;
  readonly clauses: number;
  /** Choices that were made where more than one was possible. */
  readonly decisions: number;
  /** Dead ends from which the search went back. */
  readonly conflicts: number;
}
