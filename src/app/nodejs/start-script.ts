import { parseCommandLine } from '../common/command-line.ts';
import { fieldsAt, textAt, type Fields } from '../common/values.ts';
import type { Project } from '../model.ts';
import { readNodeArguments } from './node-arguments.ts';
import { findProgram } from './programs.ts';
import { resolveFile } from './resolve-file.ts';

/** How Node.js is started. */
export interface Start {
  /** The main file, a path of the project. */
  readonly file: string;
  /** The same as it stands on the command line. */
  readonly written: string;
  /** Arguments before the file, which are for Node.js. */
  readonly flags: readonly string[];
  /** Arguments behind it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly evidence: string;
  readonly notes: readonly string[];
}

/** Scripts that start others; more are a circle. */
const MAX_DEPTH = 5;
const BUILDS =
  /^(?:(?:npm|pnpm|yarn|bun)(?: run)? \S*(?:build|clean|compile|lint|typecheck)|(?:npx )?(?:tsc|rimraf|esbuild|tsup|rollup|webpack|\w+ build)\b)/;

/**
 * What a script of package.json starts, said without a shell.
 * @returns how, or in words why that cannot be said
 */
export async function readScript(
  project: Project,
  manifest: Fields,
  name: string,
  depth = 0,
): Promise<Start | string> {
  const text = textAt(fieldsAt(manifest, 'scripts'), name);
  if (text === undefined) return `there is no script "${name}"`;
  if (depth > MAX_DEPTH) return 'the scripts start each other';
  const shown = `"${name}": "${text}"`;
  const { commands, needsShell } = await parseCommandLine(text, (variable) => variableOf(manifest, variable));
  if (needsShell !== undefined) return `${shown} needs a shell for ${needsShell}`;
  const last = commands.at(-1);
  if (!last) return `${shown} starts nothing`;
  const before = commands.slice(0, -1).map(({ words }) => words.join(' '));
  const other = before.find((command) => !BUILDS.test(command));
  if (other !== undefined) return `${shown} runs \`${other}\` first, which needs a shell`;
  const inner = await readCommand(project, manifest, last.words, depth);
  if (typeof inner === 'string') return inner.includes('"') ? inner : `${shown}: ${inner}`;
  const skipped = before.map(
    (command) => `\`${command}\` of the script "${name}" is not run in the image: run it before`,
  );
  return {
    ...inner,
    env: { ...inner.env, ...last.env },
    evidence: `package.json: the script ${shown}`,
    notes: [...skipped, ...inner.notes],
  };
}

async function readCommand(
  project: Project,
  manifest: Fields,
  words: readonly string[],
  depth: number,
): Promise<Start | string> {
  const [program = '', ...rest] = words;
  const plain = { flags: [], env: {}, evidence: '', notes: [] };
  if (program === 'node' || program === 'nodejs') return readNode(project, manifest, rest);
  if (program === 'nodemon') {
    const run = await readNode(project, manifest, rest);
    return typeof run === 'string'
      ? run
      : { ...run, notes: ['`nodemon` is left out: nothing changes in an image', ...run.notes] };
  }
  if (['npm', 'pnpm', 'yarn', 'npx'].includes(program)) {
    const [action = '', ...others] = rest;
    const isRun = action === 'run' || action === 'run-script';
    const script = isRun ? (others[0] ?? '') : action;
    if (program !== 'npx' && (isRun || script in fieldsAt(manifest, 'scripts'))) {
      const more = others.slice(isRun ? 1 : 0).filter((word, index) => index > 0 || word !== '--');
      const run = await readScript(project, manifest, script, depth + 1);
      return typeof run === 'string' ? run : { ...run, args: [...run.args, ...more] };
    }
    const command = action === 'exec' || action === 'dlx' ? others : rest;
    return command.length === 0 || command[0]?.startsWith('-')
      ? `\`${words.join(' ')}\` is for a package manager, which the image does not have`
      : readCommand(project, manifest, command, depth + 1);
  }
  const own = program.includes('/') ? resolveFile(project, program) : undefined;
  if (own !== undefined) return { ...plain, file: own, written: own, args: rest };
  const found = await findProgram(project, program);
  if (found === undefined) return `\`${program}\` is no program of node_modules`;
  return { ...plain, file: found, written: found, args: rest };
}

async function readNode(
  project: Project,
  manifest: Fields,
  words: readonly string[],
): Promise<Start | string> {
  const { flags, file: named, args, notes } = readNodeArguments(words);
  if (named === undefined) return `\`node ${words.join(' ')}\` names no file`;
  const written = named === '.' ? (textAt(manifest, 'main') ?? 'index.js') : named;
  const file = resolveFile(project, written);
  if (file === undefined) return `\`${written}\` is not there`;
  return Promise.resolve({
    file,
    written: written.replace(/^\.\//, ''),
    flags,
    args,
    env: {},
    evidence: '',
    notes,
  });
}

/** Variables that package managers set for scripts. */
function variableOf(manifest: Fields, name: string): string | undefined {
  if (name === 'npm_package_version') return textAt(manifest, 'version');
  if (name === 'npm_package_name') return textAt(manifest, 'name');
  return undefined;
}
