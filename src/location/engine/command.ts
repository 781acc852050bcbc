import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { PithError, systemCode } from '../../core/index.ts';

const MAX_OUTPUT = 16 * 1024;
const SHOWN_LINES = 5;

export interface Command {
  /** A program that is searched for in the environment's PATH, with its arguments. */
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What to do if there is no such program. */
  readonly hint: string;
}

/** @throws ENGINE_MISSING if the program is in no folder of the environment's PATH */
export async function requireProgram(command: Command): Promise<void> {
  const folders = (command.environment['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    for (const file of [command.program, `${command.program}.exe`]) {
      const isThere = await access(join(folder, file), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return;
    }
  }
  throw missing(command);
}

/**
 * Runs a command with `input` as its standard input. If the input fails, the command is ended and that error thrown.
 * @throws ENGINE_MISSING, or ENGINE_FAILED with the last lines that the command said
 */
export async function feed(command: Command, input: AsyncIterable<Uint8Array>): Promise<void> {
  const { program, args, environment } = command;
  const child = spawn(program, args, { env: { ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
  const output = collect([child.stdout, child.stderr]);
  const ended = waitFor(child, command);
  ended.catch(() => undefined);
  let refused;
  try {
    refused = await pump(input, child.stdin);
  } catch (error) {
    child.kill();
    child.stdin.destroy();
    await ended;
    throw error;
  }
  const status = await ended;
  if (status === 0 && !refused) return;
  const reason = status === 0 ? 'did not read the image to its end' : `failed (${status})`;
  const said = output().trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  const message = `\`${[program, ...args].join(' ')}\` ${reason}`;
  throw new PithError('ENGINE_FAILED', said === '' ? message : `${message}: ${said}`, {
    hint: `Try \`${program} info\` to see whether it works by itself.`,
  });
}

/** @returns whether the command stopped reading */
async function pump(input: AsyncIterable<Uint8Array>, stdin: Writable): Promise<boolean> {
  stdin.on('error', () => undefined);
  const settled = (start: (done: () => void) => void): Promise<void> => new Promise(start);
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

/** Keeps the last of what streams say, as text. */
function collect(streams: readonly Readable[]): () => string {
  let kept: Buffer = Buffer.alloc(0);
  for (const stream of streams) {
    stream.on('data', (piece: Buffer) => {
      kept = Buffer.concat([kept, piece]).subarray(-MAX_OUTPUT);
    });
  }
  return () => kept.toString();
}
