import type { Clause, Literal, Outcome, SearchStatistics } from './clause.ts';

interface Stored<T> extends Clause<T> {
  /** The first two are watched. */
  readonly literals: Literal[];
  /** What a learned clause follows from. */
  readonly antecedents?: readonly Stored<T>[];
}

/**
 * A search for truth values that satisfy clauses, with conflict-driven learning: after a dead end it goes back to the
 * choice that caused it and never runs into the same one again. It is complete and deterministic, and differs from a
 * usual SAT solver in two ways: a variable that nothing demands stays false, and the clauses of a variable may be added
 * when it first becomes true (`expand`).
 */
export class Search<T> {
  readonly #values: number[] = [0];
  readonly #levels: number[] = [0];
  readonly #reasons: (Stored<T> | undefined)[] = [undefined];
  readonly #expanded: boolean[] = [true];
  readonly #watches: Stored<T>[][] = [[], []];
  readonly #trail: Literal[] = [];
  /** Where each level begins on the trail; level 0 is before the first choice. */
  readonly #marks: number[] = [];
  readonly #demands: readonly Stored<T>[][] = [[], []];
  /** Demands of each rank before these places are met or not active. */
  readonly #met: [number, number] = [0, 0];
  #false: Stored<T>[] = [];
  #next = 0;
  #clauses = 0;
  #decisions = 0;
  #conflicts = 0;

  addVariable(): number {
    this.#values.push(0);
    this.#levels.push(0);
    this.#reasons.push(undefined);
    this.#expanded.push(false);
    this.#watches.push([], []);
    return this.#values.length - 1;
  }

  /** Adds a clause, before or during the search. Literals are distinct, and none is the negative of another. */
  addClause(clause: Clause<T>): void {
    const stored: Stored<T> = { ...clause, literals: [...clause.literals] };
    this.#clauses++;
    if (clause.demand) this.#demands[clause.demand.rank]?.push(stored);
    if (stored.literals.length < 2) {
      if (this.#level() > 0) this.#conflicts++;
      this.#backTo(0);
    }
    this.#watch(stored);
  }

  isTrue(variable: number): boolean {
    return this.#values[variable] === 1;
  }

  statistics(): SearchStatistics {
    return {
      variables: this.#values.length - 1,
      clauses: this.#clauses,
      decisions: this.#decisions,
      conflicts: this.#conflicts,
    };
  }

  /**
   * Searches.
   * @param maxConflicts dead ends after which it gives up
   * @param expand called once for each variable, when it first becomes true; adds the clauses that matter only then
   */
  run(maxConflicts: number, expand: (variable: number) => void = () => undefined): Outcome<T> {
    for (;;) {
      const conflict = this.#propagate(expand);
      if (!conflict) {
        if (!this.#decide()) return { kind: 'satisfied' };
        continue;
      }
      this.#conflicts++;
      const level = this.#topLevel(conflict);
      if (level === 0) return { kind: 'unsatisfiable', core: this.#coreOf(conflict) };
      if (this.#conflicts > maxConflicts) return { kind: 'gave-up' };
      this.#learn(conflict, level);
    }
  }

  #level(): number {
    return this.#marks.length;
  }

  #valueOf(literal: Literal): number {
    return literal > 0 ? (this.#values[literal] ?? 0) : -(this.#values[-literal] ?? 0);
  }

  #levelOf(literal: Literal): number {
    return this.#levels[Math.abs(literal)] ?? 0;
  }

  #watchesOf(literal: Literal): Stored<T>[] {
    return this.#watches[literal > 0 ? 2 * literal : -2 * literal + 1] ?? [];
  }

  #assign(literal: Literal, reason: Stored<T> | undefined): void {
    const variable = Math.abs(literal);
    this.#values[variable] = literal > 0 ? 1 : -1;
    this.#levels[variable] = this.#level();
    this.#reasons[variable] = reason;
    this.#trail.push(literal);
  }

