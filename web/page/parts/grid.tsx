import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { usePrinting } from './printing.ts';
import { showRow, useRowWindow } from './window.ts';

export interface GridColumn {
  readonly id: string;
  readonly title: string;
  /** Of CSS grid: `minmax(8rem, 2fr)`. */
  readonly width: string;
  readonly isNumber?: boolean;
  /** Left out where there is little room (`extra`), or not much (`detail`). */
  readonly room?: 'extra' | 'detail';
  readonly canSort?: boolean;
}

export interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

export interface GridRow {
  readonly key: string | number;
  readonly cells: readonly ComponentChildren[];
  /** Of a tree: from 1, and whether its content is shown, if it has any. */
  readonly level?: number;
  readonly isExpanded?: boolean | undefined;
  readonly tone?: string | undefined;
}

export interface GridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly count: number;
  /** A row that is in sight. */
  row(index: number): GridRow;
  readonly isTree?: boolean;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
  /** The row that is chosen, or -1. */
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  /** Enter, or a click on the chosen row: so a double click too. */
  onOpen?(index: number): void;
  /** Of a tree: the arrow keys to the sides, or a click on the arrow of a row. */
  readonly onExpand?: ((index: number, expand: boolean) => void) | undefined;
  /** What is said where there is no row. */
  readonly empty: string;
}

/** Rows that are printed. */
const PRINTED = 200;
const PAGE = 20;

/**
 * A table or tree of any length, of which only the rows in sight are drawn. One stop for the Tab key; arrows, Home, End and
 * the page keys go through the rows (WAI-ARIA Authoring Practices: grid and treegrid with `aria-activedescendant`).
 */
export function Grid(props: GridProps) {
  const { columns, count, chosen } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const seen = useRowWindow(scroller, count);
  const isPrinting = usePrinting();
  const { rowHeight, reachable } = seen;
  const [start, end] = isPrinting ? [0, Math.min(count, PRINTED)] : [seen.start, seen.end];
  useEffect(() => {
    if (chosen >= 0 && scroller.current) showRow(scroller.current, chosen, rowHeight);
  }, [chosen, count === 0]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as Element).closest('button, a')) return;
    const target = rowForKey(event.key, chosen, reachable);
    if (target !== undefined) props.onChoose(target);
    else if (event.key === 'Enter' && chosen >= 0) (props.onOpen ?? props.onChoose)(chosen);
    else if (event.key === 'ArrowRight' && chosen >= 0) props.onExpand?.(chosen, true);
    else if (event.key === 'ArrowLeft' && chosen >= 0) props.onExpand?.(chosen, false);
    else return;
    event.preventDefault();
  };
  const template = {
    '--columns': widthsOf(columns),
    '--columns-medium': widthsOf(columns.filter(({ room }) => room !== 'detail')),
    '--columns-small': widthsOf(columns.filter(({ room }) => room === undefined)),
  };
  const rows = Array.from({ length: Math.max(0, end - start) }, (_none, at) => start + at);
  return (
    <div
      ref={scroller}
      class="grid"
      role={props.isTree ? 'treegrid' : 'grid'}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-activedescendant={chosen >= start && chosen < end ? `${id}-${chosen}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      style={template}
    >
      <div role="rowgroup" class="grid-head">
        <div role="row" aria-rowindex={1} class="grid-row">
          {columns.map((column) => (
            <Heading key={column.id} column={column} sorting={props.sorting} onSort={props.onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" class="grid-body">
        <div
          role="presentation"
          class="grid-space"
          style={{ height: isPrinting ? 'auto' : `${reachable * rowHeight}px` }}
        >
          {rows.map((index) => (
            <Row
              // Rows that leave the window become those that come in.
              key={index % rows.length}
              id={`${id}-${index}`}
              index={index}
              top={index * rowHeight}
              height={rowHeight}
              grid={props}
            />
          ))}
        </div>
      </div>
      {count === 0 && <p class="empty">{props.empty}</p>}
      {isPrinting && count > PRINTED && (
        <p class="empty">{formatCount(count - PRINTED)} more rows are in the report itself.</p>
      )}
      {!isPrinting && count > reachable && (
        <p class="empty">{formatCount(count - reachable)} more rows: filter to see them.</p>
      )}
    </div>
  );
}

function Heading({
  column,
  sorting,
  onSort,
}: {
  readonly column: GridColumn;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}) {
  const isSorted = sorting.by === column.id;
  const name = classOf(column);
  if (column.canSort === false)
    return (
      <span role="columnheader" class={name}>
        {column.title}
      </span>
    );
  const order = sorting.descending ? 'descending' : 'ascending';
  return (
    <span role="columnheader" class={name} aria-sort={isSorted ? order : 'none'}>
      <button
        type="button"
        onClick={() => {
          onSort({ by: column.id, descending: isSorted ? !sorting.descending : column.isNumber === true });
        }}
      >
        {column.title}
        <span aria-hidden="true" class="arrow">
          {isSorted ? (sorting.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </span>
  );
}

interface RowProps {
  readonly id: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly grid: GridProps;
}

function Row({ id, index, top, height, grid }: RowProps) {
  const { cells, level, isExpanded, tone } = grid.row(index);
  const isChosen = index === grid.chosen;
  return (
    <div
      role="row"
      id={id}
      class={`grid-row${isChosen ? ' chosen' : ''}${tone === undefined ? '' : ` ${tone}`}`}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      aria-level={level}
      aria-expanded={isExpanded}
      style={{ top: `${top}px`, height: `${height}px` }}
      onClick={(event) => {
        const target = event.target as Element;
        if (target.closest('a')) return;
        if (target.closest('.twist')) grid.onExpand?.(index, isExpanded !== true);
        else if (isChosen) grid.onOpen?.(index);
        if (!isChosen) grid.onChoose(index);
      }}
    >
      {grid.columns.map((column, at) => (
        <span key={column.id} role="gridcell" class={classOf(column)}>
          {at === 0 && level !== undefined && (
            <span
              class="twist"
              aria-hidden="true"
              style={{ marginLeft: `${Math.min(level - 1, 24) * 14}px` }}
            >
              {isExpanded === undefined ? '' : isExpanded ? '▾' : '▸'}
            </span>
          )}
          {cells[at]}
        </span>
      ))}
    </div>
  );
}

function classOf({ isNumber, room }: GridColumn): string {
  return `cell${isNumber ? ' number' : ''}${room === undefined ? '' : ` ${room}`}${room === 'detail' ? ' extra' : ''}`;
}

function widthsOf(columns: readonly GridColumn[]): string {
  return columns.map(({ width }) => width).join(' ');
}

/** Where a key leads from a row, or nothing if it is none of those that lead anywhere. */
function rowForKey(key: string, from: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + PAGE,
    PageUp: from - PAGE,
    Home: 0,
    End: count - 1,
  };
  const target = steps[key];
  return target === undefined || count === 0 ? undefined : Math.max(0, Math.min(count - 1, target));
}
