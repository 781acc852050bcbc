import { type Command, Option } from 'commander';
import { ENGINES } from './container-options.ts';
import type { TestFlags } from './flags.ts';
import { collect, commaList, common, type Examples, registryFlags } from './options.ts';

/** `pith test` with its options, named as container-structure-test does. */
export function testCommand(program: Command): void {
  registryFlags(common(program.command('test'), EXAMPLES, 'print JSON, as --output json'))
    .description('run structure tests, those of container-structure-test, on an image (docs/testing.md)')
    .argument(
      '<IMAGE>',
      'a location, the path of a layout or an archive, an image of ./images, or a name in a registry',
    )
    .option('-c, --config <FILE>', 'a file of tests, YAML or JSON; repeatable', collect)
    .option('--init', 'print a first file of tests, made of what the image is')
    .option('--platform <LIST>', 'only these platforms of an index (default: all)', commaList)
    .addOption(
      new Option('-o, --output <FORMAT>', 'how the report is printed')
        .choices(['text', 'json', 'junit'])
        .default('text'),
    )
    .option('--test-report <FILE>', 'also write the report there: JUnit with --output junit, else JSON')
    .option('--junit-suite-name <NAME>', 'what the suite of a JUnit report is called')
    .option('--no-color', 'print no colours')
    .addOption(
      new Option(
        '--engine <ENGINE>',
        'what runs command tests: an engine, or bwrap (bubblewrap) for a sandbox without one (default: the first that works)',
      ).choices([...ENGINES, 'bwrap']),
    )
    .action(async (image: string, options: TestFlags) =>
      (await import('./commands/test.ts')).test(image, options),
    );
}

const EXAMPLES: Examples = [
  ['pith test app.tar -c app.test.yaml', 'of `docker save`; no engine, no unpacking'],
  ['pith test oci:images:app -c base.yaml -c app.yaml', 'every platform of an index'],
  ['pith test registry.example/team/app:1 -c app.yaml --output junit > report.xml', 'for CI'],
  ['pith test --init oci:images:app > app.test.yaml', 'a first file, to be edited'],
];
