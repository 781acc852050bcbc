import type { CompoundCommand, CompoundList, Redirected } from 'unbash';
import type { Budget } from './budget.ts';
import { known, type Status, unknown, type Value } from './value.ts';

/** A function of a script, and the text that its positions count in. */
export interface ShellFunction {
  readonly body: CompoundCommand | Redirected | CompoundList;
  readonly source: string;
}

/** What a shell knows at one moment; a subshell gets a copy. */
export class ShellState {
  readonly variables: Map<string, Value>;
  readonly functions: Map<string, ShellFunction>;
  positional: readonly Value[];
  /** Whether the number of positional parameters is known. */
  isCountKnown: boolean;
  /** The current folder; undefined if it is not known. */
  folder: string | undefined;
  umask: number;
  /** `$?` */
  status: Status;
  /** Whether a variable that was never set may be set all the same, by a file that was read. */
  hasRead: boolean;

  constructor(before?: ShellState) {
    this.variables = new Map(before?.variables);
    this.functions = new Map(before?.functions);
    this.positional = before?.positional ?? [];
    this.isCountKnown = before?.isCountKnown ?? true;
    this.folder = before ? before.folder : '/';
    this.umask = before?.umask ?? 0o022;
    this.status = before ? before.status : 0;
    this.hasRead = before?.hasRead ?? false;
  }

  copy(budget: Budget): ShellState {
    budget.spend(1 + (this.variables.size + this.functions.size) / 16);
    return new ShellState(this);
  }

  get(name: string): Value | undefined {
    return this.variables.get(name) ?? (this.hasRead ? unknown(`$${name}`) : undefined);
  }

  set(name: string, value: Value): void {
    this.variables.set(name, value);
  }
}

/** What is known after one of two ways was gone, and not which. */
export function mergeStates(a: ShellState, b: ShellState, budget: Budget): ShellState {
  const merged = a.copy(budget);
  for (const name of new Set([...a.variables.keys(), ...b.variables.keys()])) {
    const [one, other] = [a.get(name) ?? known(''), b.get(name) ?? known('')];
    if (one.text !== other.text || !one.known || !other.known) merged.set(name, unknown(`$${name}`));
  }
  for (const [name, body] of b.functions) if (!merged.functions.has(name)) merged.functions.set(name, body);
  const samePositional =
    a.positional.length === b.positional.length &&
    a.positional.every((value, index) => value.known && value.text === b.positional[index]?.text);
  if (!samePositional) {
    merged.isCountKnown = a.isCountKnown && b.isCountKnown && a.positional.length === b.positional.length;
    merged.positional = a.positional.map((_value, index) => unknown(`$${index + 1}`));
  }
  if (a.folder !== b.folder) merged.folder = undefined;
  if (a.umask !== b.umask) merged.umask = 0o022;
  if (a.status !== b.status) merged.status = undefined;
  merged.hasRead = a.hasRead || b.hasRead;
  return merged;
}
