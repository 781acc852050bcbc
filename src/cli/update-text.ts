import type { UpdatedSource, UpdateReport } from '../build/index.ts';
import { printable } from '../core/index.ts';
import { formatTable } from './format.ts';
import {
  baseLines,
  changeTable,
  imageTable,
  sizeNote,
  sourceSummary,
  summaryOf,
  type Table,
  type UpdatePrint,
} from './update-rows.ts';

/** The report of an update for a terminal or a log. */
export function formatUpdate(report: UpdateReport, { lockfile, changelog }: UpdatePrint): string {
  const { isCurrent, changes, sources, images } = report;
  if (isCurrent) return `${lockfile} is current: ${images.length} images\n`;
  const note = sizeNote(report);
  const parts =
    changes.length === 0
      ? []
      : [
          tableOf(changeTable(report)),
          tableOf(imageTable(report)) + (note === '' ? '' : `(${note})\n`),
          sources.map((source) => formatSource(source, changelog)).join(changelog ? '\n' : ''),
        ];
  parts.push(
    baseLines(report)
      .map(({ name, change }) => `${name}: ${change}\n`)
      .join(''),
  );
  return [...parts.filter((part) => part !== ''), `${lockfile}: ${summaryOf(report)}\n`].join('\n');
}

function tableOf({ columns, rows }: Table): string {
  return formatTable(columns, rows);
}

function formatSource(source: UpdatedSource, changelog: boolean): string {
  const { name, from, to, isSecurity, entries } = source;
  const versions = printable(`${name} ${from} → ${to}`);
  const head = `${versions}${isSecurity ? ' (security)' : ''}: ${sourceSummary(source)}\n`;
  if (!changelog) return head;
  const texts = entries.map(({ version, distributions, urgency, date = '', text }) => {
    const about = [version, distributions, urgency, date].filter((part) => part !== '').join(', ');
    return `\n  ${printable(about)}\n\n${text.replace(/^(?=.)/gm, '  ')}\n`;
  });
  return head + texts.join('');
}
