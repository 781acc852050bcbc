import type { DiffReport } from '../../inspect/index.ts';
import { formatSize, formatTable } from '../format.ts';
import { counted, shown, signed } from './shown.ts';

/** Rows of each table; JSON has all. */
const ROWS = 100;

export type PackageChange = DiffReport['packages'][number];
export type ChangedFile = DiffReport['files']['changed'][number];

/** What is different between two images, as text. */
export function* diffText(report: DiffReport): Generator<string> {
  const { before, after, config, packages, files } = report;
  yield `- ${shown(before.image.name)}  ${before.image.digest}  ${before.image.platform}\n`;
  yield `+ ${shown(after.image.name)}  ${after.image.digest}  ${after.image.platform}\n`;
  for (const line of totalLines(report)) yield `${line}\n`;
  if (report.identical) yield 'Files, packages and configuration are the same.\n';
  yield* section(`CONFIGURATION (${config.length})`, configTable(config));
  yield* section(`PACKAGES (${packages.length})`, packageTable(packages));
  const count = files.added.length + files.removed.length + files.changed.length;
  yield* section(`FILES (${count})`, fileTable(report));
}

function* section(title: string, rows: readonly string[]): Generator<string> {
  if (rows.length > 0) yield `\n${title}\n`;
  yield* rows;
}

/** Sizes and layers in a sentence each. */
export function totalLines({ before, after, layers, files }: DiffReport): string[] {
  const [a, b] = [before.totals, after.totals];
  return [
    `size ${change(a.size, b.size)}, unpacked ${change(a.unpackedSize, b.unpackedSize)}, files ${a.files} → ${b.files}; with folders and links ${files.added.length} added, ${files.removed.length} removed, ${files.changed.length} changed`,
    `layers: ${layers.shared.length} shared (${formatSize(layers.sharedSize)}), ${layers.removed.length} gone, ${layers.added.length} new (${formatSize(layers.addedSize)} to fetch)`,
  ];
}

function change(before: number, after: number): string {
  if (before === after) return formatSize(after);
  return `${formatSize(before)} → ${formatSize(after)} (${signed(formatSize, after - before)})`;
}

function configTable(config: DiffReport['config']): string[] {
  if (config.length === 0) return [];
  const rows = config.map(({ field, before, after }) => [
    shown(field),
    before === undefined ? '' : shown(before, 80),
    after === undefined ? '' : shown(after, 80),
  ]);
  return [formatTable([{ title: 'FIELD' }, { title: 'BEFORE' }, { title: 'AFTER' }], rows)];
}

function packageTable(packages: readonly PackageChange[]): string[] {
  if (packages.length === 0) return [];
  const rows = packages
    .slice(0, ROWS)
    .map((one) => [
      one.change,
      one.type,
      shown(one.name),
      shown(one.before ?? '', 40),
      shown(one.version ?? '', 40),
      sizeChange(one),
    ]);
  const columns = ['CHANGE', 'TYPE', 'NAME', 'BEFORE', 'AFTER'].map((title) => ({ title }));
  return [formatTable([...columns, { title: 'SIZE', right: true }], rows), ...rest(packages.length)];
}

/** By how much the files of a package grew or shrank; empty where that is not known. */
export function sizeChange({ size = 0, sizeBefore = 0 }: PackageChange): string {
  return size === sizeBefore ? '' : signed(formatSize, size - sizeBefore);
}

/** In the order of paths, as diff(1) marks them. */
function fileTable({ files }: DiffReport): string[] {
  const rows = [
    ...files.added.map((file) => ['A', file.path, formatSize(file.size)] as const),
    ...files.removed.map((file) => ['D', file.path, formatSize(file.size)] as const),
    ...files.changed.map((file) => ['C', file.path, changeLine(file)] as const),
  ].sort(([, a], [, b]) => (a < b ? -1 : 1));
  return [
    ...rows.slice(0, ROWS).map(([mark, path, what]) => `${mark} ${shown(path)}  ${what}\n`),
    ...rest(rows.length),
  ];
}

function rest(count: number): string[] {
  return count > ROWS ? [`… and ${(count - ROWS).toLocaleString('en-US')} more (--json has all)\n`] : [];
}

/** All that is different in a file. */
export function changeLine({ what, before, after }: ChangedFile): string {
  const parts = what.map((one) => {
    switch (one) {
      case 'content':
        return before.size === after.size
          ? 'content'
          : `content ${signed(formatSize, after.size - before.size)}`;
      case 'mode':
        return `mode ${before.mode} → ${after.mode}`;
      case 'owner':
        return `owner ${before.uid}:${before.gid} → ${after.uid}:${after.gid}`;
      case 'target':
        return `target ${shown(before.target ?? '')} → ${shown(after.target ?? '')}`;
      case 'type':
        return `${before.type} → ${after.type}`;
      case 'attributes':
        return 'extended attributes';
    }
  });
  return parts.join(', ');
}

/** How many of what kind: `2 upgraded, 1 added`. */
export function packageCounts(packages: readonly PackageChange[]): string {
  const kinds = ['added', 'removed', 'upgraded', 'downgraded', 'changed'] as const;
  const parts = kinds.flatMap((kind) => {
    const { length } = packages.filter((one) => one.change === kind);
    return length > 0 ? [`${length} ${kind}`] : [];
  });
  return parts.length > 0 ? parts.join(', ') : counted(0, 'change');
}
