import type { ScreenSize, State } from './state.ts';

/** Smaller screens show a note only. */
const MIN_COLUMNS = 20;
const MIN_ROWS = 6;
/** Screens that are not as wide show one pane at a time. */
const TWO_PANES = 60;

/** Where things are on the screen, in cells and rows. */
export interface Layout {
  readonly isTooSmall: boolean;
  /** Width of the left side, 0 if it is not there. */
  readonly left: number;
  /** Width of the right side, 0 if it is not there. */
  readonly right: number;
  /** Rows between the title and the two lines at the bottom, headings too. */
  readonly body: number;
  /** Rows of layers. */
  readonly layers: number;
  /** Rows of details below the layers. */
  readonly details: number;
  /** Rows of a list that takes the whole height of the body: files, packages … */
  readonly list: number;
}

export function layoutOf({ size, focus, view }: Pick<State, 'size' | 'focus' | 'view'>): Layout {
  const { columns, rows }: ScreenSize = size;
  const body = Math.max(0, rows - 3);
  const half = Math.max(1, Math.floor((body - 2) / 2));
  const layers = Math.max(1, Math.min(view.contents.layers.length, half));
  const isWide = columns >= TWO_PANES;
  const left = isWide ? Math.min(60, Math.floor(columns * 0.38)) : focus === 'layers' ? columns : 0;
  return {
    isTooSmall: columns < MIN_COLUMNS || rows < MIN_ROWS,
    left,
    right: isWide ? columns - left - 1 : columns - left,
    body,
    layers,
    details: Math.max(0, body - layers - 2),
    list: Math.max(1, body - 1),
  };
}
