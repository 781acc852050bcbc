/** Units of work that one script may take; real scripts take a few hundred. */
const WORK = 200_000;

/** Thrown where a script takes more work than any real one. */
export class OutOfBudget extends Error {}

/** Bounds time and memory of reading one script: every step, copy and comparison is paid for. */
export class Budget {
  #left: number;

  constructor(work = WORK) {
    this.#left = work;
  }

  /** @param units about a microsecond each */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new OutOfBudget('it does too much');
  }
}
