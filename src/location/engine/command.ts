import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { PithError, systemCode, throwIfInterrupted } from '../../core/index.ts';

const MAX_OUTPUT = 16 * 1024;
const MAX_ANSWER = 1024 * 1024;
const MAX_CAPTURED = 16 * 1024 * 1024;
const SHOWN_LINES = 5;
const DISK_FULL = /no space left on device|disk quota exceeded/i;

export interface Command {
  /** A program that is searched for in the environment's PATH, with its arguments. */
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What to do if there is no such program. */
  readonly hint: string;
  /** The argument with which the program says whether it works; `info` unless told. */
  readonly probe?: string;
  /** The standard input has to be a pipe: Node.js gives its child processes a socket, which some programs take for empty. */
  readonly needsPipe?: boolean;
}

/** What a command said. */
export interface Answer {
  /** Exit code, or the signal that ended it. */
  readonly status: number | string;
  /** The end of the standard output, at most 1 MiB. */
  readonly stdout: string;
  /** The last lines of the standard error. */
  readonly stderr: string;
}

/** Calls back with each signal that is to reach the command, until what it returns is called. */
export type OnSignal = (forward: (signal: NodeJS.Signals) => void) => () => void;

/** Whether a program is in a folder of the environment's PATH. */
export async function isInstalled({
  program,
  environment,
}: Pick<Command, 'program' | 'environment'>): Promise<boolean> {
  const folders = (environment['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    for (const file of [program, `${program}.exe`]) {
      const isThere = await access(join(folder, file), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return true;
    }
  }
  return false;
}

/** @throws ENGINE_MISSING if the program is in no folder of the environment's PATH */
export async function requireProgram(command: Command): Promise<void> {
  if (!(await isInstalled(command))) throw missing(command);
}

/**
 * Runs a command with `input` as its standard input. If the input fails, the command is ended and that error thrown.
 * @throws ENGINE_MISSING, or ENGINE_FAILED with the last lines that the command said
 */
export async function feed(command: Command, input: AsyncIterable<Uint8Array>): Promise<void> {
  const child = start(command, ['pipe', 'pipe', 'pipe']);
  const output = collect([child.stdout, child.stderr], MAX_OUTPUT);
  const ended = waitFor(child, command);
  ended.catch(() => undefined);
  let refused;
  try {
    refused = await pump(input, child.stdin);
  } catch (error) {
    child.kill();
    child.stdin?.destroy();
    await ended;
    throw error;
  }
  const status = await ended;
  if (status === 0 && !refused) return;
  const reason = status === 0 ? 'did not read the image to its end' : `failed (${status})`;
  throw failure(command, reason, lastLines(output()));
}

/** @returns ENGINE_FAILED with the last lines that the command said */
export function failure({ program, args, probe = 'info' }: Command, reason: string, said: string): PithError {
  const message = `\`${[program, ...args].join(' ')}\` ${reason}`;
  return new PithError('ENGINE_FAILED', said === '' ? message : `${message}: ${said}`, {
    hint: `Try \`${program} ${probe}\` to see whether it works by itself.`,
  });
}

/** Runs a command that answers a question, with nothing to read. @throws ENGINE_MISSING, ENGINE_FAILED if it cannot be started */
export async function ask(command: Command): Promise<Answer> {
  const child = start(command, ['ignore', 'pipe', 'pipe']);
  const stdout = collect([child.stdout], MAX_ANSWER);
  const stderr = collect([child.stderr], MAX_OUTPUT);
  const status = await waitFor(child, command);
  return { status, stdout: stdout(), stderr: lastLines(stderr()) };
}

/** What a command wrote, and its exit code as shells give it. */
export interface Captured {
  readonly code: number;
  /** At most 16 MiB of each, the last. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command with nothing to read, to its end; a signal ends it.
 * @throws ENGINE_MISSING, INTERRUPTED, ENGINE_FAILED if it cannot be started
 */
export async function capture(command: Command, signal?: AbortSignal): Promise<Captured> {
  throwIfInterrupted(signal);
  const child = start(command, ['ignore', 'pipe', 'pipe']);
  const stdout = collect([child.stdout], MAX_CAPTURED);
  const stderr = collect([child.stderr], MAX_CAPTURED);
  const end = (): void => void child.kill();
  signal?.addEventListener('abort', end);
  try {
    const code = codeOf(await waitFor(child, command));
    throwIfInterrupted(signal);
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/**
 * What a command writes to its standard output, while it runs. It is ended when the reader stops.
 * @throws ENGINE_MISSING, INTERRUPTED, DISK_FULL, or ENGINE_FAILED with the last lines that the command said
 */
export async function* readOutput(command: Command, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const child = start(command, ['ignore', 'pipe', 'pipe']);
  const settled = settle(child, command, signal);
  settled.catch(() => undefined);
  try {
    if (child.stdout) yield* child.stdout as AsyncIterable<Uint8Array>;
    await settled;
  } finally {
    child.kill();
  }
}

/** Waits until a command has ended well; a signal ends it. */
async function settle(child: ChildProcess, command: Command, signal: AbortSignal | undefined): Promise<void> {
  const said = collect([child.stderr], MAX_OUTPUT);
  const end = (): void => void child.kill();
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end);
  try {
    const status = await waitFor(child, command);
    throwIfInterrupted(signal);
    if (status === 0) return;
    const failed = failure(command, `failed (${status})`, lastLines(said()));
    if (!DISK_FULL.test(said())) throw failed;
    const hint = 'Free some space and run the command again.';
    throw new PithError('DISK_FULL', failed.message, { hint, cause: failed });
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/**
 * Runs a command in this process's place: with its standard input, output and error, and the signals that it is sent.
 * @returns the exit code, as shells give it: 128 and the number of the signal that ended it
 * @throws ENGINE_MISSING, ENGINE_FAILED if it cannot be started
 */
export async function attach(command: Command, onSignal: OnSignal): Promise<number> {
  const child = start(command, 'inherit');
  const stop = onSignal((signal) => child.kill(signal));
  try {
    return codeOf(await waitFor(child, command));
  } finally {
    stop();
  }
}

/**
 * Starts a command without an input, in a process group of its own: with this process's standard output and error, but
 * without the signals that a terminal sends.
 * @returns its exit code, as attach does
 * @throws ENGINE_MISSING, ENGINE_FAILED if it cannot be started
 */
export async function runApart(command: Command): Promise<number> {
  const { program, args, environment } = command;
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit'];
  const child = spawn(program, args, { env: { ...environment }, stdio, detached: true });
  return codeOf(await waitFor(child, command));
}

/** A command's end as shells tell it. */
function codeOf(status: number | string): number {
  return typeof status === 'number' ? status : 128 + system.signals[status as NodeJS.Signals];
}

function start(
  { program, args, environment, needsPipe = false }: Command,
  stdio: StdioOptions,
): ChildProcess {
  const env = { ...environment };
  return needsPipe
    ? spawn('sh', ['-c', 'cat | "$0" "$@"', program, ...args], { env, stdio })
    : spawn(program, args, { env, stdio });
}

/** @returns whether the command stopped reading */
async function pump(input: AsyncIterable<Uint8Array>, stdin: Writable | null): Promise<boolean> {
  if (!stdin) return true;
  stdin.on('error', () => undefined);
  const settled = (begin: (done: () => void) => void): Promise<void> => new Promise(begin);
  for await (const piece of input) {
    await settled((done) => stdin.write(piece, done));
    if (stdin.destroyed) return true;
  }
  await settled((done) => stdin.end(done));
  return stdin.errored !== null;
}

function missing({ program, hint }: Command, cause?: unknown): PithError {
  return new PithError('ENGINE_MISSING', `${program} is not installed`, { hint, cause });
}

function waitFor(child: ChildProcess, command: Command): Promise<number | string> {
  const { program, hint } = command;
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const failed = `${program} cannot be started: ${error.message}`;
      reject(
        systemCode(error) === 'ENOENT'
          ? missing(command, error)
          : new PithError('ENGINE_FAILED', failed, { cause: error, hint }),
      );
    });
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'no status');
    });
  });
}

/** Keeps the last bytes of what streams say, as text. */
function collect(streams: readonly (Readable | null)[], limit: number): () => string {
  let kept: Buffer = Buffer.alloc(0);
  for (const stream of streams) {
    stream?.on('data', (piece: Buffer) => {
      kept = Buffer.concat([kept, piece]).subarray(-limit);
    });
  }
  return () => kept.toString();
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}
