import type { InspectSummary } from '../../inspect/index.ts';
import { formatSize, formatTable } from '../format.ts';
import { inspectFacts } from './inspect-facts.ts';
import { firstOf, shown } from './shown.ts';

/** Rows of each table; JSON has all. */
const ROWS = 12;
const LAYERS = 24;

/** A report on an image as text of a screen or two. @param now in milliseconds since 1970 */
export function* inspectText(report: InspectSummary, now: number): Generator<string> {
  yield inspectFacts(report, now);
  yield* section('LAYERS', layersOf(report));
  yield* section('PACKAGES', packagesOf(report));
  yield* section('LARGEST FILES', largestOf(report));
  yield* section('WASTED', wastedOf(report));
  yield* section('TWICE IN THE IMAGE', duplicatesOf(report));
}

function* section(title: string, table: string): Generator<string> {
  if (table !== '') yield `\n${title}\n${table}`;
}

function layersOf({ layers }: InspectSummary): string {
  const rows = layers.map((layer) => [
    String(layer.index + 1),
    formatSize(layer.size),
    formatSize(layer.unpackedSize),
    String(layer.files),
    `+${layer.added} ~${layer.changed} -${layer.removed}`,
    layer.wastedBytes > 0 ? formatSize(layer.wastedBytes) : '',
    shown(layer.createdBy ?? layer.comment ?? '', 60),
  ]);
  const columns = [
    { title: '#', right: true },
    { title: 'SIZE', right: true },
    { title: 'UNPACKED', right: true },
    { title: 'FILES', right: true },
    { title: 'CHANGES' },
    { title: 'WASTED', right: true },
    { title: 'MADE BY' },
  ];
  return layers.length === 0 ? '' : withRest(columns, rows, LAYERS);
}

function packagesOf({ packages }: InspectSummary): string {
  const largest = [...packages].sort((a, b) => sizeOf(b) - sizeOf(a));
  const rows = largest.map((one) => [
    one.type,
    shown(one.name, 40),
    shown(one.version, 30),
    formatSize(sizeOf(one)),
    shown(one.licences.join(', '), 60),
  ]);
  const columns = [
    { title: 'TYPE' },
    { title: 'NAME' },
    { title: 'VERSION' },
    { title: 'SIZE', right: true },
    { title: 'LICENCES' },
  ];
  return rows.length === 0 ? '' : withRest(columns, rows, ROWS);
}

function sizeOf({ size, declaredSize }: InspectSummary['packages'][number]): number {
  return size > 0 ? size : (declaredSize ?? 0);
}

function largestOf({ largest }: InspectSummary): string {
  const rows = largest
    .slice(0, 8)
    .map(({ path, size, layer }) => [formatSize(size), String(layer + 1), shown(path)]);
  const columns = [{ title: 'SIZE', right: true }, { title: 'LAYER', right: true }, { title: 'PATH' }];
  return rows.length === 0 ? '' : formatTable(columns, rows);
}

function wastedOf({ efficiency: { wasted } }: InspectSummary): string {
  const rows = wasted.map(({ path, bytes, copies, removed }) => [
    formatSize(bytes),
    String(copies),
    removed ? 'removed' : 'replaced',
    shown(path),
  ]);
  const columns = [
    { title: 'SIZE', right: true },
    { title: 'COPIES', right: true },
    { title: 'WHY' },
    { title: 'PATH' },
  ];
  return rows.length === 0 ? '' : withRest(columns, rows, ROWS);
}

function duplicatesOf({ duplicates: { groups } }: InspectSummary): string {
  const rows = groups.map(({ size, paths }) => [
    formatSize(size * (paths.length - 1)),
    String(paths.length),
    firstOf(
      paths.map((path) => shown(path)),
      2,
    ),
  ]);
  const columns = [{ title: 'SAVES', right: true }, { title: 'COPIES', right: true }, { title: 'PATHS' }];
  return rows.length === 0 ? '' : withRest(columns, rows, 6);
}

/** A table of the first rows, and a line that says how many more there are. */
function withRest(
  columns: Parameters<typeof formatTable>[0],
  rows: readonly (readonly string[])[],
  limit: number,
): string {
  const more = rows.length - limit;
  return (
    formatTable(columns, rows.slice(0, limit)) +
    (more > 0 ? `… and ${more.toLocaleString('en-US')} more\n` : '')
  );
}
