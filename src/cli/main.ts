import { type Command, Option } from 'commander';
import { checkCommand } from './check-command.ts';
import { containerOptions } from './container-options.ts';
import type {
  BuildFlags,
  CommonOptions,
  LockFlags,
  PruneFlags,
  RunFlags,
  ShowFlags,
  UpdateFlags,
} from './flags.ts';
import { inspectionCommands } from './inspection-commands.ts';
import { packCommand } from './pack-command.ts';
import { newProgram, runProgram, withErrors } from './program.ts';
import { rebaseCommand } from './rebase-command.ts';
import { copyCommands, registryCommands } from './registry-commands.ts';
import {
  archiveFlags,
  collect,
  commaList,
  common,
  type Examples,
  examples,
  formatOption,
  formFlags,
} from './options.ts';
import { testCommand } from './test-command.ts';

/**
 * The command line. Each command's code is loaded when it runs.
 * @param argv as process.argv; sets process.exitCode
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { own, passed } = splitArguments(argv);
  await runProgram(createProgram(passed), argv, own.includes('--json'));
}

/** What stands before the first `--`, and what stands after it. */
function splitArguments(argv: readonly string[]): { own: readonly string[]; passed: readonly string[] } {
  const at = argv.indexOf('--');
  return at < 0 ? { own: argv, passed: [] } : { own: argv.slice(0, at), passed: argv.slice(at + 1) };
}

/**
 * The tree of commands with their flags and help; running a command loads its code.
 * @param passed the last arguments, which commander does not tell from those before `--`
 */
export function createProgram(passed: readonly string[] = []): Command {
  const program = newProgram().helpCommand('help [COMMAND]', 'help about a command');

  common(program.command('ls'), [
    ['pith ls', 'all images'],
    ["pith ls --json | jq '.[].name'", 'for scripts'],
  ])
    .description('list the images of the catalogue')
    .action(async (options: CommonOptions) => (await import('./commands/ls.ts')).ls(options));

  formatOption(formFlags(archiveFlags(common(program.command('build'), BUILD_EXAMPLES))))
    .description('build images and write them to layouts, archives or engines')
    .argument(
      '[NAME[:VARIANT]...]',
      'images of the catalogue, or paths of definition files; without VARIANT all variants',
    )
    .option('--all', 'every image of the catalogue')
    .option(
      '-o, --output <LOCATION>',
      'where to write: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:TAG], docker://REGISTRY/REPO[:TAG] (a repository for each image if it ends with a slash), containers-storage:REF, docker-daemon:REF, containerd:REF; repeatable (default: oci:./images)',
      collect,
    )
    .action(async (names: string[], options: BuildFlags) =>
      (await import('./commands/build.ts')).build(names, options),
    );

  packCommand(program, passed);

  containerOptions(
    formFlags(archiveFlags(common(program.command('run'), RUN_EXAMPLES)), [
      '--platform <PLATFORM>',
      'such as linux/arm64 (default: this machine)',
    ]),
  )
    .description('build an image if it has to be, load it into an engine and run it, confined')
    .argument(
      '[IMAGE]',
      'an image of the catalogue (NAME[:VARIANT]), the path of a definition file, or a location (default: ./pith.yaml)',
    )
    .argument('[ARG...]', 'arguments of the program, after --')
    .action(async (image: string | undefined, args: string[], options: RunFlags) => {
      const words = image === undefined ? [] : [image, ...args];
      const { runImage } = await import('./commands/run.ts');
      await runImage(words.slice(0, words.length - passed.length), passed, options);
    });

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

  archiveFlags(common(program.command('update'), UPDATE_EXAMPLES))
    .description('show what is new, with CVE numbers, and update the lockfile')
    .argument(
      '[NAME...]',
      'images of the lockfile, or paths of their definitions (default: all that it holds)',
    )
    .option('--lockfile <FILE>', 'the lockfile', 'pith.lock')
    .option('--check', 'only print, and end with exit code 8 if something would change')
    .option('--dry-run', 'only print')
    .option('--changelog', 'print the entries of the changelogs, too')
    .addOption(new Option('--format <FORMAT>', 'how to print').choices(['text', 'markdown']).default('text'))
    .action(async (names: string[], options: UpdateFlags) =>
      (await import('./commands/update.ts')).update(names, options),
    );

  formFlags(archiveFlags(common(program.command('show'), SHOW_EXAMPLES)))
    .description('say what would be built and why: packages, files, configuration')
    .argument(
      '[NAME[:VARIANT]]',
      'an image of the catalogue or the path of a definition file (default: ./pith.yaml)',
    )
    .option('--files', 'list every file with where it comes from')
    .action(async (name: string | undefined, options: ShowFlags) =>
      (await import('./commands/show.ts')).show(name, options),
    );

  checkCommand(program);
  testCommand(program);
  inspectionCommands(program);
  copyCommands(program);
  rebaseCommand(program);
  registryCommands(program);

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
  return withErrors(program, cache.commands);
}

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
const RUN_EXAMPLES: Examples = [
  ["pith run static-debian13:debug -- -c 'id; ls /'", 'a shell of BusyBox, as user 65532'],
  ['pith run -p 8080:8080 -v ./data:/data:ro', 'the image of ./pith.yaml'],
  ['pith run oci:images:cc-debian13:debug', 'an image that is there, without building'],
  ['pith run app.yaml --engine docker --engine-arg --init -- --verbose', ''],
];
const LOCK_EXAMPLES: Examples = [
  ['pith lock base-debian13', 'write pith.lock for all its platforms'],
  ['pith lock --check', 'in CI: are there newer packages?'],
];
const UPDATE_EXAMPLES: Examples = [
  ['pith update', 'print what changes, then write pith.lock'],
  ['pith update --dry-run --changelog', 'what would change, with the text of the changelogs'],
  ['pith update --check', 'in CI: exit code 8 if something would change'],
  ['pith update --format markdown > report.md', 'for the text of a pull request'],
];
const SHOW_EXAMPLES: Examples = [
  ['pith show cc-debian13', 'packages, derived files, configuration'],
  ['pith show cc-debian13:debug --files', 'every file with the package that brings it'],
  ['pith show cc-debian13 --locked --json', 'for scripts'],
];
