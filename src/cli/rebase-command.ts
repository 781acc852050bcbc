import type { Command } from 'commander';
import type { RebaseFlags } from './flags.ts';
import { collect, commaList, common, type Examples, registryFlags } from './options.ts';

/** `pith rebase` with its options. */
export function rebaseCommand(program: Command): void {
  registryFlags(common(program.command('rebase'), EXAMPLES))
    .description('put an image on a new base, if it works there as it did (docs/rebase.md)')
    .argument('<IMAGE>', 'a name in a registry, or a location')
    .option('--old <BASE>', 'what it lies on (default: as its annotations say)')
    .option('--new <BASE>', 'what it is to lie on (default: what the name in its annotations stands for now)')
    .option('-o, --output <LOCATION>', 'where to write; repeatable (default: where the image is)', collect)
    .option('--platform <LIST>', 'only these platforms (default: all)', commaList)
    .option('--force', 'also if it is not sound')
    .action(async (name: string, options: RebaseFlags) =>
      (await import('./commands/rebase.ts')).rebase(name, options),
    );
}

const EXAMPLES: Examples = [
  [
    'pith rebase registry.example/team/app:1 --old registry.example/cc-debian13@sha256:… --new registry.example/cc-debian13:latest',
    '',
  ],
  ['pith rebase registry.example/team/app:1 -o oci:out:app', 'bases as the annotations of the image say'],
];
