import { safeJson } from '../../core/index.ts';
import { compareImages, type InspectSummary, reportOn } from '../../inspect/index.ts';
import type { CompareFlags } from '../flags.ts';
import { withLocations } from '../locations.ts';
import { openView } from '../open-view.ts';
import { compareText } from '../report/compare-text.ts';
import { compareMarkdown } from '../report/diff-markdown.ts';
import { writePieces } from '../report/write-json.ts';

/** `pith compare`: images side by side. One is in memory at a time. */
export async function compare(names: readonly string[], flags: CompareFlags): Promise<void> {
  const reports = await withLocations(flags, async (context) => {
    const made: InspectSummary[] = [];
    for (const name of names) made.push(reportOn((await openView(name, flags, context)).view, { name }));
    return made;
  });
  const report = compareImages(reports, Date.now());
  if (flags.json) await writePieces([`${safeJson(report, 2)}\n`]);
  else await writePieces(flags.markdown ? compareMarkdown(report) : [compareText(report)]);
}
