import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Output of one command that a measurement reads; the rest of what it prints is not kept. */
const MAX_OUTPUT = 64 << 20;

/**
 * @typedef {object} Command
 * @property {readonly [string, ...string[]]} argv
 * @property {string} [cwd]
 * @property {Readonly<Record<string, string | undefined>>} [env] the whole environment
 */

/**
 * Runs a command to its end.
 * @param {Command} command
 * @returns {string} what it wrote to its standard output
 * @throws {Error} with what it wrote to its standard error, if it fails
 */
export function run({ argv: [program, ...args], cwd, env }) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return stdout;
  throw new Error(
    `${[program, ...args].join(' ')}\nfailed (${error?.message ?? signal ?? `exit code ${status}`}):\n${stderr.slice(-4000)}`,
  );
}

/** @param {Command} command @returns {number} milliseconds from before its start until after its end */
export function time(command) {
  const start = process.hrtime.bigint();
  run(command);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** @param {string} program @returns {boolean} whether it can be run from the PATH */
export function isInstalled(program) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {string} word @returns {string} the word as a POSIX shell reads it back */
export function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
