import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openWorkspace, type Workspace } from '../build/index.ts';
import { PithError } from '../core/index.ts';
import type { ArchiveFlags } from './flags.ts';
import { createReporter, type Reporter } from './progress.ts';

/** A workspace of the flags and the environment. */
export function workspaceOf(flags: ArchiveFlags, reporter?: Reporter): Workspace {
  return openWorkspace({
    env: process.env,
    ...(flags.cacheDir === undefined ? {} : { cacheFolder: flags.cacheDir }),
    ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
    archive: {
      mirrors: parseMirrors(flags.mirror ?? []),
      keyrings: (flags.keyring ?? []).map((file) => resolve(file)),
      offline: flags.offline ?? false,
      checkValidUntil: flags.checkValidUntil ?? true,
      allowOlder: flags.allowOlder ?? false,
      skipUnavailable: flags.skipUnavailable ?? false,
      ...(flags.refresh ? { maxAge: 0 } : {}),
    },
    ...(reporter ? { onProgress: reporter.report } : {}),
  });
}

/** Runs work with a workspace and a line of progress; Ctrl-C ends it and leaves nothing behind. */
export async function withWorkspace<Result>(
  flags: ArchiveFlags,
  work: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const isCI = Boolean(process.env['CI']);
  const reporter = createReporter({ quiet: flags.quiet ?? false, stream: process.stderr, isCI });
  const workspace = workspaceOf(flags, reporter);
  const interrupted = (): void => {
    reporter.stop();
    workspace.store.removeTemporary();
    process.stderr.write('pith: interrupted\n');
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await work(workspace);
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    reporter.stop();
  }
}

/** `URL` is the main archive, `ARCHIVE=URL` any. */
function parseMirrors(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const [, archive = 'debian', url = ''] = /^(?:([a-z-]+)=)?(.+)$/.exec(value) ?? [];
      if (/^(https?|file):\/\//.test(url)) return [archive, url] as const;
      throw new PithError('USAGE', `${JSON.stringify(value)} is no mirror`, {
        hint: 'Write an http, https or file address, or ARCHIVE=ADDRESS.',
      });
    }),
  );
}

/** The definition file of the current folder, if there is one. */
export function localDefinition(): string | undefined {
  return existsSync('pith.yaml') ? './pith.yaml' : undefined;
}
