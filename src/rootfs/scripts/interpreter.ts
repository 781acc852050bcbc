import type {
  ArithmeticExpression,
  Function as FunctionNode,
  ParsedScript,
  Statement,
  SyntaxNode,
} from 'unbash';
import { calculate } from './arithmetic.ts';
import { evaluateBracketTest } from './bracket-test.ts';
import { type Budget, OutOfBudget } from './budget.ts';
import { runAndOr, runCase, runIf } from './conditions.ts';
import { type Doubt, Doubts } from './doubts.ts';
import type { Field } from './expand.ts';
import {
  isFailure,
  type LeaveKind,
  mergeOutcomes,
  type Outcome,
  statusOfTruth,
  SUCCESS,
  UNCERTAIN,
} from './flow.ts';
import { globPaths } from './glob-paths.ts';
import type { Token } from './glob.ts';
import type { Host } from './host.ts';
import { runFor, runWhile } from './loops.ts';
import type { ParseShell } from './parse-shell.ts';
import { runPipeline } from './pipeline.ts';
import { openRedirects } from './redirects.ts';
import { mergeStates, type ShellFunction, ShellState } from './shell-state.ts';
import type { Shell } from './shell.ts';
import { runCommand, runProgram, runSimpleCommand } from './simple-command.ts';
import { Input, Output, type Streams } from './streams.ts';
import type { TestContext } from './test-expression.ts';
import { testContext } from './test-files.ts';
import { known, type Status, trimEnd, unknown, type Value } from './value.ts';

/** Something that was not carried out. */
export interface Report {
  readonly command: string;
  readonly isNeedless: boolean;
  readonly why: string;
}

const MAX_DEPTH = 40;
const MAX_REPORTS = 500;

/**
 * Follows a script of the POSIX shell without running a program. What can be known is carried out through the host; of a
 * branch of which it is not known whether it is taken, the calls are reported. It takes for granted that the installation
 * succeeds, so that a way that ends with an error is not the one that is gone.
 */
export class Interpreter implements Shell {
  readonly host: Host;
  readonly budget: Budget;
  readonly isBash: boolean;
  readonly scriptPath: string;
  readonly parse: ParseShell;
  readonly files: TestContext;
  state = new ShellState();
  substituted: Outcome = SUCCESS;
  reports: Report[] = [];
  readonly frames: Map<string, Value | undefined>[] = [];
  temporaries = 0;
  readonly doubts = new Doubts();
  #source = '';
  #depth = 0;

  constructor(options: {
    readonly host: Host;
    readonly budget: Budget;
    readonly parse: ParseShell;
    readonly isBash: boolean;
    /** `$0` */
    readonly scriptPath: string;
  }) {
    this.host = options.host;
    this.budget = options.budget;
    this.parse = options.parse;
    this.isBash = options.isBash;
    this.scriptPath = options.scriptPath;
    this.files = testContext(this);
  }

  /** Follows a whole script. @throws OutOfBudget */
  run(script: ParsedScript, source: string): Outcome {
    return this.runScript(script, source, { input: new Input(undefined), output: undefined });
  }

  runScript(script: ParsedScript, source: string, streams: Streams): Outcome {
    return this.#nest(source, () => this.runList(script.commands, streams));
  }

  /** Reports what is not done; `why` holds where the place itself is certain. */
  report(command: string, isNeedless: boolean, why: string): void {
    const doubt = this.doubts.newest;
    const reason = isNeedless || !doubt ? why : `only if ${doubt.text}${why === '' ? '' : `; ${why}`}`;
    if (this.reports.length < MAX_REPORTS) this.reports.push({ command, isNeedless, why: reason });
  }

