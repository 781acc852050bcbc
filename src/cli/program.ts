import { Command, CommanderError } from 'commander';
import { PithError, systemCode, toPithError } from '../core/index.ts';
import { printError } from './errors.ts';
import { VERSION } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 success, 1 unforeseen fault, 2 usage, 3 definition or lockfile, 4 trust, 5 network,
  6 package or image, 7 output or machine, 8 a check said no, 130 interrupted (docs/errors.md)`;

/** The program without its commands. */
export function newProgram(): Command {
  return new Command('pith')
    .description(
      'Builds distroless container images from verified distribution packages: no daemon, no shell in the image.',
    )
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: false })
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', EXIT_CODES);
}

/** The program, whose commands, and what is below them, throw what is wrong with their arguments. */
export function withErrors(program: Command, below: readonly Command[] = []): Command {
  for (const command of [...program.commands, ...below]) command.exitOverride().showSuggestionAfterError();
  return program;
}

/**
 * Runs the command that the arguments name, and prints its error.
 * @param argv as process.argv; sets process.exitCode
 * @param isJson whether errors are printed as JSON
 */
export async function runProgram(program: Command, argv: readonly string[], isJson: boolean): Promise<void> {
  process.stdout.on('error', endWithoutOutput);
  process.stderr.on('error', () => undefined);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const failure = error instanceof CommanderError ? usageError(error) : toPithError(error);
    if (failure) printError(failure, isJson);
    process.exitCode = failure?.exitCode ?? 0;
    // What was interrupted may still wait for something.
    if (failure?.code === 'INTERRUPTED') process.exit();
  }
}

/** Standard output is closed: its reader has seen enough, which is no failure; anything else is. */
function endWithoutOutput(error: Error): void {
  if (systemCode(error) === 'EPIPE') process.exit();
  const { code, message, hint, exitCode } = toPithError(error);
  printError(new PithError(code, `cannot write the result: ${message}`, hint ? { hint } : {}), false);
  process.exit(exitCode);
}

/** What is wrong with the command line; nothing if help or the version was asked for. */
function usageError({ code, exitCode, message }: CommanderError): PithError | undefined {
  if (exitCode === 0) return undefined;
  // Its help was printed.
  if (code === 'commander.help') return new PithError('USAGE', 'the command is missing: name one of these');
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n');
  const hint = more.join(' ').replace(/^\((.*)\)$/, '$1');
  return new PithError('USAGE', what, hint === '' ? {} : { hint });
}
