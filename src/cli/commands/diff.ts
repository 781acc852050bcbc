import { safeJson } from '../../core/index.ts';
import { diffImages, loadCompareVersions, reportOn } from '../../inspect/index.ts';
import type { DiffFlags } from '../flags.ts';
import { withLocations } from '../locations.ts';
import { openView } from '../open-view.ts';
import { replaceFile } from '../replace-file.ts';
import { diffMarkdown } from '../report/diff-markdown.ts';
import { diffText } from '../report/diff-text.ts';
import { writePieces } from '../report/write-json.ts';

/** `pith diff`: what is different between two images. */
export async function diff(before: string, after: string, flags: DiffFlags): Promise<void> {
  const { old, now, findings } = await withLocations(flags, async (context) => {
    const views = { old: await openView(before, flags, context), now: await openView(after, flags, context) };
    if (flags.html === undefined) return { ...views, findings: [] };
    const { pageFindings } = await import('../report/page-findings.ts');
    return { ...views, findings: await pageFindings(views.now, context) };
  });
  const report = diffImages(old, now, await loadCompareVersions());
  if (flags.html !== undefined) {
    const [{ renderPage }, { diffPage }] = await Promise.all([
      import('../page.ts'),
      import('../report/page-data.ts'),
    ]);
    const sides = [old, now].map(({ name, view }) => ({ view, report: reportOn(view, { name }) }));
    const [one, other] = sides;
    if (one && other)
      await replaceFile(flags.html, renderPage({ ...diffPage(one, other, report), findings }));
  } else if (flags.json) await writePieces([`${safeJson(report, 2)}\n`]);
  else await writePieces(flags.markdown ? diffMarkdown(report) : diffText(report));
  if (flags.exitCode && !report.identical) process.exitCode = 1;
}