  /** Watches the two literals that stay unfalsified longest, and acts on what the clause says already. */
  #watch(clause: Stored<T>): void {
    const rankOf = (literal: Literal): number =>
      this.#valueOf(literal) < 0 ? this.#levelOf(literal) : Number.POSITIVE_INFINITY;
    const { literals } = clause;
    for (const place of [0, 1]) {
      let best = place;
      for (let at = place + 1; at < literals.length; at++)
        if (rankOf(literals[at] ?? 0) > rankOf(literals[best] ?? 0)) best = at;
      swap(literals, place, best);
    }
    const [first, second] = literals;
    if (first !== undefined && second !== undefined) {
      this.#watchesOf(first).push(clause);
      this.#watchesOf(second).push(clause);
    }
    this.#act(clause);
  }

  /** Assigns the last open literal of a clause whose other literals are false; notes a clause that is false altogether. */
  #act(clause: Stored<T>): void {
    let open: Literal | undefined;
    for (const literal of clause.literals) {
      const value = this.#valueOf(literal);
      if (value > 0 || (value === 0 && open !== undefined)) return;
      if (value === 0) open = literal;
    }
    if (open === undefined) this.#false.push(clause);
    else this.#assign(open, clause);
  }

  /** Draws all conclusions from what is assigned; returns a clause that has become false. */
  #propagate(expand: (variable: number) => void): Stored<T> | undefined {
    for (;;) {
      const noted = this.#false;
      this.#false = [];
      for (const clause of noted) this.#act(clause);
      if (this.#false.length > 0) return this.#false.shift();
      const literal = this.#trail[this.#next];
      if (literal === undefined) return undefined;
      this.#next++;
      const conflict = this.#visitWatches(-literal);
      if (conflict) return conflict;
      if (literal < 0) continue;
      // A variable that is true again has demands among those that were passed over.
      if (this.#expanded[literal]) this.#met.fill(0);
      else {
        this.#expanded[literal] = true;
        expand(literal);
      }
    }
  }

  /** Looks after the clauses that watch a literal which has become false. */
  #visitWatches(literal: Literal): Stored<T> | undefined {
    const clauses = this.#watchesOf(literal);
    let kept = 0;
    let conflict: Stored<T> | undefined;
    for (const clause of clauses) {
      const { literals } = clause;
      if (literals[0] === literal) swap(literals, 0, 1);
      const [first = 0] = literals;
      if (!conflict && this.#valueOf(first) <= 0 && this.#moveWatch(clause)) continue;
      clauses[kept++] = clause;
      if (conflict || this.#valueOf(first) > 0) continue;
      if (this.#valueOf(first) < 0) conflict = clause;
      else this.#assign(first, clause);
    }
    clauses.length = kept;
    return conflict;
  }

  /** Watches another literal in place of the second, if one is not false. */
  #moveWatch(clause: Stored<T>): boolean {
    const { literals } = clause;
    for (let at = 2; at < literals.length; at++) {
      const literal = literals[at] ?? 0;
      if (this.#valueOf(literal) < 0) continue;
      swap(literals, 1, at);
      this.#watchesOf(literal).push(clause);
      return true;
    }
    return false;
  }

  /** Meets the first open demand by its preferred choice; false if there is none. */
  #decide(): boolean {
    for (const rank of [0, 1] as const) {
      const demands = this.#demands[rank] ?? [];
      for (; this.#met[rank] < demands.length; this.#met[rank]++) {
        const { demand, literals } = demands[this.#met[rank]] ?? { literals: [] };
        if (!demand || (demand.owner !== 0 && !this.isTrue(demand.owner))) continue;
        if (literals.some((literal) => this.#valueOf(literal) > 0)) continue;
        const choice = demand.choices.find((variable) => this.#values[variable] === 0);
        if (choice === undefined) continue;
        this.#decisions++;
        this.#marks.push(this.#trail.length);
        this.#assign(choice, undefined);
        return true;
      }
    }
    return false;
  }

  #topLevel({ literals }: Stored<T>): number {
    return literals.reduce((top, literal) => Math.max(top, this.#levelOf(literal)), 0);
  }

  #backTo(level: number): void {
    const mark = this.#marks[level];
    if (mark === undefined) return;
    for (const literal of this.#trail.splice(mark)) this.#values[Math.abs(literal)] = 0;
    this.#marks.length = level;
    this.#next = Math.min(this.#next, mark);
    this.#met.fill(0);
  }

  /** Finds the one assignment of the level that led to the conflict, goes back as far as it is wrong, and turns it over. */
  #learn(conflict: Stored<T>, level: number): void {
    this.#backTo(level);
    const seen = new Set<number>();
    const others: Literal[] = [];
    const antecedents: Stored<T>[] = [];
    let clause: Stored<T> | undefined = conflict;
    let open = 0;
    let at = this.#trail.length;
    let turned: Literal;
    do {
      if (clause) antecedents.push(clause);
      for (const literal of clause?.literals ?? []) {
        const variable = Math.abs(literal);
        if (seen.has(variable) || this.#levelOf(literal) === 0) continue;
        seen.add(variable);
        if (this.#levelOf(literal) === level) open++;
        else others.push(literal);
      }
      do turned = this.#trail[--at] ?? 0;
      while (!seen.has(Math.abs(turned)));
      clause = this.#reasons[Math.abs(turned)];
    } while (--open > 0);
    this.#backTo(others.reduce((top, literal) => Math.max(top, this.#levelOf(literal)), 0));
    const learned: Stored<T> = { literals: [-turned, ...others], antecedents };
    this.#watch(learned);
  }

  /** The clauses that were added from which the conflict follows. */
  #coreOf(conflict: Stored<T>): Stored<T>[] {
    const seen = new Set<Stored<T>>();
    const waiting = [conflict];
    for (let clause = waiting.pop(); clause; clause = waiting.pop()) {
      if (seen.has(clause)) continue;
      seen.add(clause);
      waiting.push(...(clause.antecedents ?? []));
      for (const literal of clause.literals) {
        const reason = this.#reasons[Math.abs(literal)];
        if (reason && this.#levelOf(literal) === 0 && this.#valueOf(literal) !== 0) waiting.push(reason);
      }
    }
    return [...seen].filter((clause) => clause.origin !== undefined);
  }
}

function swap(list: Literal[], a: number, b: number): void {
  if (a === b || a >= list.length || b >= list.length) return;
  [list[a], list[b]] = [list[b] ?? 0, list[a] ?? 0];
}
