import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command line as it is shipped; vitest's global set-up builds it. */
export const PITH = fileURLToPath(new URL('../../dist/pith.js', import.meta.url));

export interface CliResult {
  /** Exit code, or the signal that ended the program. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts the command line. */
export function startPith(
  args: readonly string[],
  { cwd, env = process.env }: CliOptions = {},
): { child: ChildProcess; result: Promise<CliResult> } {
  const child = spawn(process.execPath, [PITH, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
  const result = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({
        code: code ?? signal ?? 'no status',
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
  return { child, result };
}

/** Runs the command line to its end. */
export function runPith(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startPith(args, options).result;
}

/** As runPith, in a folder that is its home, its runtime folder and its cache: nothing of this user is seen. */
export function runPithAtHome(folder: string, args: readonly string[]): Promise<CliResult> {
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, PITH_CACHE_DIR: folder };
  return runPith(args, { cwd: folder, env });
}
