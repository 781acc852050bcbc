import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from './commands.ts';

const PROGRAMS = fileURLToPath(new URL('../cli/e2e/programs/', import.meta.url));

/**
 * Compiles one of the end-to-end tests' programs.
 * @param source its file's name, such as `hello.c`
 * @param compiler such as `gcc` or a cross compiler
 * @returns the path of the executable
 */
export async function compile(
  source: string,
  folder: string,
  name: string,
  flags: readonly string[] = [],
  compiler = source.endsWith('.cpp') ? 'g++' : 'gcc',
): Promise<string> {
  const output = join(folder, name);
  await succeed(compiler, ['-O1', '-Wall', '-o', output, join(PROGRAMS, source), ...flags]);
  return output;
}
