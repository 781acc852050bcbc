import { type Command, Option } from 'commander';
import { ENGINES } from './container-options.ts';
import type { PackFlags } from './flags.ts';
import {
  archiveFlags,
  collect,
  common,
  type Examples,
  formatOption,
  formFlags,
  wholeNumber,
} from './options.ts';

/** `pith pack` with its options. @param passed the last arguments, which stand after `--` */
export function packCommand(program: Command, passed: readonly string[]): void {
  runOptions(formatOption(formFlags(archiveFlags(common(program.command('pack'), EXAMPLES)))))
    .description('put an application on the smallest image that runs it')
    .argument('[PATH]', 'a program, or the folder of an application (default: .)')
    .argument('[ARG...]', 'with --run, arguments of the program, after --')
    .option('-t, --tag <NAME>', 'the name of the image, [REGISTRY/]NAME[:TAG] (default: that of the folder)')
    .option('--push', 'push it to the registry of its name')
    .option(
      '-o, --output <LOCATION>',
      'where to write, as for build; repeatable (default: oci:./images)',
      collect,
    )
    .addOption(
      new Option('--kind <KIND>', 'what it is, where it could be several things').choices([
        'native',
        'nodejs',
        'python',
        'java',
        'files',
      ]),
    )
    .option('--main <FILE>', 'the file that runs, relative to PATH')
    .option('--binary <PLATFORM=FILE>', 'the program for a platform; repeatable', collect)
    .option(
      '--base <IMAGE>',
      'an image of the catalogue, a definition or a location, in place of the smallest one',
    )
    .option('--package <NAME>', 'a package that is added; repeatable', collect)
    .option('--entrypoint <WORDS>', 'in place of the one that is found; a JSON list or words')
    .option('--cmd <WORDS>', 'arguments of the entrypoint; a JSON list or words')
    .option('-u, --user <USER>', 'UID[:GID] or name (default: 65532, nonroot)')
    .option('-w, --workdir <DIR>', 'the working folder')
    .option('-e, --env <NAME=VALUE>', 'a variable of the environment; repeatable', collect)
    .option('-p, --port <PORT>', 'a port that it listens on; repeatable', collect)
    .option('-l, --label <NAME=VALUE>', 'repeatable', collect)
    .option('--healthcheck <URL|WORDS>', 'http://:PORT/PATH, tcp://:PORT, or a command of the application')
    .option('--health-interval <TIME>', 'time between checks, such as 30s')
    .option('--health-timeout <TIME>', 'time that a check may take')
    .option('--health-start-period <TIME>', 'time in which failures do not count')
    .option('--health-retries <N>', 'failures in a row after which it is unwell', wholeNumber(1, 1000))
    .option('--debug', "on the base's debug variant, with a shell")
    .option('--explain', 'only say what it is, what it would be put on, and why')
    .option('--dockerfile', 'only print the equivalent Dockerfile')
    .action(async (path: string | undefined, args: string[], options: PackFlags) => {
      const words = path === undefined ? [] : [path, ...args];
      const { pack } = await import('./commands/pack.ts');
      await pack(words.slice(0, words.length - passed.length), passed, options);
    });
}

/** How the application runs and is watched; the engine's short options are taken by the image's own. */
function runOptions(command: Command): Command {
  return command
    .option('--run', 'load it into an engine and run it, confined, as `pith run` does')
    .option('--watch', 'pack again whenever something changes; with --run, run what is new')
    .addOption(
      new Option(
        '--stop-timeout <SECONDS>',
        'with --watch --run, kill the old program after that time (default: 1)',
      ).argParser(wholeNumber(0, 3600)),
    )
    .addOption(
      new Option('--engine <ENGINE>', 'with --run, the engine (default: the first that works)').choices(
        ENGINES,
      ),
    )
    .option('--publish <PORTS>', 'with --run, publish ports: [[ADDRESS:]PORT:]PORT; repeatable', collect)
    .option('-v, --volume <VOLUME>', 'with --run, mount FOLDER-OR-NAME:PATH[:ro]; repeatable', collect)
    .option('--env-file <FILE>', 'with --run, set the variables that are in a file; repeatable', collect)
    .option('--network <NETWORK>', "with --run, the network (default: the engine's)")
    .option('--name <NAME>', 'with --run, what the container is called')
    .option('--writable', 'with --run, let it write to its root file system')
    .option(
      '--engine-arg <ARG>',
      "with --run, one more argument of the engine's `run`, after those in $PITH_ENGINE_ARGS; repeatable",
      collect,
    );
}

const EXAMPLES: Examples = [
  ['pith pack ./server -t registry.example/server:1.2 --push', 'one program'],
  ['pith pack . -o docker-archive:app.tar', 'a folder, for `docker load`'],
  ['pith pack --run --publish 8080:8080 -- --verbose', 'run what is here, as `pith run` does'],
  ['pith pack --watch --run --publish 8080:8080', 'and again after each change'],
  ['pith pack . --explain', 'what it is and which base would be taken'],
  ['pith pack . --dockerfile > Dockerfile', 'for those who build with podman or Docker'],
  [
    'pith pack . --binary linux/amd64=dist/amd64/server --binary linux/arm64=dist/arm64/server --platform linux/amd64,linux/arm64',
    'one image for two platforms',
  ],
];
