import { update as updateLockfile, type UpdateReport } from '../../build/index.ts';
import { PithError } from '../../core/index.ts';
import type { UpdateFlags } from '../flags.ts';
import { replaceFile } from '../replace-file.ts';
import { withWorkspace } from '../workspace.ts';

/** `pith update`: prints what changes in the lockfile, and then, unless told otherwise, writes it. */
export async function update(names: readonly string[], flags: UpdateFlags): Promise<void> {
  const { lockfile, check = false, dryRun = false } = flags;
  const report = await withWorkspace(flags, (workspace) => updateLockfile({ names, lockfile }, workspace));
  const { isCurrent, text } = report;
  await print(await format(report, flags));
  if (isCurrent) return;
  if (check) {
    throw new PithError('CHECK_FAILED', `${lockfile} is not current`, {
      path: lockfile,
      hint: 'Bring it up to date with `pith update`.',
    });
  }
  if (!dryRun) await replaceFile(lockfile, text);
  if (!flags.quiet)
    process.stderr.write(`pith: ${dryRun ? `left ${lockfile} as it is` : `wrote ${lockfile}`}\n`);
}

async function format(report: UpdateReport, flags: UpdateFlags): Promise<string> {
  const { lockfile, changelog = false } = flags;
  if (flags.json) {
    const { isCurrent, changes, sources, cves, images } = report;
    return `${JSON.stringify({ lockfile, isCurrent, changes, sources, cves, images }, null, 2)}\n`;
  }
  const { formatUpdate } =
    flags.format === 'markdown' ? await import('../update-markdown.ts') : await import('../update-text.ts');
  return formatUpdate(report, { lockfile, changelog });
}

/** Ends when the text has left the process: it is to be seen before the file changes. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
