import { type Command, Option } from 'commander';
import type { Runner } from '../location/index.ts';
import { collect } from './options.ts';

export const ENGINES: readonly Runner[] = ['podman', 'docker', 'nerdctl'];

/** The options of `pith run` that say how the container runs, as engines call them. */
export function containerOptions(command: Command): Command {
  return command
    .addOption(new Option('--engine <ENGINE>', 'the engine (default: the first that works)').choices(ENGINES))
    .option('-e, --env <NAME[=VALUE]>', 'set a variable, or pass it on; repeatable', collect)
    .option('--env-file <FILE>', 'set the variables that are in a file; repeatable', collect)
    .option('-p, --publish <PORTS>', 'publish ports: [[ADDRESS:]PORT:]PORT; repeatable', collect)
    .option('-v, --volume <VOLUME>', 'mount FOLDER-OR-NAME:PATH[:ro]; repeatable', collect)
    .option('--network <NETWORK>', "the network (default: the engine's)")
    .option('--user <USER[:GROUP]>', "the user (default: the image's, but 65532 in place of root)")
    .option('--workdir <PATH>', 'the working folder')
    .option('--entrypoint <PROGRAM>', "the program in place of the image's")
    .option('--name <NAME>', 'what the container is called')
    .option('-d, --detach', 'leave it running, and print its ID')
    .option('--writable', 'let it write to its root file system')
    .option(
      '--engine-arg <ARG>',
      "one more argument of the engine's `run`, after those in $PITH_ENGINE_ARGS; repeatable",
      collect,
    );
}
