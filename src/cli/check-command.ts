import { type Command, Option } from 'commander';
import type { CheckFlags } from './flags.ts';
import { commaList, common, type Examples, registryFlags } from './options.ts';

/** `pith check` with its options. */
export function checkCommand(program: Command): void {
  registryFlags(common(program.command('check'), EXAMPLES, 'print JSON (schema/check.schema.json)'))
    .description('look for faults in an image, by rules for images without a shell (docs/checks.md)')
    .argument(
      '[IMAGE]',
      'a location, the path of a layout or an archive, an image of ./images, or a name in a registry',
    )
    .option('--platform <LIST>', 'only these platforms of an index (default: all)', commaList)
    .option('--policy <FILE>', 'which rules count, and how (default: `check:` of ./pith.yaml)')
    .addOption(
      new Option(
        '--fail-on <SEVERITY>',
        'end with exit code 8 if something of this severity, or a worse one, is found',
      )
        .choices(['error', 'warning', 'note', 'never'])
        .default('error'),
    )
    .addOption(
      new Option('--format <FORMAT>', 'how the report is written')
        .choices(['text', 'json', 'sarif', 'junit', 'github'])
        .default('text'),
    )
    .option('-o, --output <FILE>', 'write the report there')
    .option('--all', 'list every place in the text, not only ten of each rule')
    .option('--rules', 'list the rules')
    .option('--explain <RULE>', 'say what a rule looks for, why, and what to do')
    .action(async (image: string | undefined, options: CheckFlags) =>
      (await import('./commands/check.ts')).check(image, options),
    );
}

const EXAMPLES: Examples = [
  ['pith check oci:images:app', 'every platform of an index'],
  ['pith check registry.example/team/app:1 --fail-on warning', 'in CI: exit code 8 for warnings, too'],
  ['pith check app.tar --format sarif -o check.sarif', 'for the code scanning of a forge'],
  ['pith check --explain root-user', ''],
];
