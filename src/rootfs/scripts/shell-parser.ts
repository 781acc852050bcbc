import type { ParsedScript } from 'unbash';
import { baseOf } from '../tree-lookup.ts';
import type { ParseShell } from './parse-shell.ts';
import { MAX_SCRIPT } from './script-files.ts';

const SHELLS = ['sh', 'dash', 'bash'];

export interface ShellScript {
  readonly script: ParsedScript;
  readonly source: string;
  readonly isBash: boolean;
}

/** A maintainer script as a tree of commands, or in words why it is none. */
export function readShellScript(bytes: Uint8Array, parse: ParseShell): ShellScript | string {
  if (bytes.length > MAX_SCRIPT) return `it has more than ${MAX_SCRIPT} bytes`;
  const source = Buffer.from(bytes).toString('utf8');
  if (source.startsWith('\u007fELF')) return 'it is a program';
  const interpreter = interpreterOf(source);
  if (!SHELLS.includes(interpreter)) return `it is written for ${interpreter}`;
  try {
    const script = parse(source) as ParsedScript;
    const [error] = script.errors ?? [];
    if (error) return `line ${source.slice(0, error.pos).split('\n').length}: ${error.message}`;
    return { script, source, isBash: interpreter === 'bash' };
  } catch (error) {
    // A parser of a recursive language may run out of stack.
    return error instanceof Error ? error.message : 'it cannot be parsed';
  }
}

/** What the first line names, `sh` where it names nothing (execve(2)). */
function interpreterOf(source: string): string {
  const [, program = '/bin/sh', argument = ''] =
    /^#![ \t]*(\S+)(?:[ \t]+(\S+))?/.exec(source.slice(0, 256)) ?? [];
  return baseOf(program) === 'env' ? baseOf(argument) : baseOf(program);
}
