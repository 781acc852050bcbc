import { Command, CommanderError, Option } from 'commander';
import { PithError, systemCode, toPithError } from '../core/index.ts';
import { printError } from './errors.ts';
import type { BuildFlags, CommonOptions, LockFlags, PruneFlags, ShowFlags } from './flags.ts';
import { VERSION } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 success, 1 unforeseen fault, 2 usage, 3 definition or lockfile, 4 trust, 5 network,
  6 package or image, 7 output or machine, 8 a check said no, 130 interrupted (docs/errors.md)`;

/**
 * The command line. Each command's code is loaded when it runs.
 * @param argv as process.argv; sets process.exitCode
 */
export async function run(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  process.stdout.on('error', endWithoutOutput);
  process.stderr.on('error', () => undefined);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const failure = error instanceof CommanderError ? usageError(error) : toPithError(error);
    if (failure) printError(failure, argv.includes('--json'));
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
function usageError({ exitCode, message }: CommanderError): PithError | undefined {
  if (exitCode === 0) return undefined;
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n');
  const hint = more.join(' ').replace(/^\((.*)\)$/, '$1');
  return new PithError('USAGE', what, hint === '' ? {} : { hint });
}

/** The tree of commands with their flags and help; running a command loads its code. */
export function createProgram(): Command {
  const program = new Command('pith')
    .description(
      'Builds distroless container images from verified distribution packages: no daemon, no shell in the image.',
    )
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: false })
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [COMMAND]', 'help about a command')
    .addHelpText('after', EXIT_CODES);

  common(program.command('ls'), [
    ['pith ls', 'all images'],
    ["pith ls --json | jq '.[].name'", 'for scripts'],
  ])
    .description('list the images of the catalogue')
    .action(async (options: CommonOptions) => (await import('./commands/ls.ts')).ls(options));

  formFlags(archiveFlags(common(program.command('build'), BUILD_EXAMPLES)))
    .description('build images and write them to layouts, archives or engines')
    .argument(
      '[NAME[:VARIANT]...]',
      'images of the catalogue, or paths of definition files; without VARIANT all variants',
    )
    .option('--all', 'every image of the catalogue')
    .option(
      '-o, --output <LOCATION>',
      'where to write: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:TAG], containers-storage:REF, docker-daemon:REF; repeatable (default: oci:./images)',
      collect,
    )
    .action(async (names: string[], options: BuildFlags) =>
      (await import('./commands/build.ts')).build(names, options),
    );

  archiveFlags(common(program.command('lock'), LOCK_EXAMPLES))
    .description('resolve packages and write the lockfile')
    .argument(
      '[NAME...]',
      'images to lock (default: those of the lockfile, else pith.yaml, else the whole catalogue)',
    )
    .option('--platform <LIST>', 'platforms, or all', commaList, ['all'])
    .option('--lockfile <FILE>', 'the lockfile', 'pith.lock')
    .option('--check', 'only say whether the lockfile is current (exit code 8 if not)')
    .action(async (names: string[], options: LockFlags) =>
      (await import('./commands/lock.ts')).lock(names, options),
    );

  formFlags(archiveFlags(common(program.command('show'), SHOW_EXAMPLES)))
    .description('say what would be built and why: packages, files, configuration')
    .argument('<NAME[:VARIANT]>', 'an image of the catalogue or the path of a definition file')
    .option('--files', 'list every file with where it comes from')
    .action(async (name: string, options: ShowFlags) =>
      (await import('./commands/show.ts')).show(name, options),
    );

  const cache = program.command('cache').description('look at and clean the cache').exitOverride();
  common(cache.command('ls'), [['pith cache ls', 'what the cache holds, and how large it is']])
    .description('list what the cache holds')
    .action(async (options: CommonOptions) => {
      (await import('./commands/cache.ts')).cacheLs(options);
    });
  common(cache.command('prune'), [
    ['pith cache prune', 'what was not used for 30 days'],
    ['pith cache prune --all', 'everything'],
  ])
    .description('remove what was not used for some time')
    .option('--older-than <TIME>', 'such as 12h, 7d, 4w', '30d')
    .option('--all', 'remove everything')
    .action(async (options: PruneFlags) => (await import('./commands/cache.ts')).cachePrune(options));
  common(cache.command('verify'), [
    ['pith cache verify', 'exit code 8 if something was damaged; it is removed'],
  ])
    .description('read everything again and remove what is damaged')
    .action(async (options: CommonOptions) => (await import('./commands/cache.ts')).cacheVerify(options));

  program
    .command('completion')
    .description('print the completion script of a shell')
    .addHelpText(
      'after',
      examples([
        ['source <(pith completion bash)', 'for this shell'],
        ['pith completion fish > ~/.config/fish/completions/pith.fish', 'for good'],
      ]),
    )
    .argument('<SHELL>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      (await import('./commands/completion.ts')).completion(shell);
    });
  program
    .command('complete', { hidden: true })
    .argument('[WORD...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: string[]) =>
      (await import('./commands/completion.ts')).complete(words, createProgram()),
    );
  for (const command of [...program.commands, ...cache.commands])
    command.exitOverride().showSuggestionAfterError();
  return program;
}

type Examples = readonly (readonly [string, string])[];

const BUILD_EXAMPLES: Examples = [
  ['pith build static-debian13', 'all variants for this machine into ./images'],
  [
    'pith build base-debian13:nonroot cc-debian12 --platform linux/amd64,linux/arm64 -o oci:out -o docker-archive:cc.tar',
    '',
  ],
  ['pith build --all --platform all -o oci:out', 'the whole catalogue'],
  ['pith build static-debian13 --locked', 'exactly what pith.lock says'],
  ['pith build ./pith.yaml:latest -o docker-daemon:app:1.0', 'your own definition, into Docker'],
];
const LOCK_EXAMPLES: Examples = [
  ['pith lock base-debian13', 'write pith.lock for all its platforms'],
  ['pith lock --check', 'in CI: are there newer packages?'],
];
const SHOW_EXAMPLES: Examples = [
  ['pith show cc-debian13', 'packages, derived files, configuration'],
  ['pith show cc-debian13:debug --files', 'every file with the package that brings it'],
  ['pith show cc-debian13 --locked --json', 'for scripts'],
];

function common(command: Command, list: Examples): Command {
  return command
    .option('--json', 'print JSON')
    .option('-q, --quiet', 'print no progress')
    .option(
      '--cache-dir <DIR>',
      'the cache (default: $PITH_CACHE_DIR, else $XDG_CACHE_HOME/pith, else ~/.cache/pith)',
    )
    .addHelpText('after', examples(list));
}

function archiveFlags(command: Command): Command {
  return command
    .option(
      '--mirror <[ARCHIVE=]URL>',
      "take the archive (debian, debian-security) from there, not from the machine's apt sources; repeatable",
      collect,
    )
    .option(
      '--keyring <FILE>',
      "trust the OpenPGP keys in it besides the distribution's; repeatable",
      collect,
    )
    .option('--refresh', 'ask the archive for news even if it was asked less than five minutes ago')
    .option('--offline', 'use only what is in the cache')
    .option('--no-check-valid-until', 'accept a suite whose Valid-Until has passed')
    .option(
      '--skip-unavailable',
      'leave out a suite for an architecture whose index the mirrors do not have as the release says (its updates are missing then)',
    )
    .option('--allow-older', 'accept a suite that is older than the one seen before')
    .addOption(
      new Option('--jobs <N>', 'worker threads (default: one a processor)').argParser(wholeNumber(1, 256)),
    );
}

function formFlags(command: Command): Command {
  return command
    .option('--platform <LIST>', 'such as linux/amd64,linux/arm64, or all (default: this machine)', commaList)
    .option('--locked', 'build exactly what the lockfile says')
    .option('--lockfile <FILE>', 'the lockfile that --locked means', 'pith.lock')
    .addOption(
      new Option('--compression <KIND>', 'compression of the layers')
        .choices(['gzip', 'zstd'])
        .default('gzip'),
    )
    .addOption(
      new Option(
        '--max-layers <N>',
        'join packages into at most N layers (default: one a package, but at most 100 layers)',
      ).argParser(wholeNumber(1, 10_000)),
    );
}

function examples(list: Examples): string {
  const lines = list.map(([line, what]) => `  ${line}${what === '' ? '' : `\n      ${what}`}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function commaList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new PithError('USAGE', `${JSON.stringify(text)} is no whole number from ${min} to ${max}`);
  };
}
