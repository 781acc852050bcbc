import { type Command, Option } from 'commander';
import type { PackFlags } from './flags.ts';
import { archiveFlags, collect, common, type Examples, formFlags } from './options.ts';

/** `pith pack` with its options. */
export function packCommand(program: Command): void {
  formFlags(archiveFlags(common(program.command('pack'), EXAMPLES)))
    .description('put an application on the smallest image that runs it')
    .argument('[PATH]', 'a program, or the folder of an application', '.')
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
    .option('--debug', "on the base's debug variant, with a shell")
    .option('--explain', 'only say what it is, what it would be put on, and why')
    .action(async (path: string, options: PackFlags) =>
      (await import('./commands/pack.ts')).pack(path, options),
    );
}

const EXAMPLES: Examples = [
  ['pith pack ./server -t registry.example/server:1.2 --push', 'one program'],
  ['pith pack . -o docker-archive:app.tar', 'a folder, for `docker load`'],
  ['pith pack . --explain', 'what it is and which base would be taken'],
  [
    'pith pack . --binary linux/amd64=dist/amd64/server --binary linux/arm64=dist/arm64/server --platform linux/amd64,linux/arm64',
    'one image for two platforms',
  ],
];
