import { newProgram, runProgram, withErrors } from './program.ts';
import { copyCommands, registryCommands } from './registry-commands.ts';

/**
 * The command line for IMAGE_COMMANDS alone. It is a bundle of its own without what builds images: where nothing is to be
 * moved, the start is most of what these commands take.
 * @param argv as process.argv; sets process.exitCode
 */
export async function run(argv: readonly string[]): Promise<void> {
  const program = newProgram();
  copyCommands(program);
  registryCommands(program);
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  await runProgram(withErrors(program), argv, own.includes('--json'));
}
