import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openWorkspace, type Workspace } from '../build/index.ts';
import { PithError } from '../core/index.ts';
import type { ArchiveFlags } from './flags.ts';
import { createReporter, type Reporter } from './progress.ts';

/** Archives of the distribution that mirrors can be given for. */
const ARCHIVES: readonly string[] = ['debian', 'debian-security'];

/** A workspace of the flags and the environment. */
export function workspaceOf(flags: ArchiveFlags, reporter?: Reporter, signal?: AbortSignal): Workspace {
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
    registry: {
      ...(flags.authfile === undefined ? {} : { authFile: flags.authfile }),
      ...(flags.certDir === undefined ? {} : { certificates: resolve(flags.certDir) }),
      ...(flags.insecure === undefined ? {} : { insecure: flags.insecure }),
    },
    ...(reporter ? { onProgress: reporter.report } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** Milliseconds that work has to end by itself after an interruption. */
const GRACE = 5000;

/**
 * Runs work with a workspace and a line of progress. Ctrl-C makes it fail with INTERRUPTED and leave nothing behind; the
 * second one, or the end of the grace period, ends the process.
 */
export async function withWorkspace<Result>(
  flags: ArchiveFlags,
  work: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const isCI = Boolean(process.env['CI']);
  const reporter = createReporter({ quiet: flags.quiet ?? false, stream: process.stderr, isCI });
  const controller = new AbortController();
  // Each transfer under way listens to it.
  setMaxListeners(0, controller.signal);
  const workspace = workspaceOf(flags, reporter, controller.signal);
  const endAtOnce = (): void => {
    workspace.store.removeTemporary();
    process.exit(130);
  };
  const interrupted = (): void => {
    if (controller.signal.aborted) endAtOnce();
    controller.abort();
    setTimeout(endAtOnce, GRACE).unref();
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
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
      if (!ARCHIVES.includes(archive)) {
        throw new PithError('USAGE', `there is no archive ${JSON.stringify(archive)}`, {
          hint: `The archives are ${ARCHIVES.join(' and ')}.`,
        });
      }
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