  substitute(script: ParsedScript, text: string): Value {
    if (script.errors && script.errors.length > 0) return unknown(text);
    const output = new Output();
    this.substituted = this.subshell(() =>
      this.runScript(script, script.source ?? this.#source, { input: new Input(undefined), output }),
    );
    return output.value.known ? known(trimEnd(output.value.text, '\n')) : unknown(text);
  }

  calculate(expression: ArithmeticExpression | undefined, text: string): Value {
    const value = expression && calculate(expression, this.state, this.budget);
    return value === undefined ? unknown(text) : known(String(value));
  }

  glob(tokens: readonly Token[]): string[] | undefined {
    return globPaths(tokens, this.state.folder, this.host.tree, this.budget);
  }

  call({ body, source }: ShellFunction, args: readonly Field[], streams: Streams): Outcome {
    const { positional, isCountKnown } = this.state;
    const from = this.doubts.count;
    this.frames.push(new Map());
    this.state.positional = args;
    this.state.isCountKnown = args.every((arg) => !arg.many);
    const outcome = this.#nest(source, () => this.runNode(body, streams));
    for (const [name, value] of this.frames.pop() ?? []) {
      if (value) this.state.variables.set(name, value);
      else this.state.variables.delete(name);
    }
    this.state.positional = positional;
    this.state.isCountKnown = isCountKnown;
    const isDoubtful = this.endScope(from, ['continue', 'break', 'return']);
    const status = isDoubtful ? undefined : outcome.status;
    return outcome.leave?.kind === 'exit' ? outcome : { status };
  }

  runCommand(name: Field, args: readonly Field[], streams: Streams): Outcome {
    return runCommand(name, args, streams, this);
  }

  runProgram(path: string, args: readonly Field[], streams: Streams): Outcome {
    return runProgram(path, args, streams, this);
  }

  /** Goes one of two ways, by a status; both, if it is not known. `text` says what the first one depends on. */
  branch(status: Status, text: string, onSuccess: () => Outcome, onFailure: () => Outcome): Outcome {
    if (status !== undefined) return status === 0 ? onSuccess() : onFailure();
    const before = this.state;
    const first = this.#attempt(text, onSuccess, before);
    if (isFailure(first.outcome)) {
      this.state = before;
      return onFailure();
    }
    const second = this.#attempt(`not ${text}`, onFailure, before);
    if (isFailure(second.outcome)) {
      this.state = before;
      return onSuccess();
    }
    this.reports.push(...first.reports, ...second.reports);
    this.doubts.add(...first.doubts, ...second.doubts);
    this.state = mergeStates(first.state, second.state, this.budget);
    const { outcome, doubtful } = mergeOutcomes(first.outcome, second.outcome);
    if (doubtful) this.doubts.add({ text: first.outcome.leave ? `not ${text}` : text, until: doubtful });
    this.#noteCertainty();
    return outcome;
  }

  #attempt(
    text: string,
    way: () => Outcome,
    before: ShellState,
  ): { outcome: Outcome; state: ShellState; reports: Report[]; doubts: Doubt[] } {
    const mark = this.reports.length;
    const from = this.doubts.count;
    this.state = before.copy(this.budget);
    this.doubts.add({ text, until: 'branch' });
    this.#noteCertainty();
    const outcome = way();
    const doubts = this.doubts.takeSince(from).filter(({ until }) => until !== 'branch');
    this.#noteCertainty();
    return { outcome, state: this.state, reports: this.reports.splice(mark), doubts };
  }

  #noteCertainty(): void {
    this.host.isCertain = this.doubts.count === 0;
  }

  endScope(from: number, kinds: readonly LeaveKind[]): boolean {
    const hasEnded = this.doubts.endScope(from, kinds);
    this.#noteCertainty();
    return hasEnded;
  }

  #nest(source: string, run: () => Outcome): Outcome {
    if (++this.#depth > MAX_DEPTH) throw new OutOfBudget('it calls itself too deep');
    const before = this.#source;
    this.#source = source;
    const outcome = run();
    this.#source = before;
    this.#depth--;
    return outcome;
  }

  subshell(run: () => Outcome): Outcome {
    const before = this.state;
    const from = this.doubts.count;
    this.state = before.copy(this.budget);
    const { status } = run();
    this.state = before;
    return { status: this.endScope(from, ['continue', 'break', 'return', 'exit']) ? undefined : status };
  }

  runList(statements: readonly Statement[], streams: Streams): Outcome {
    let outcome = SUCCESS;
    for (const { command } of statements) {
      outcome = this.runNode(command, streams);
      this.state.status = outcome.status;
      if (outcome.leave) break;
    }
    return outcome;
  }

  runNode(node: SyntaxNode, streams: Streams): Outcome {
    this.budget.spend(1);
    switch (node.type) {
      case 'Command':
        return runSimpleCommand(node, streams, this);
      case 'AndOr':
        return runAndOr(node, streams, this);
      case 'Pipeline':
        return runPipeline(node, streams, this);
      case 'CompoundList':
        return this.runList(node.commands, streams);
      case 'BraceGroup':
        return this.runList(node.body.commands, streams);
      case 'Subshell':
        return this.subshell(() => this.runList(node.body.commands, streams));
      case 'If':
        return runIf([node, ...node.elif], node, streams, this);
      case 'Case':
        return runCase(node, streams, this);
      case 'For':
        return runFor(node, streams, this);
      case 'While':
        return runWhile(node, streams, this);
      case 'Redirected': {
        const opened = openRedirects(node.redirects, streams, this);
        const outcome = this.runNode(node.command, opened.streams);
        opened.finish(this.textOf(node));
        return outcome;
      }
      case 'Function':
        return this.#define(node);
      case 'TestCommand':
        return { status: statusOfTruth(evaluateBracketTest(node.expression, this)) };
      case 'ArithmeticCommand': {
        const value = this.calculate(node.expression, '');
        return { status: statusOfTruth(value.known ? value.text !== '0' : undefined) };
      }
      case 'ArithmeticFor':
      case 'Select':
        return this.branch(
          undefined,
          this.textOf(node),
          () => this.runList(node.body.commands, streams),
          () => SUCCESS,
        );
      default:
        this.report(this.textOf(node), false, '');
        return UNCERTAIN;
    }
  }

  #define({ name, body }: FunctionNode): Outcome {
    if (this.state.functions.size < 1000)
      this.state.functions.set(name.value, { body, source: this.#source });
    return SUCCESS;
  }

  textOf(node: { readonly pos: number; readonly end: number }): string {
    return this.#source
      .slice(node.pos, Math.min(node.end, node.pos + 80))
      .replace(/\s+/g, ' ')
      .trim();
  }
}
