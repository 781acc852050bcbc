import { type Command, Option } from 'commander';
import type { CompareFlags, DiffFlags, InspectFlags } from './flags.ts';
import { collect, common, type Examples, registryFlags } from './options.ts';

const IMAGE = 'a location, the path of a layout or an archive, an image of ./images, or a name in a registry';

/** What `--json=dive` is for commander, to which an optional value of --json would be the name of the image. */
const DIVE_FLAG = '--dive';

/** The arguments with `--json=FORM` as commander can take it. */
export function plainArguments(argv: readonly string[]): string[] {
  return argv.flatMap((word) => (word === '--json=dive' ? ['--json', DIVE_FLAG] : [word]));
}

/** The commands that look into images. */
export function inspectionCommands(program: Command): void {
  imageFlags(
    common(
      program.command('inspect'),
      INSPECT_EXAMPLES,
      'print JSON (schema/inspect.schema.json); --json=dive: as dive writes it',
    ),
  )
    .description(
      'show what is in an image: layers, waste, packages, programs, users, secrets (docs/inspect.md)',
    )
    .argument('<IMAGE>', IMAGE)
    .addOption(new Option(DIVE_FLAG).hideHelp())
    .option('--files', 'list the files, too')
    .option('--html <FILE>', 'write a page that opens offline')
    .option('--summary', 'print text on a terminal, too, where a view to move in would open')
    .option('--base <LOCATION>', 'images that it may lie on, besides those of ./images; repeatable', collect)
    .action(async (name: string, options: InspectFlags) =>
      (await import('./commands/inspect.ts')).inspect(name, options),
    );
  imageFlags(common(program.command('diff'), DIFF_EXAMPLES))
    .description('show what is different between two images: files, packages, configuration, layers')
    .argument('<BEFORE>', IMAGE)
    .argument('<AFTER>', 'likewise')
    .option('--markdown', 'print Markdown, for a pull request')
    .option('--html <FILE>', 'write a page that opens offline')
    .option('--exit-code', 'end with exit code 1 if there is a difference, as git diff does')
    .action(async (before: string, after: string, options: DiffFlags) =>
      (await import('./commands/diff.ts')).diff(before, after, options),
    );
  imageFlags(common(program.command('compare'), COMPARE_EXAMPLES))
    .description('put images side by side in a table')
    .argument('<IMAGE...>', IMAGE)
    .option('--markdown', 'print Markdown')
    .action(async (names: string[], options: CompareFlags) =>
      (await import('./commands/compare.ts')).compare(names, options),
    );
}

function imageFlags(command: Command): Command {
  return registryFlags(command).option(
    '--platform <PLATFORM>',
    'of an index, the image for this platform (default: this machine)',
  );
}

const INSPECT_EXAMPLES: Examples = [
  ['pith inspect registry.example/team/app:1', 'any registry, without pulling'],
  ['pith inspect app.tar', 'of `docker save` or `podman save`'],
  [
    "pith inspect static-debian13:nonroot --json | jq '.packages[].purl'",
    'an image of ./images, for scripts',
  ],
  ['pith inspect oci:images:app --html report.html --platform linux/arm64', ''],
];
const DIFF_EXAMPLES: Examples = [
  ['pith diff registry.example/app:1 registry.example/app:2', ''],
  ['pith diff app-before.tar app-after.tar --markdown >> "$GITHUB_STEP_SUMMARY"', 'in CI'],
  ['pith diff oci:images:app docker-daemon:app:latest --exit-code', 'exit code 1 if they are different'],
];
const COMPARE_EXAMPLES: Examples = [
  ['pith compare debian:13-slim alpine:3 registry.example/distroless/static:nonroot', ''],
  ['pith compare --markdown static-debian13 base-debian13 cc-debian13', 'images of ./images'],
];
