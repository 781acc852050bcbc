import { inspectionCommands, plainArguments } from './inspection-commands.ts';
import { newProgram, runProgram, withErrors } from './program.ts';

/**
 * The command line for INSPECTION_COMMANDS alone, a bundle of its own without what builds images, as images.ts is.
 * @param argv as process.argv; sets process.exitCode
 */
export async function run(argv: readonly string[]): Promise<void> {
  const program = newProgram();
  inspectionCommands(program);
  const words = plainArguments(argv);
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  await runProgram(withErrors(program), words, own.includes('--json'));
}
