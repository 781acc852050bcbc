import { formatMode, formatSize, formatSizeChange } from '../format.ts';
import type { Report } from '../load.ts';
import type { GridColumn, GridRow, Sorting } from '../parts/grid.tsx';
import { Bar } from '../parts/facts.tsx';
import { imageOf } from '../report.ts';
import { CHANGE_SIGNS } from '../treemap/paint.ts';
import { CHANGE, DIRECTORY, pathOf, textAt, type Tree } from '../tree.ts';

/** What a row is called for screen readers, and coloured by, besides its sign: by place in ENTRY_CHANGES. */
const CHANGE_WORDS = ['', 'added', 'removed', 'other content', 'other mode or owner'] as const;
const CHANGE_TONES = [undefined, 'added', 'removed', 'content', 'metadata'] as const;

export function fileColumns(tree: Tree, isList: boolean): GridColumn[] {
  const columns: (GridColumn | undefined)[] = [
    { id: 'name', title: isList ? 'Path' : 'Name', width: 'minmax(11rem, 4fr)' },
    { id: 'size', title: 'Size', width: '5.5rem', isNumber: true },
    tree.difference ? { id: 'change', title: 'Change', width: '6rem', isNumber: true } : undefined,
    isList ? undefined : { id: 'share', title: 'Share', width: '5rem', room: 'detail', canSort: false },
    isList ? undefined : { id: 'files', title: 'Files', width: '4.5rem', isNumber: true, room: 'detail' },
    { id: 'mode', title: 'Mode', width: '6.5rem', room: 'extra' },
    { id: 'owner', title: 'Owner', width: '5.5rem', room: 'detail' },
    { id: 'layer', title: 'Layer', width: '4rem', isNumber: true, room: 'extra' },
    { id: 'package', title: 'Package', width: 'minmax(6rem, 1.2fr)', room: 'extra' },
  ];
  return columns.filter((column) => column !== undefined);
}

/** `-size` is by size, the largest first. */
export function readSorting(text = 'name'): Sorting {
  return { by: text.replace(/^-/, ''), descending: text.startsWith('-') };
}

export function writeSorting({ by, descending }: Sorting): string | undefined {
  return by === 'name' && !descending ? undefined : `${descending ? '-' : ''}${by}`;
}

/** What entries are ordered by in a column; undefined for their own order, which is by name. */
export function keysFor(tree: Tree, column: string, isList: boolean): ArrayLike<number> | undefined {
  switch (column) {
    case 'size':
      return isList ? tree.sizes : tree.bytes;
    case 'change':
      return tree.bytes.map((bytes, entry) => Math.abs(bytes - (tree.bytesBefore[entry] ?? 0)));
    case 'files':
      return tree.files;
    case 'mode':
      return tree.modes;
    case 'owner':
      return tree.uids.map((uid, entry) => uid * 2 ** 20 + (tree.gids[entry] ?? 0));
    case 'layer':
      return tree.layers;
    case 'package':
      return tree.packages;
    default:
      return undefined;
  }
}

/** One row: cells in the order of {@link fileColumns}. */
export function fileRow(
  report: Report,
  tree: Tree,
  entry: number,
  isList: boolean,
  isExpanded: (folder: number) => boolean,
): GridRow {
  const isFolder = tree.types[entry] === DIRECTORY;
  const isEmpty = tree.ends[entry] === entry + 1;
  const change = tree.difference?.changes[entry] ?? CHANGE.same;
  const link = textAt(tree.links, entry);
  const layer = tree.layers[entry] ?? -1;
  const isRemoved = change === CHANGE.removed;
  const name = (
    <span class="path" title={pathOf(tree, entry)}>
      {change !== CHANGE.same && (
        <>
          <span class="sign" aria-hidden="true">
            {CHANGE_SIGNS[change]}{' '}
          </span>
          <span class="unseen">{CHANGE_WORDS[change]}: </span>
        </>
      )}
      {isList ? pathOf(tree, entry) : textAt(tree.names, entry)}
      {isFolder && '/'}
      {link !== '' && <span class="muted"> → {link}</span>}
    </span>
  );
  const bytes = isList ? (tree.sizes[entry] ?? 0) : (tree.bytes[entry] ?? 0);
  const difference = (tree.bytes[entry] ?? 0) - (tree.bytesBefore[entry] ?? 0);
  return {
    key: entry,
    ...(isList
      ? {}
      : { level: tree.depths[entry] ?? 1, isExpanded: isFolder && !isEmpty ? isExpanded(entry) : undefined }),
    tone: CHANGE_TONES[change],
    cells: [
      name,
      isRemoved && !isFolder ? '–' : formatSize(bytes),
      ...(tree.difference ? [difference === 0 ? '' : formatSizeChange(difference)] : []),
      ...(isList ? [] : [<Bar part={bytes} whole={tree.bytes[tree.parents[entry] ?? 0] ?? 0} />]),
      ...(isList ? [] : [isFolder ? (tree.files[entry] ?? 0).toLocaleString('en') : '']),
      <code>{formatMode(tree.types[entry] ?? 0, tree.modes[entry] ?? 0)}</code>,
      `${tree.uids[entry] ?? 0}:${tree.gids[entry] ?? 0}`,
      layer < 0 ? '' : <span title={imageOf(report, tree, entry).layers[layer]?.createdBy}>{layer + 1}</span>,
      report.packages[tree.packages[entry] ?? -1]?.name ?? '',
    ],
  };
}
