import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { PageColumn, PageTable } from '../../../src/page/data.ts';
import { countOf, formatCount, formatSize } from '../format.ts';
import { Grid, type Sorting } from '../parts/grid.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { formatRoute, type Route } from '../route.ts';
import { go } from '../use-route.ts';
import { readSorting, writeSorting } from './file-rows.tsx';

/** Any table, to sort and to filter. */
export function TableView({ table, route }: { readonly table: PageTable; readonly route: Route }) {
  const { values } = route;
  const [chosen, setChosen] = useState(-1);
  const text = (values['q'] ?? '').toLowerCase();
  const sorting = readSorting(values['sort'] ?? '');
  const rows = useMemo(() => {
    const found = table.rows.filter((row) => row.join(' ').toLowerCase().includes(text));
    return sortRows(
      found,
      table.columns.findIndex(({ title }) => title === sorting.by),
      sorting,
    );
  }, [table, text, values['sort']]);
  const change = (more: Readonly<Record<string, string | undefined>>): void => {
    setChosen(-1);
    go(formatRoute(table.id, { ...values, ...more }), true);
  };
  return (
    <div class="browser">
      {table.description !== undefined && <p class="muted">{table.description}</p>}
      <div class="toolbar">
        <SearchField
          label="Filter"
          value={values['q'] ?? ''}
          onChange={(q) => {
            change({ q });
          }}
        />
        <span role="status" class="muted">
          {rows.length === table.rows.length
            ? countOf(rows.length, 'row')
            : `${formatCount(rows.length)} of ${countOf(table.rows.length, 'row')}`}
        </span>
      </div>
      <div class="with-side">
        <Grid
          label={table.title}
          columns={table.columns.map((column) => ({
            id: column.title,
            title: column.title,
            width: isNumeric(column) ? '7rem' : 'minmax(8rem, 1fr)',
            isNumber: isNumeric(column),
          }))}
          count={rows.length}
          row={(index) => ({
            key: index,
            cells: table.columns.map((column, at) => cellOf(column, rows[index]?.[at] ?? '')),
          })}
          sorting={sorting}
          onSort={(next) => {
            change({ sort: writeSorting(next) });
          }}
          chosen={chosen}
          onChoose={setChosen}
          empty={table.rows.length === 0 ? table.empty : 'No row matches.'}
        />
      </div>
    </div>
  );
}

function isNumeric({ kind }: PageColumn): boolean {
  return kind === 'size' || kind === 'number';
}

function cellOf({ kind }: PageColumn, value: string | number): ComponentChildren {
  if (typeof value === 'number') return kind === 'size' ? formatSize(value) : formatCount(value);
  if (kind === 'path')
    return (
      <a class="path" title={value} href={formatRoute('files', { path: `/${value}` })}>
        /{value}
      </a>
    );
  return kind === 'code' ? <code title={value}>{value}</code> : <span title={value}>{value}</span>;
}

function sortRows(rows: PageTable['rows'], column: number, { descending }: Sorting): PageTable['rows'] {
  if (column < 0) return rows;
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [first = '', second = ''] = [a[column], b[column]];
    return first === second ? 0 : sign * (first < second ? -1 : 1);
  });
}
