import type { Status } from './value.ts';

export type LeaveKind = 'continue' | 'break' | 'return' | 'exit';

/** What a command was left by, other than its end. */
export interface Leave {
  readonly kind: LeaveKind;
  /** Loops that `break` and `continue` are about. */
  readonly depth: number;
}

export interface Outcome {
  readonly status: Status;
  readonly leave?: Leave;
}

export const SUCCESS: Outcome = { status: 0 };
/** Of a command of which it is not known how it ends. */
export const UNCERTAIN: Outcome = { status: undefined };

/** The status of a test; undefined where its truth is not known. */
export function statusOfTruth(truth: boolean | undefined): Status {
  return truth === undefined ? undefined : truth ? 0 : 1;
}

/** The leaves from the one that skips least to the one that skips most. */
const ORDER: readonly LeaveKind[] = ['continue', 'break', 'return', 'exit'];

/** Whether a script ends with an error here: an installation that succeeds does not come this way. */
export function isFailure({ status, leave }: Outcome): boolean {
  return leave?.kind === 'exit' && status !== undefined && status !== 0;
}

/**
 * What holds after one of two ways was gone.
 * @returns also which leave may have been taken and may not
 */
export function mergeOutcomes(a: Outcome, b: Outcome): { outcome: Outcome; doubtful: LeaveKind | undefined } {
  const status = a.status === b.status ? a.status : undefined;
  if (!a.leave && !b.leave) return { outcome: { status }, doubtful: undefined };
  if (!a.leave || !b.leave) return { outcome: { status }, doubtful: widen(a.leave ?? b.leave) };
  const [first, second] =
    ORDER.indexOf(a.leave.kind) <= ORDER.indexOf(b.leave.kind) ? [a.leave, b.leave] : [b.leave, a.leave];
  const isSame = first.kind === second.kind && first.depth === second.depth;
  return { outcome: { status, leave: first }, doubtful: isSame ? undefined : widen(second) };
}

/** A leave of several loops counts as one of the function. */
function widen(leave: Leave | undefined): LeaveKind | undefined {
  return leave && leave.depth > 1 ? 'return' : leave?.kind;
}
