import { lockImages, type LockReport } from '../../build/index.ts';
import { PithError } from '../../core/index.ts';
import { formatTable } from '../format.ts';
import type { LockFlags } from '../flags.ts';
import { replaceFile } from '../replace-file.ts';
import { localDefinition, withWorkspace } from '../workspace.ts';

/** `pith lock`: writes the lockfile, or with --check says whether it is current. */
export async function lock(names: readonly string[], flags: LockFlags): Promise<void> {
  const local = localDefinition();
  const report = await withWorkspace(flags, (workspace) =>
    lockImages(
      {
        targets: names,
        fallback: local === undefined ? [] : [local],
        platforms: flags.platform,
        lockfile: flags.lockfile,
      },
      workspace,
    ),
  );
  const { changes, isCurrent, text } = report;
  if (!flags.check && !isCurrent) await replaceFile(flags.lockfile, text);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ lockfile: flags.lockfile, isCurrent, changes }, null, 2)}\n`
      : formatReport(report, flags),
  );
  if (flags.check && !isCurrent) {
    throw new PithError('CHECK_FAILED', `${flags.lockfile} is not current`, {
      path: flags.lockfile,
      hint: 'Bring it up to date with `pith lock`.',
    });
  }
}

function formatReport(
  { changes, isCurrent, packages, images }: LockReport,
  { lockfile, check }: LockFlags,
): string {
  const table = formatTable(
    [
      { title: 'IMAGE' },
      { title: 'PLATFORM' },
      { title: 'PACKAGE' },
      { title: 'LOCKED' },
      { title: 'ARCHIVE' },
    ],
    changes.map(({ image, platform, package: name, from = '-', to = '-' }) => [
      image,
      platform,
      name,
      versionOf(from),
      versionOf(to),
    ]),
  );
  const state = isCurrent
    ? `${lockfile} is current`
    : check
      ? `${lockfile} is not current`
      : `wrote ${lockfile}`;
  return `${check && changes.length > 0 ? `${table}\n` : ''}${state}: ${images} images, ${packages} packages\n`;
}

function versionOf(key: string): string {
  return key.split('_')[1] ?? key;
}
