import type { Action } from './keys.ts';

/**
 * The row that a key leads to in a list; undefined for a key that does not move.
 * @param at row that is selected
 * @param count rows of the list
 * @param page rows on the screen
 */
export function movedRow(action: Action, at: number, count: number, page: number): number | undefined {
  const row = targetRow(action, at, count, Math.max(1, page - 1));
  return row === undefined ? undefined : Math.max(0, Math.min(row, count - 1));
}

function targetRow(action: Action, at: number, count: number, page: number): number | undefined {
  switch (action) {
    case 'up':
      return at - 1;
    case 'down':
      return at + 1;
    case 'page-up':
      return at - page;
    case 'page-down':
      return at + page;
    case 'first':
      return 0;
    case 'last':
      return count - 1;
    default:
      return undefined;
  }
}

/** The first row on the screen, so that the selected one is on it and no room is left below the last one. */
export function visibleTop(top: number, selected: number, count: number, page: number): number {
  const lowest = Math.max(0, count - page);
  const highest = Math.min(selected, lowest);
  return Math.max(Math.min(top, highest), Math.min(selected - page + 1, lowest), 0);
}
