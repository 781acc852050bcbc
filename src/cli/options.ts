import { type Command, Option } from 'commander';
import { PithError } from '../core/index.ts';

/** Command lines with what they are for, which may be empty. */
export type Examples = readonly (readonly [string, string])[];

/** What every command can be told. */
export function common(command: Command, list: Examples, json = 'print JSON'): Command {
  return command
    .option('--json', json)
    .option('-q, --quiet', 'print no progress')
    .option(
      '--cache-dir <DIR>',
      'the cache (default: $PITH_CACHE_DIR, else $XDG_CACHE_HOME/pith, else ~/.cache/pith)',
    )
    .addHelpText('after', examples(list));
}

/** How the archive is reached. */
export function archiveFlags(command: Command): Command {
  return registryFlags(command)
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

/** How registries are talked to. */
export function registryFlags(command: Command): Command {
  return command
    .option('--authfile <FILE>', 'credentials for registries (default: those of podman and Docker)')
    .option(
      '--cert-dir <DIR>',
      'certificates for registries: *.crt, NAME.cert with NAME.key (default: certs.d)',
    )
    .option('--insecure', 'take any certificate of a registry, and plain HTTP');
}

/** How images are made. */
export function formFlags(
  command: Command,
  [platform, what]: readonly [string, string] = [
    '--platform <LIST>',
    'such as linux/amd64,linux/arm64, or all (default: this machine)',
  ],
): Command {
  return command
    .option(platform, what, commaList)
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

/** In which format images are written; for commands that write them. */
export function formatOption(command: Command): Command {
  return command.addOption(
    new Option('--format <FORMAT>', 'of manifests: podman sees health checks in that of Docker only')
      .choices(['oci', 'docker'])
      .default('oci'),
  );
}

/** The end of a command's help. */
export function examples(list: Examples): string {
  const lines = list.map(([line, what]) => `  ${line}${what === '' ? '' : `\n      ${what}`}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

/** Keeps every value of an option that can be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The parts of a list with commas. */
export function commaList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Reads a whole number of an option. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new PithError('USAGE', `${JSON.stringify(text)} is no whole number from ${min} to ${max}`);
  };
}
