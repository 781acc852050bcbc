/** What a script needs to run. */
export interface Shebang {
  /** Path of the interpreter. */
  readonly interpreter: string;
  /** What env(1) is told to look for in PATH. */
  readonly program?: string;
}

/**
 * Reads what stands behind `#!` (execve(2), "Interpreter scripts"): a path and one argument; env(1) looks its first
 * argument that is no option and no variable up in PATH.
 */
export function readShebang(line: string): Shebang {
  const [interpreter = '', ...words] = line.split(/[ \t]+/).filter((word) => word !== '');
  if (!interpreter.endsWith('/env')) return { interpreter };
  const program = words.find((word) => !word.startsWith('-') && !word.includes('='));
  return { interpreter, ...(program === undefined ? {} : { program }) };
}
