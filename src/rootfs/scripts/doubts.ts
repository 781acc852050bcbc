import type { LeaveKind } from './flow.ts';

/** A reason why it is not certain that a script comes to a place, and where it ends to be one. */
export interface Doubt {
  readonly text: string;
  readonly until: LeaveKind | 'branch';
}

/** The reasons that hold where a script is. */
export class Doubts {
  #all: Doubt[] = [];

  get count(): number {
    return this.#all.length;
  }

  /** The newest reason. */
  get newest(): Doubt | undefined {
    return this.#all.at(-1);
  }

  add(...doubts: readonly Doubt[]): void {
    this.#all.push(...doubts);
  }

  /** Takes away those that began after there were `from`. */
  takeSince(from: number): Doubt[] {
    return this.#all.splice(from);
  }

  /** Ends those that began after there were `from` and that end with a scope; whether there were any. */
  endScope(from: number, kinds: readonly LeaveKind[]): boolean {
    const begun = this.#all.splice(from);
    const lasting = begun.filter(({ until }) => until === 'branch' || !kinds.includes(until));
    this.#all.push(...lasting);
    return lasting.length < begun.length;
  }
}
