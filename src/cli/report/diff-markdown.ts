import type { CompareReport, DiffReport } from '../../inspect/index.ts';
import { formatSize } from '../format.ts';
import { compareRows } from './compare-text.ts';
import { changeLine, packageCounts, sizeChange, totalLines } from './diff-text.ts';
import { shown } from './shown.ts';

/** Rows of each table: platforms cut longer comments off. */
const ROWS = 200;

/** What is different between two images, for a pull request: a summary, and tables that unfold. */
export function* diffMarkdown(report: DiffReport): Generator<string> {
  const { before, after, config, packages, files } = report;
  yield `### ${cell(before.image.name)} → ${cell(after.image.name)}\n\n`;
  yield* table(
    ['', 'before', 'after'],
    [
      ['digest', code(before.image.digest), code(after.image.digest)],
      ['platform', before.image.platform, after.image.platform],
      ['size', formatSize(before.totals.size), formatSize(after.totals.size)],
      ['unpacked', formatSize(before.totals.unpackedSize), formatSize(after.totals.unpackedSize)],
      ['files', String(before.totals.files), String(after.totals.files)],
      ['layers', String(before.totals.layers), String(after.totals.layers)],
    ],
  );
  yield `\n${totalLines(report)[1] ?? ''}\n`;
  if (report.identical) yield '\nFiles, packages and configuration are the same.\n';
  yield* details(
    `Configuration: ${config.length} changed`,
    ['field', 'before', 'after'],
    config.map((one) => [code(one.field), code(one.before ?? ''), code(one.after ?? '')]),
  );
  yield* details(
    `Packages: ${packageCounts(packages)}`,
    ['change', 'type', 'package', 'before', 'after', 'size'],
    packages.map((one) => [
      one.change,
      one.type,
      code(one.name),
      code(one.before ?? ''),
      code(one.version ?? ''),
      sizeChange(one),
    ]),
  );
  const rows = [
    ...files.added.map(({ path, size }) => [path, 'added', formatSize(size)] as const),
    ...files.removed.map(({ path, size }) => [path, 'removed', formatSize(size)] as const),
    ...files.changed.map((file) => [file.path, 'changed', changeLine(file)] as const),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  yield* details(
    `Files: ${files.added.length} added, ${files.removed.length} removed, ${files.changed.length} changed`,
    ['path', '', 'what'],
    rows.map(([path, kind, what]) => [code(path), kind, cell(what)]),
  );
}

/** Images side by side as a table of Markdown. */
export function* compareMarkdown(report: CompareReport): Generator<string> {
  const [titles = [], ...rows] = compareRows(report);
  yield* table(
    titles.map(cell),
    rows.map((row) => row.map(cell)),
  );
}

function* details(
  title: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): Generator<string> {
  if (rows.length === 0) return;
  yield `\n<details><summary>${title}</summary>\n\n`;
  yield* table(titles, rows.slice(0, ROWS));
  if (rows.length > ROWS) yield `\n… and ${rows.length - ROWS} more\n`;
  yield '\n</details>\n';
}

function* table(titles: readonly string[], rows: readonly (readonly string[])[]): Generator<string> {
  yield `| ${titles.join(' | ')} |\n|${titles.map(() => ' --- |').join('')}\n`;
  for (const row of rows) yield `| ${row.join(' | ')} |\n`;
}

/** Text from outside in a cell: nothing in it is Markdown or HTML. */
function cell(text: string): string {
  return shown(text).replace(/[\\`*_{}[\]<>()#|~&@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function code(text: string): string {
  return text === '' ? '' : `<code>${cell(text)}</code>`;
}
