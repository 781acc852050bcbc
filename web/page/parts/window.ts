import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Rows above and below those that are seen. */
const SPARE = 8;
/** Browsers cut off elements that are higher than this many pixels. */
const MAX_HEIGHT = 15_000_000;

export interface RowWindow {
  /** Numbers of the first row that is drawn, and of the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** Rows that can be scrolled to; fewer than there are only beyond what browsers can do. */
  readonly reachable: number;
  readonly rowHeight: number;
}

/** Height of a row in pixels: more where fingers point. */
function useRowHeight(): number {
  const [query] = useState(() => matchMedia('(pointer: coarse)'));
  return query.matches ? 40 : 28;
}

/** Which rows of a long list are in sight. @param scroller the element that scrolls them */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, count: number): RowWindow {
  const rowHeight = useRowHeight();
  const reachable = Math.min(count, Math.floor(MAX_HEIGHT / rowHeight));
  const [seen, setSeen] = useState({ first: 0, rows: 30 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const update = (): void => {
      const first = Math.floor(element.scrollTop / rowHeight);
      const rows = Math.ceil(element.clientHeight / rowHeight) + 1;
      setSeen((before) => (before.first === first && before.rows === rows ? before : { first, rows }));
    };
    update();
    element.addEventListener('scroll', update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', update);
      observer.disconnect();
    };
  }, [rowHeight]);
  const start = Math.max(0, Math.min(seen.first, reachable - seen.rows) - SPARE);
  return { start, end: Math.min(reachable, start + seen.rows + 2 * SPARE), reachable, rowHeight };
}

/** Scrolls so that a row is in sight, below the heading that stays at the top. */
export function showRow(element: HTMLElement, row: number, rowHeight: number): void {
  const heading = element.firstElementChild?.clientHeight ?? 0;
  const top = row * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (heading + top + rowHeight > element.scrollTop + element.clientHeight)
    element.scrollTop = heading + top + rowHeight - element.clientHeight;
}
