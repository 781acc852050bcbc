import type { AndOr, Command, DoubleQuotedChild, PipelineNode, Redirection, Word, WordPart } from 'unbash';

/** A program with its arguments, as the kernel starts it: no shell takes part. */
export interface SimpleCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

export interface CommandLine {
  /** Commands, one after the other as long as each succeeds. */
  readonly commands: readonly SimpleCommand[];
  /** What only a shell could do, in words; the commands are not to be relied on then. */
  readonly needsShell?: string;
}

/** Value of a variable that a command line names, or undefined if there is none. */
export type Variables = (name: string) => string | undefined;

const MAX_LENGTH = 16 << 10;

/** Thrown inside this file only: what a shell would be needed for. */
class NeedsShell extends Error {}

/**
 * Reads a command line as sh(1) would (POSIX.1-2024, Shell Command Language), as far as what it says can be said without one.
 * Programs that only start others (`exec`, `env`, `cross-env`) are left out.
 */
export async function parseCommandLine(text: string, variables: Variables): Promise<CommandLine> {
  if (text.length > MAX_LENGTH) return { commands: [], needsShell: `more than ${MAX_LENGTH} characters` };
  const { parse } = await import('unbash');
  try {
    const script = parse(text);
    if (script.errors && script.errors.length > 0)
      return { commands: [], needsShell: script.errors[0]?.message ?? 'a fault in it' };
    const commands = script.commands.flatMap(({ command, background }, index) => {
      if (background) throw new NeedsShell('a program in the background (`&`)');
      if (index > 0) throw new NeedsShell('several commands (`;`)');
      return commandsOf(command, variables);
    });
    return { commands };
  } catch (error) {
    if (error instanceof NeedsShell) return { commands: [], needsShell: error.message };
    throw error;
  }
}

function commandsOf(node: PipelineNode | AndOr, variables: Variables): SimpleCommand[] {
  if (node.type === 'Command') return [simple(node, variables)];
  if (node.type === 'AndOr') {
    if (node.operators.some((operator) => operator !== '&&')) throw new NeedsShell('a choice (`||`)');
    return node.commands.flatMap((command) => commandsOf(command, variables));
  }
  throw new NeedsShell(node.type === 'Pipeline' ? 'a pipe (`|`)' : `\`${node.type.toLowerCase()}\``);
}

function simple(command: Command, variables: Variables): SimpleCommand {
  const env = new Map<string, string>();
  const words: string[] = [];
  for (const part of command.prefix) {
    if (part.type !== 'Assignment') throw redirection(part);
    if (part.value.type !== 'Word' || part.append || part.index) throw new NeedsShell(`\`${part.text}\``);
    env.set(part.name, expand(part.value, variables));
  }
  if (command.name) words.push(expand(command.name, variables));
  for (const part of command.suffix) {
    if (part.type === 'Word') words.push(expand(part, variables));
    else if (part.type === 'Assignment') words.push(part.text);
    else throw redirection(part);
  }
  const started = withoutStarters(words, env);
  return { env: Object.fromEntries(env), words: started };
}

/** Takes the variables of `env` along. */
function withoutStarters(words: readonly string[], env: Map<string, string>): readonly string[] {
  let rest = words;
  for (;;) {
    if (rest[0] === 'exec') rest = rest.slice(1);
    else if (rest[0] === 'env' || rest[0] === 'cross-env') {
      rest = rest.slice(1);
      for (;;) {
        const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(rest[0] ?? '') ?? [];
        if (name === undefined || value === undefined) break;
        env.set(name, value);
        rest = rest.slice(1);
      }
    } else return rest;
  }
}

function redirection(part: Redirection): NeedsShell {
  return new NeedsShell(`a redirection (\`${part.operator}\`)`);
}

function expand(word: Word, variables: Variables): string {
  if (!word.parts) return word.value;
  return word.parts.map((part) => expandPart(part, variables)).join('');
}

function expandPart(part: WordPart | DoubleQuotedChild, variables: Variables): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted':
      return part.parts.map((child) => expandPart(child, variables)).join('');
    case 'SimpleExpansion':
      return valueOf(part.text.slice(1), part.text, variables, undefined);
    case 'ParameterExpansion': {
      const { operation } = part;
      if (part.prefix !== undefined || part.index !== undefined) throw new NeedsShell(`\`${part.text}\``);
      if (!operation) return valueOf(part.parameter, part.text, variables, undefined);
      if (operation.type !== 'Default' || !/^:?-$/.test(operation.operator))
        throw new NeedsShell(`\`${part.text}\``);
      return valueOf(part.parameter, part.text, variables, expand(operation.operand, variables));
    }
    default:
      throw new NeedsShell(`\`${part.text}\``);
  }
}

function valueOf(name: string, text: string, variables: Variables, fallback: string | undefined): string {
  const value = fallback ?? variables(name);
  if (value === undefined) throw new NeedsShell(`the variable \`${text}\``);
  return value;
}
