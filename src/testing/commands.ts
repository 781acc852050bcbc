import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildReport } from '../build/index.ts';
import { SEARCH_PATH } from './tools.ts';

/** The command line as it is shipped; vitest's global set-up builds it. */
export const PITH = fileURLToPath(new URL('../../dist/pith.js', import.meta.url));
/** One cache for all end-to-end tests, so that the archive is asked once. */
export const SHARED_CACHE = join(tmpdir(), 'pith-e2e-cache');

export interface Outcome {
  /** Exit code, or the signal that ended the program. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Replaces variables of this process's environment; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** Runs a program to its end, whatever that is. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd, env = {}, input = '' } = options;
  const child = spawn(program, args, { cwd, env: { ...process.env, PATH: SEARCH_PATH, ...env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({
        code: code ?? signal ?? 'no status',
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/**
 * Runs a program that has to succeed.
 * @returns what it wrote to its standard output
 * @throws with everything that it said
 */
export async function succeed(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  throw new Error(`\`${[program, ...args].join(' ')}\` ended with ${code}:\n${stdout}\n${stderr}`);
}

export interface PithOptions extends RunOptions {
  /** The Node.js that runs it, with arguments; this process's own unless given. */
  readonly node?: readonly string[];
}

/** Variables that would change what pith does; tests set them on purpose or not at all. */
const CLEAN = {
  PITH_MIRROR: undefined,
  PITH_MIRROR_SECURITY: undefined,
  PITH_DEBUG: undefined,
  SOURCE_DATE_EPOCH: undefined,
  PITH_CACHE_DIR: SHARED_CACHE,
};

/** Runs the command line with the shared cache, unless `env` says otherwise. */
export function pith(args: readonly string[], options: PithOptions = {}): Promise<Outcome> {
  const { node = [process.execPath], env, ...more } = options;
  const [program = process.execPath, ...first] = node;
  return run(program, [...first, PITH, ...args], { ...more, env: { ...CLEAN, ...env } });
}

/** Runs `pith build … --json`, which has to succeed. */
export async function pithBuild(args: readonly string[], options: PithOptions = {}): Promise<BuildReport> {
  const { code, stdout, stderr } = await pith(['build', '--json', '--quiet', ...args], options);
  if (code !== 0) throw new Error(`pith build ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout) as BuildReport;
}

/** Every platform; a suite that the machine's mirror has in part is left out where it is not whole. */
export const ALL_PLATFORMS = ['--platform', 'all', '--skip-unavailable'];

/** What each `NAME:VARIANT` of a build stands for. */
export function digestsOf(report: BuildReport): Record<string, string> {
  return Object.fromEntries(report.images.map(({ name, variant, digest }) => [`${name}:${variant}`, digest]));
}

/**
 * A temporary folder, and how to remove it. Its path is short and in lower case: podman does not work with a long one,
 * and makes an image's name of a layout's path.
 */
export function temporaryFolder(): { folder: string; remove: () => Promise<void> } {
  const folder = join(tmpdir(), `pith-e2e-${randomBytes(4).toString('hex')}`);
  mkdirSync(folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
