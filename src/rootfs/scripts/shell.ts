import type { ParsedScript, Statement, SyntaxNode } from 'unbash';
import type { Doubts } from './doubts.ts';
import type { ExpansionShell, Field } from './expand.ts';
import type { LeaveKind, Outcome } from './flow.ts';
import type { Host } from './host.ts';
import type { ParseShell } from './parse-shell.ts';
import type { ShellFunction } from './shell-state.ts';
import type { Streams } from './streams.ts';
import type { TestContext } from './test-expression.ts';
import type { Status, Value } from './value.ts';

/** What commands ask of the shell that runs them. */
export interface Shell extends ExpansionShell {
  readonly host: Host;
  readonly parse: ParseShell;
  readonly files: TestContext;
  /** Values that `local` has to put back, a map for each function that is running. */
  readonly frames: Map<string, Value | undefined>[];
  readonly doubts: Doubts;
  /** How the last command substitution ended. */
  substituted: Outcome;
  /** Temporary files that were named. */
  temporaries: number;
  /** Reports what is not done; `why` may be empty. */
  report(command: string, isNeedless: boolean, why: string): void;
  /** Commands of a text of their own. */
  runScript(script: ParsedScript, source: string, streams: Streams): Outcome;
  runNode(node: SyntaxNode, streams: Streams): Outcome;
  runList(statements: readonly Statement[], streams: Streams): Outcome;
  /** Runs something in a shell of its own, whose variables and ends are not this one's. */
  subshell(run: () => Outcome): Outcome;
  /** Goes one of two ways by a status, or both if it is not known; `text` says what the first one depends on. */
  branch(status: Status, text: string, onSuccess: () => Outcome, onFailure: () => Outcome): Outcome;
  /** Ends the doubts that began after there were `from` and that end with a scope; whether there were any. */
  endScope(from: number, kinds: readonly LeaveKind[]): boolean;
  /** The text of a node of the tree, in one line and shortened. */
  textOf(node: { readonly pos: number; readonly end: number }): string;
  /** Runs a function of the script. */
  call(called: ShellFunction, args: readonly Field[], streams: Streams): Outcome;
  /** Runs a function, a builtin or a program. */
  runCommand(name: Field, args: readonly Field[], streams: Streams): Outcome;
  /** Runs a program, whatever functions there are. */
  runProgram(path: string, args: readonly Field[], streams: Streams): Outcome;
}
