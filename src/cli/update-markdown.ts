import type { UpdatedSource, UpdateReport } from '../build/index.ts';
import { printable } from '../core/index.ts';
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

/** The report of an update in GitHub Flavored Markdown, for the text of a pull request. */
export function formatUpdate(report: UpdateReport, { lockfile, changelog }: UpdatePrint): string {
  const { isCurrent, changes, sources } = report;
  if (isCurrent) return `### ${code(lockfile)} is current\n`;
  const note = sizeNote(report);
  const parts =
    changes.length === 0
      ? []
      : [
          tableOf(changeTable(report)),
          tableOf(imageTable(report)) + (note === '' ? '' : `\n${escape(note)}\n`),
          sources.map((source) => `- ${formatSource(source)}\n`).join(''),
          ...(changelog ? sources.filter(({ entries }) => entries.length > 0).map(formatEntries) : []),
        ];
  parts.push(
    baseLines(report)
      .map(({ name, change }) => `- ${code(name)}: ${escape(change)}\n`)
      .join(''),
  );
  return [
    `### ${code(lockfile)}: ${escape(summaryOf(report))}\n`,
    ...parts.filter((part) => part !== ''),
  ].join('\n');
}

/** Columns of names and versions, which no markup is to change. */
const PLAIN = new Set(['PACKAGE', 'LOCKED', 'ARCHIVE', 'IMAGE']);

function tableOf({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [
    line(columns.map(({ title }) => title.toLowerCase())),
    line(columns.map(({ right }) => (right ? '--:' : '---'))),
    ...rows.map((row) =>
      line(
        row.map((cell, at) =>
          PLAIN.has(columns[at]?.title ?? '') && cell !== '-' ? code(cell) : escape(cell),
        ),
      ),
    ),
  ].join('');
}

function formatSource(source: UpdatedSource): string {
  const { name, from, to, isSecurity } = source;
  const versions = `${code(name)} ${code(from)} → ${code(to)}`;
  return `${versions}${isSecurity ? ' (security)' : ''}: ${escape(sourceSummary(source))}`;
}

function formatEntries({ name, entries }: UpdatedSource): string {
  const text = entries
    .map(({ version, distributions, text: changes }) => `${version} ${distributions}\n\n${changes}\n`)
    .join('\n');
  const ticks = Array.from(text.matchAll(/`+/g), ([run]) => run.length);
  const fence = '`'.repeat(Math.max(2, ...ticks) + 1);
  return `<details><summary>changelog of ${escape(name)}</summary>\n\n${fence}\n${printable(text)}${fence}\n\n</details>\n`;
}

/** A code span, also within a table. */
function code(text: string): string {
  return `\`${printable(text).replace(/[`\n]/g, "'").replaceAll('|', '\\|')}\``;
}

function escape(text: string): string {
  return printable(text)
    .replace(/[\\|`*_~<>[\]#@]/g, '\\$&')
    .replaceAll('\n', ' ');
}
