import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openWorkspace, type Workspace } from '../build/index.ts';
import { PithError } from '../core/index.ts';
import type { ArchiveFlags } from './flags.ts';
import { interruptible } from './interruptible.ts';
import { registryOf } from './locations.ts';
import type { Reporter } from './progress.ts';

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
    registry: registryOf(flags),
    ...(reporter ? { onProgress: reporter.report } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** Runs work with a workspace, as interruptible says. */
export async function withWorkspace<Result>(
  flags: ArchiveFlags,
  work: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  return await interruptible(flags, (reporter, signal, atOnce) => {
    const workspace = workspaceOf(flags, reporter, signal);
    atOnce(() => {
      workspace.store.removeTemporary();
    });
    return work(workspace);
  });
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
