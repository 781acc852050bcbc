import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { complete, completion } from './commands/completion.ts';
import { formatSize, formatTable, formatTime } from './format.ts';
import { createProgram } from './main.ts';
import { createReporter } from './progress.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What `work` writes to standard output. */
async function stdoutOf(work: () => unknown): Promise<string> {
  const parts: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    parts.push(String(text));
    return true;
  });
  await work();
  return parts.join('');
}

/** Help with what `addHelpText` adds. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [619_999, '620 kB'],
    [9_994_999, '9.99 MB'],
    [9_995_000, '10.0 MB'],
    [99_950_000, '100 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.00 GB'],
    [5e15, '5000 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it.each([
    [12.4, '12 ms'],
    [999.4, '999 ms'],
    [1000, '1.0 s'],
    [61_250, '61.3 s'],
  ])('%d milliseconds are %s', (time, text) => {
    expect(formatTime(time)).toBe(text);
  });

  it('stand in columns', () => {
    const table = formatTable(
      [{ title: 'A' }, { title: 'N', right: true }, { title: 'Z' }],
      [
        ['long', '1', 'x'],
        ['s', '22', ''],
      ],
    );
    expect(table).toBe('A      N  Z\nlong   1  x\ns     22\n');
  });
});

describe('the command line', () => {
  const program = createProgram();
  const commands = program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  );

  it('has these commands', () => {
    expect(helpOf(program)).toMatchInlineSnapshot(`
      "Usage: pith [options] [command]

      Builds distroless container images from verified distribution packages: no
      daemon, no shell in the image.

      Options:
        -V, --version                             print the version
        -h, --help                                display help for command

      Commands:
        ls [options]                              list the images of the catalogue
        build [options] [NAME[:VARIANT]...]       build images and write them to layouts, archives or engines
        pack [options] [PATH] [ARG...]            put an application on the smallest image that runs it
        run [options] [IMAGE] [ARG...]            build an image if it has to be, load it into an engine and run it, confined
        lock [options] [NAME...]                  resolve packages and write the lockfile
        update [options] [NAME...]                show what is new, with CVE numbers, and update the lockfile
        show [options] [NAME[:VARIANT]]           say what would be built and why: packages, files, configuration
        check [options] [IMAGE]                   look for faults in an image, by rules for images without a shell (docs/checks.md)
        test [options] <IMAGE>                    run structure tests, those of container-structure-test, on an image (docs/testing.md)
        inspect [options] <IMAGE>                 show what is in an image: layers, waste, packages, programs, users, secrets (docs/inspect.md)
        diff [options] <BEFORE> <AFTER>           show what is different between two images: files, packages, configuration, layers
        compare [options] <IMAGE...>              put images side by side in a table
        copy|cp [options] <SOURCE> <DESTINATION>  copy an image, byte for byte, from one location to another
        push [options] <IMAGE> [NAME]             copy an image of this machine into a registry
        pull [options] <NAME> [DESTINATION]       copy an image of a registry onto this machine
        rebase [options] <IMAGE>                  put an image on a new base, if it works there as it did (docs/rebase.md)
        tags [options] <REPOSITORY>               list the tags of a repository
        digest [options] <IMAGE>                  print the digest that a name stands for
        manifest [options] <IMAGE>                print a manifest or index, byte for byte
        blob [options] <IMAGE> [DIGEST]           print a blob; it was sound if the exit code is 0
        delete [options] <NAME...>                remove tags or manifests from a registry
        login [options] [REGISTRY]                log in to a registry; podman, skopeo and Docker find the credentials, too
        logout [options] [REGISTRY]               forget the credentials for a registry
        cache                                     look at and clean the cache
        completion <SHELL>                        print the completion script of a shell
        help [COMMAND]                            help about a command

      Exit codes: 0 success, 1 unforeseen fault, 2 usage, 3 definition or lockfile, 4 trust, 5 network,
        6 package or image, 7 output or machine, 8 a check said no, 130 interrupted (docs/errors.md)
      "
    `);
  });

  it.each(
    commands.map((command) => [command.name(), command] as const).filter(([name]) => name !== 'complete'),
  )('`%s --help` shows examples', (_name, command) => {
    expect(helpOf(command)).toMatch(/\nExamples:\n {2}\S/);
  });

  it.each(
    commands
      .map((command) => [command.name(), command] as const)
      .filter(([name]) => !name.startsWith('complet')),
  )('`%s` has --json and --quiet', (_name, command) => {
    expect(command.options.map(({ long }) => long)).toEqual(
      expect.arrayContaining(['--json', '--quiet', '--cache-dir']),
    );
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('has a script for %s that asks pith', async (shell) => {
    const script = await stdoutOf(() => {
      completion(shell);
    });
    expect(script).toContain('pith complete --');
  });

  it('says which shells there are', () => {
    expect(() => {
      completion('tcsh');
    }).toThrow(/no completion for "tcsh"/);
  });

  it.each<[string[], string[]]>([
    [['bu'], ['build']],
    [['cache', 'p'], ['prune']],
    [['build', 'static-debian1'], []],
    [['build', '--comp'], ['--compression']],
    [
      ['build', '--compression', ''],
      ['gzip', 'zstd'],
    ],
    [
      ['build', '--platform', 'linux/a'],
      ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
    ],
    [
      ['build', '-o', 'docker-'],
      ['docker-archive:', 'docker-daemon:'],
    ],
    [
      ['run', '--engine', ''],
      ['podman', 'docker', 'nerdctl'],
    ],
    [['completion', 'f'], ['fish']],
    [
      ['nonsense', ''],
      [
        ...['ls', 'build', 'pack', 'run', 'lock', 'update', 'show'],
        ...['check', 'test', 'inspect', 'diff', 'compare'],
        ...[
          'copy',
          'push',
          'pull',
          'rebase',
          'tags',
          'digest',
          'manifest',
          'blob',
          'delete',
          'login',
          'logout',
        ],
        ...['cache', 'completion', 'help'],
      ],
    ],
  ])('%j offers %j', async (words, expected) => {
    vi.stubEnv('PITH_CACHE_DIR', mkdtempSync(join(tmpdir(), 'pith-complete-')));
    const text = await stdoutOf(() => complete(words, createProgram()));
    if (words[1] === 'static-debian1') expect(text.split('\n')).toContain('static-debian13');
    else expect(text.trimEnd().split('\n')).toEqual(expected);
  });
});

describe('progress', () => {
  const reporterTo = (options: {
    quiet?: boolean;
    isTTY?: boolean;
    isCI?: boolean;
  }): { text: () => string; reporter: ReturnType<typeof createReporter> } => {
    const stream = new PassThrough() as PassThrough & { isTTY?: boolean };
    stream.isTTY = options.isTTY ?? false;
    let text = '';
    stream.on('data', (piece: Buffer) => (text += piece.toString()));
    const reporter = createReporter({
      quiet: options.quiet ?? false,
      isCI: options.isCI ?? false,
      stream: stream as unknown as NodeJS.WriteStream,
    });
    return { text: () => text, reporter };
  };

  it('is plain lines where there is no terminal', async () => {
    const { text, reporter } = reporterTo({});
    reporter.report({ kind: 'packages', count: 2 });
    reporter.report({ kind: 'fetch-start', what: 'libc6 2.41 amd64', size: 100 });
    reporter.report({ kind: 'fetch-bytes', bytes: 100 });
    reporter.report({ kind: 'fetch-done', what: 'libc6 2.41 amd64' });
    reporter.report({ kind: 'segment-done', what: 'libc6 2.41 amd64' });
    reporter.report({ kind: 'note', what: 'something to know' });
    reporter.stop();
    await new Promise(setImmediate);
    expect(text()).toBe(
      'pith: fetched libc6 2.41 amd64\npith: made libc6 2.41 amd64 (1 of 2 packages)\npith: something to know\n',
    );
  });

  it('is only notes where it is to be quiet', async () => {
    const { text, reporter } = reporterTo({ quiet: true });
    reporter.report({ kind: 'fetch-done', what: 'x' });
    reporter.report({ kind: 'note', what: 'something to know' });
    reporter.stop();
    await new Promise(setImmediate);
    expect(text()).toBe('pith: something to know\n');
  });

  it('on a terminal leaves nothing of the moving line behind', async () => {
    const { reporter } = reporterTo({ isTTY: true });
    reporter.report({ kind: 'packages', count: 2 });
    reporter.stop();
    await new Promise(setImmediate);
  });
});
